import { IntlMessageFormat } from 'intl-messageformat';
import { en, type MessageKey } from './catalogue/en.ts';
import { ru } from './catalogue/ru.ts';
import { zh } from './catalogue/zh.ts';
import type { Locale } from './locale.ts';

export type { MessageKey };

/** All of Keepline's own texts by language and key, in ICU MessageFormat. */
export const catalogues: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, ru, zh };

type Values = Readonly<Record<string, string | number>>;
type Formatter = (values?: Values) => string;

const compiled: Record<Locale, Map<MessageKey, Formatter>> = { en: new Map(), ru: new Map(), zh: new Map() };

/** Matches a message with plain placeholders only: no select, no plural, and no apostrophe that acts as a quote. */
const PLACEHOLDERS_ONLY = /^(?:[^{}']|'(?![{}'])|\{\w+\})*$/;

/** Joins two parts of a text. */
type Join = (left: string, right: string) => string;

const HAN_OR_PUNCTUATION = /[\p{Script=Han}\u3000-\u303f\uff01-\uff65“”]/u;
const HAN = /\p{Script=Han}/u;
const LATIN = /[A-Za-z]/;

/**
 * Chinese puts a space between its characters and Latin letters, but none between its own; a message cannot know which
 * of them a value ends in. Around digits the message's own spacing stays: a number has a space before it, a date none.
 */
function joinChinese(left: string, right: string): string {
  const before = left.endsWith(' ') ? left.slice(0, -1) : left;
  const after = right.startsWith(' ') ? right.slice(1) : right;
  const [end = '', start = ''] = [before.at(-1), after[0]];
  if (before !== left || after !== right) {
    return HAN_OR_PUNCTUATION.test(end) && HAN_OR_PUNCTUATION.test(start) ? before + after : left + right;
  }
  const needsSpace = (HAN.test(end) && LATIN.test(start)) || (LATIN.test(end) && HAN.test(start));
  return needsSpace ? `${left} ${right}` : left + right;
}

/** After an abbreviation with its own full stop, such as «долл.», drops the full stop of the sentence. */
const joinSpaced: Join = (left, right) =>
  left + (left.endsWith('.') && /^\.(?!\.)/.test(right) ? right.slice(1) : right);

const JOINS: Readonly<Record<Locale, Join>> = { en: joinSpaced, ru: joinSpaced, zh: joinChinese };

/** Fills placeholders as MessageFormat would, about twenty times as fast; most messages have nothing else. */
function placeholderFormatter(message: string, join: Join): Formatter {
  const [first = '', ...rest] = message.split(/\{(\w+)\}/);
  return (values) => {
    let text = first;
    for (let index = 0; index < rest.length; index += 2) {
      const value = values?.[rest[index] as string];
      if (value === undefined) throw new RangeError(`"${message}" is said without its {${rest[index]}}`);
      text = join(join(text, `${value}`), rest[index + 1] as string);
    }
    return text;
  };
}

function compile(message: string, locale: Locale): Formatter {
  const join = JOINS[locale];
  if (PLACEHOLDERS_ONLY.test(message)) return placeholderFormatter(message, join);
  const format = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true });
  if (locale !== 'zh') return (values) => format.format(values) as string;
  return (values) => format.formatToParts(values).reduce((text, { value }) => join(text, `${value}`), '');
}

/**
 * A text in a language. Dates and money must be formatted before (`formatDate`, `formatMoney`), numbers are written
 * plainly: only the plural rules depend on the machine's ICU data.
 * @throws RangeError or MessageFormat's own error if a value that the message names is missing.
 */
export function say(locale: Locale, key: MessageKey, values?: Values): string {
  let program = compiled[locale].get(key);
  if (!program) {
    program = compile(catalogues[locale][key], locale);
    compiled[locale].set(key, program);
  }
  return program(values);
}
