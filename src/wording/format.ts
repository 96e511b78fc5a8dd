/**
 * Formats dates, money, lists and phone numbers without Intl: its output changes with ICU data, a feed's bytes must
 * not.
 */
import { civil, type Day, parseDay } from '../retention/day.ts';
import { type Amount, formatAmount } from '../retention/money.ts';
import { dateInZone, timeInZone } from '../retention/zone.ts';
import type { Locale } from './locale.ts';

/** `space` separates two sentences, `stop` ends one. */
type Punctuation = Readonly<
  Record<'colon' | 'comma' | 'semicolon' | 'dash' | 'open' | 'close' | 'stop' | 'space', string>
>;
const SPACED: Punctuation = {
  colon: ': ',
  comma: ', ',
  semicolon: '; ',
  dash: ' — ',
  open: ' (',
  close: ')',
  stop: '.',
  space: ' ',
};

/** The marks that join two texts, with the spaces that the language puts around them. */
export const PUNCTUATION: Readonly<Record<Locale, Punctuation>> = {
  en: SPACED,
  ru: SPACED,
  zh: {
    colon: '：',
    comma: '，',
    semicolon: '；',
    dash: '——',
    open: '（',
    close: '）',
    stop: '。',
    space: '',
  },
};

const MONTHS = {
  en: 'January February March April May June July August September October November December'.split(' '),
  // Genitive after the number of a day, nominative for a month by itself.
  ru: 'января февраля марта апреля мая июня июля августа сентября октября ноября декабря'.split(' '),
  ru_alone: 'январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь'.split(' '),
};

/** A day as `1 April 2026`, `1 апреля 2026`, `2026年4月1日`. */
export function formatDate(locale: Locale, day: Day): string {
  const { year } = civil(day);
  return locale === 'zh'
    ? `${year}年${formatDayMonth(locale, day)}`
    : `${formatDayMonth(locale, day)} ${year}`;
}

/** A day without its year: `1 April`, `1 апреля`, `4月1日`. */
export function formatDayMonth(locale: Locale, day: Day): string {
  const { month, date } = civil(day);
  return locale === 'zh' ? `${month}月${date}日` : `${date} ${MONTHS[locale][month - 1]}`;
}

/** A moment as the clocks of a zone show it: `1 April 2026, 09:30`, `2026年4月1日 09:30`. */
export function formatMoment(locale: Locale, moment: Date, zone: string): string {
  const day = parseDay(dateInZone(moment, zone)) as Day;
  return `${formatDate(locale, day)}${locale === 'zh' ? ' ' : ', '}${timeInZone(moment, zone)}`;
}

const SHORT_MONTHS = {
  en: MONTHS.en.map((month) => month.slice(0, 3)),
  ru: 'янв. февр. март апр. май июнь июль авг. сент. окт. нояб. дек.'.split(' '),
};

/** The month of a day, short: `Apr 2026`, `апр. 2026`, `2026年4月`. */
export function formatMonth(locale: Locale, day: Day): string {
  const { year, month } = civil(day);
  return locale === 'zh' ? `${year}年${month}月` : `${SHORT_MONTHS[locale][month - 1]} ${year}`;
}

/** A date from which something holds: `from 2 April 2026`, `со 2 апреля 2026`, `2026年4月2日起`. */
export function formatFrom(locale: Locale, day: Day, write: typeof formatDate = formatDate): string {
  const date = write(locale, day);
  if (locale === 'en') return `from ${date}`;
  if (locale === 'zh') return `${date}起`;
  return `${civil(day).date === 2 ? 'со' : 'с'} ${date}`;
}

/** A source's date, which may be a year, a month or a day: `2015 год`, `November 2026`, `5 March 2026`. */
export function formatPartialDate(locale: Locale, text: string): string {
  const day = parseDay(text);
  if (day !== null) return formatDate(locale, day);
  const [year = '', month] = text.split('-');
  if (month === undefined) return { en: year, ru: `${year} год`, zh: `${year}年` }[locale];
  if (locale === 'zh') return `${year}年${Number(month)}月`;
  return `${MONTHS[locale === 'ru' ? 'ru_alone' : 'en'][Number(month) - 1]} ${year}`;
}

const CURRENCY_PREFIXES: Record<string, string> = { EUR: '€', GBP: '£', USD: 'US$' };
const CURRENCY_SUFFIXES: Record<Locale, Record<string, string>> = {
  en: { RUB: '₽' },
  // Declinable names are abbreviated, so that one form fits 1, 2 and 5.
  ru: {
    RUB: '₽',
    EUR: '€',
    GBP: '£',
    USD: '$',
    AED: 'дирх. ОАЭ',
    AMD: 'драм',
    AUD: 'австрал. долл.',
    BYN: 'бел. руб.',
    CAD: 'канад. долл.',
    CNY: 'юан.',
    HKD: 'гонконг. долл.',
    IDR: 'индонез. руп.',
    INR: 'инд. руп.',
    JPY: 'иен',
    KGS: 'сом',
    KYD: 'долл. Каймановых о-вов',
    KZT: 'тенге',
    MYR: 'рингг.',
    NZD: 'новозел. долл.',
    PHP: 'филипп. песо',
    PLN: 'зл.',
    SGD: 'сингап. долл.',
    THB: 'бат.',
    TWD: 'тайв. долл.',
    UAH: 'грн',
    VND: 'донг.',
  },
  zh: {
    RUB: '卢布',
    EUR: '欧元',
    GBP: '英镑',
    USD: '美元',
    AED: '迪拉姆',
    AMD: '德拉姆',
    AUD: '澳元',
    BYN: '白俄罗斯卢布',
    CAD: '加元',
    CNY: '元',
    HKD: '港币',
    IDR: '印尼盾',
    INR: '卢比',
    JPY: '日元',
    KGS: '索姆',
    KYD: '开曼元',
    KZT: '坚戈',
    MYR: '林吉特',
    NZD: '新西兰元',
    PHP: '菲律宾比索',
    PLN: '兹罗提',
    SGD: '新加坡元',
    THB: '泰铢',
    TWD: '新台币',
    UAH: '格里夫纳',
    VND: '越南盾',
  },
};
const GROUP_SEPARATORS: Record<Locale, string> = { en: ',', ru: '\u00a0', zh: '' };

/** An amount, in ten-thousandths, as people write it: `300 ₽`, `€3.50`, `3,50 €`, `3.50 欧元`. */
export function formatMoney(locale: Locale, amount: Amount, currency: string): string {
  const [whole = '0', part = '00'] = formatAmount(Math.abs(amount)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, GROUP_SEPARATORS[locale]);
  const decimals = part === '00' ? '' : `${locale === 'ru' ? ',' : '.'}${part.replace(/(\d\d)0+$/, '$1')}`;
  const sign = amount < 0 ? '−' : '';
  const before = locale === 'en' ? CURRENCY_PREFIXES[currency] : undefined;
  if (before) return `${sign}${before}${grouped}${decimals}`;
  const space = locale === 'zh' ? ' ' : '\u00a0';
  return `${sign}${grouped}${decimals}${space}${CURRENCY_SUFFIXES[locale][currency] ?? currency}`;
}

const CONJUNCTIONS: Record<Locale, { comma: string; and: string; or: string }> = {
  en: { comma: ', ', and: ' and ', or: ' or ' },
  ru: { comma: ', ', and: ' и ', or: ' или ' },
  zh: { comma: '、', and: '和', or: '或' },
};

/** Chinese puts a space between its own characters and a Latin letter or a digit. */
const spaceBesideHan = (locale: Locale, end: string | undefined): string =>
  locale === 'zh' && end !== undefined && /[A-Za-z\d+*#]/.test(end) ? ' ' : '';

/** `a, b and c`, `a, b или c`, `甲、乙和丙`, `611 或 8 800`. */
export function formatList(locale: Locale, items: readonly string[], joint: 'and' | 'or' = 'and'): string {
  const { comma, ...last } = CONJUNCTIONS[locale];
  const before = items.slice(0, -1).join(comma);
  const end = items[items.length - 1] ?? '';
  if (items.length < 2) return end;
  return `${before}${spaceBesideHan(locale, before.at(-1))}${last[joint]}${spaceBesideHan(locale, end[0])}${end}`;
}

/** A carrier's number to dial: Russian ones in groups of digits, all others unchanged. */
export function formatPhone(number: string): string {
  const match = /^(\+7|8)(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number);
  return match ? `${match[1]} ${match[2]} ${match[3]}-${match[4]}-${match[5]}` : number;
}

/** As much of a person's number as a calendar may contain: `+79161234567` as `…4567`. */
export function maskNumber(number: string): string {
  const digits = number.replace(/\D/g, '');
  // In a short number four digits would reveal too much.
  return `…${digits.slice(digits.length > 6 ? -4 : -2)}`;
}
