import { IntlMessageFormat } from 'intl-messageformat';
import { en, type MessageKey } from './catalogue/en.ts';
import { ru } from './catalogue/ru.ts';
import { zh } from './catalogue/zh.ts';
import type { Locale } from './locale.ts';

export type { MessageKey };

/** Every text of Keepline's own, by language and key, in ICU MessageFormat. */
export const catalogues: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, ru, zh };

const compiled: Record<Locale, Map<MessageKey, string | IntlMessageFormat>> = {
  en: new Map(),
  ru: new Map(),
  zh: new Map(),
};

function compile(locale: Locale, key: MessageKey): string | IntlMessageFormat {
  const message = catalogues[locale][key];
  const program = message.includes('{')
    ? new IntlMessageFormat(message, locale, undefined, { ignoreTag: true })
    : message;
  compiled[locale].set(key, program);
  return program;
}

/**
 * A text in a language. Numbers are written as they are, dates and money come formatted (`formatDate`,
 * `formatMoney`): nothing here depends on the ICU data of the machine but the plural rules.
 * Throws where a value that the message names is not given.
 */
export function say(
  locale: Locale,
  key: MessageKey,
  values?: Readonly<Record<string, string | number>>,
): string {
  const program = compiled[locale].get(key) ?? compile(locale, key);
  return typeof program === 'string' ? program : (program.format(values) as string);
}
