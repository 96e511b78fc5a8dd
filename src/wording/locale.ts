import type { Locale } from '../vocabulary.ts';

/** The languages that the catalogues speak. */
export { LOCALES, type Locale } from '../vocabulary.ts';

/** A language as HTML's `lang` names it: our Chinese is written in simplified characters. */
export const LANGUAGE_TAGS: Readonly<Record<Locale, string>> = { en: 'en', ru: 'ru', zh: 'zh-Hans' };
