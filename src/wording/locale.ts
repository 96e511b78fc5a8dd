import type { Locale } from '../vocabulary.ts';

/** The languages of the catalogues. */
export { LOCALES, type Locale } from '../vocabulary.ts';

/** The language tag for HTML's `lang`; the Chinese texts use simplified characters. */
export const LANGUAGE_TAGS: Readonly<Record<Locale, string>> = { en: 'en', ru: 'ru', zh: 'zh-Hans' };
