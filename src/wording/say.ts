import { IntlMessageFormat } from 'intl-messageformat';
import { en, type MessageKey } from './catalogue/en.ts';
import { ru } from './catalogue/ru.ts';
import { zh } from './catalogue/zh.ts';
import type { Locale } from './locale.ts';

export type { MessageKey };

/** Every text of Keepline's own, by language and key, in ICU MessageFormat. */
export const catalogues: Readonly<Record<Locale, Readonly<Record<MessageKey, string>>>> = { en, ru, zh };

type Values = Readonly<Record<string, string | number>>;
type Formatter = (values?: Values) => string;

const compiled: Record<Locale, Map<MessageKey, Formatter>> = { en: new Map(), ru: new Map(), zh: new Map() };

/** A message that only has gaps to fill: no choice, no plural, and no apostrophe that would quote a brace or itself. */
const PLACEHOLDERS_ONLY = /^(?:[^{}']|'(?![{}'])|\{\w+\})*$/;

/** How two parts of a text are put together. */
type Join = (left: string, right: string) => string;

const HAN_OR_PUNCTUATION = /[\p{Script=Han}\u3000-\u303f\uff01-\uff65“”]/u;
const HAN = /\p{Script=Han}/u;
const LATIN = /[A-Za-z]/;

/**
 * Chinese parts its characters from Latin letters by a space, and from each other by none; a message cannot know which
 * of them will fill its gap. Digits stay as the message has them: a number has a space before it, a date has none.
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

/** A word cut short, as «долл.», ends a sentence by its own full stop. */
const joinSpaced: Join = (left, right) =>
  left + (left.endsWith('.') && /^\.(?!\.)/.test(right) ? right.slice(1) : right);

const JOINS: Readonly<Record<Locale, Join>> = { en: joinSpaced, ru: joinSpaced, zh: joinChinese };

/** Fills gaps as MessageFormat would, some twenty times as fast; most messages have nothing else. */
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
