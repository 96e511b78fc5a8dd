import { IntlMessageFormat } from 'intl-messageformat';
import { en, type MessageKey } from './catalogue/en.ts';
import { ru } from './catalogue/ru.ts';
import { zh } from './catalogue/zh.ts';
import type { Locale } from './locale.ts';

export type { MessageKey };

/** Every text of Keepline's own, by language and key, in ICU MessageFormat. */
export const catalogues: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, ru, zh };

type Values = Readonly<Record<string, string | number>>;
type Program = (values?: Values) => string;

const compiled: Record<Locale, Map<MessageKey, Program>> = { en: new Map(), ru: new Map(), zh: new Map() };

/** A message that only has gaps to fill: no choice, no plural, and no apostrophe that would quote a brace or itself. */
const WITH_GAPS = /^(?:[^{}']|'(?![{}'])|\{\w+\})*$/;

/** Fills gaps as MessageFormat would, some twenty times as fast; most messages have nothing else. */
function fillGaps(message: string): Program {
  const [first = '', ...rest] = message.split(/\{(\w+)\}/);
  return (values) => {
    let text = first;
    for (let index = 0; index < rest.length; index += 2) {
      const value = values?.[rest[index] as string];
      if (value === undefined) throw new RangeError(`"${message}" is said without its {${rest[index]}}`);
      const next = rest[index + 1] as string;
      // A word cut short, as «долл.», ends a sentence by its own full stop.
      text += value + (/^\.(?!\.)/.test(next) && `${value}`.endsWith('.') ? next.slice(1) : next);
    }
    return text;
  };
}

function compile(message: string, locale: Locale): Program {
  if (WITH_GAPS.test(message)) return fillGaps(message);
  const format = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true });
  return (values) => format.format(values) as string;
}

/**
 * A text in a language. Numbers are written as they are, dates and money come formatted (`formatDate`,
 * `formatMoney`): nothing here depends on the ICU data of the machine but the plural rules.
 * Throws where a value that the message names is not given.
 */
export function say(locale: Locale, key: MessageKey, values?: Values): string {
  let program = compiled[locale].get(key);
  if (!program) {
    program = compile(catalogues[locale][key], locale);
    compiled[locale].set(key, program);
  }
  return program(values);
}
