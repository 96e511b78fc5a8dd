/** How to act: the actions that keep or save a line, and where to pay; what works from abroad comes first. */
import { parsePrice } from '../retention/index.ts';
import type { Action } from '../retention/language.ts';
import type { CarrierFile } from '../rulebook/schema.ts';
import {
  actionOf,
  formatList,
  formatMoney,
  formatPhone,
  inLanguage,
  type Locale,
  PUNCTUATION,
  say,
} from '../wording/index.ts';
import type { Asks } from './entry.ts';
import { bullets, memoizedTexts, type TextContext, withRemarks } from './text-context.ts';

type FromAbroad = boolean | 'unknown';
type Support = CarrierFile['support'][number];
type Channel = CarrierFile['channels'][number];

const MAX_ACTIONS = 4;
const MAX_CONTACTS = 2;
const AFTER_NAME: Record<Locale, string> = { en: ': ', ru: '. ', zh: '：' };

const rank = (abroad: FromAbroad): number => (abroad === true ? 0 : abroad === 'unknown' ? 1 : 2);
const abroadFirst = <T extends { from_abroad: FromAbroad }>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => rank(a.from_abroad) - rank(b.from_abroad));

const abroadMark = (abroad: FromAbroad, locale: Locale): string =>
  say(locale, abroad === 'unknown' ? 'mark.abroad_unknown' : abroad ? 'mark.abroad' : 'mark.not_abroad');

function money(price: string, locale: Locale): string {
  const { amount, currency } = parsePrice(price);
  return formatMoney(locale, amount, currency);
}

/** Whether a text already contains the amount of a price. */
function mentionsPrice(text: string, price: string): boolean {
  const [sum = ''] = price.split(' ');
  return new RegExp(`(?<![\\d.,])${sum.replace('.', '[.,]')}(?![.,]?\\d)`).test(text);
}

function actionText(action: Action, locale: Locale): string {
  const text = inLanguage(action.text, locale);
  const marks = [abroadMark(action.from_abroad, locale)];
  if (action.in_person) marks.push(say(locale, 'mark.in_person'));
  if (action.price && !mentionsPrice(text, action.price))
    marks.push(say(locale, 'mark.price', { price: money(action.price, locale) }));
  else if (action.least === 'plan_price') marks.push(say(locale, 'mark.plan_price'));
  else if (action.least && !mentionsPrice(text, action.least))
    marks.push(say(locale, 'mark.least', { price: money(action.least, locale) }));
  return withRemarks(text, marks, locale);
}

/** The named actions, each as a sentence with its remarks. */
function actionTexts(
  names: readonly string[],
  context: TextContext,
  max: number = MAX_ACTIONS,
): readonly string[] {
  return memoizedTexts(context, `actions ${max} ${names}`, ({ booked, version, locale }) => {
    const actions = names.flatMap((name) => actionOf(booked, version, name) ?? []);
    return abroadFirst(actions)
      .slice(0, max)
      .map((action) => actionText(action, locale));
  });
}

/**
 * What to do: a sentence if there is one way, a list of alternatives if there are several, a list of lists if all of
 * several are needed.
 */
export function whatToDo(asks: Asks, context: TextContext): string[] {
  const { locale } = context;
  const lists = asksTexts(asks, context);
  const [texts = [], ...more] = lists;
  const [first] = texts;
  if (!first) return [say(locale, 'text.do_unknown')];
  if (more.length > 0) return [say(locale, 'text.do_all'), ...asksBullets(lists, locale)];
  if (texts.length === 1) return [say(locale, 'text.do_one', { action: first })];
  return [say(locale, 'text.do_any'), ...bullets(texts)];
}

/** The asks as sentences, list by list; empty lists are left out. */
export const asksTexts = (asks: Asks, context: TextContext, max?: number): (readonly string[])[] =>
  asks.map((names) => actionTexts(names, context, max)).filter((texts) => texts.length > 0);

/** A single list becomes plain bullets; of several, each that offers a choice becomes a nested list. */
export function asksBullets(lists: readonly (readonly string[])[], locale: Locale): string[] {
  if (lists.length === 1) return lists.flatMap(bullets);
  return lists.flatMap((texts) =>
    texts.length === 1
      ? bullets(texts)
      : [...bullets([say(locale, 'text.do_one_of')]), ...texts.map((text) => `  – ${text}`)],
  );
}

const withUrl = (text: string, url: string | undefined): string =>
  url && !text.includes(url) ? `${text} ${url}` : text;

/** Where to pay, each way with its cautions. */
export const waysToPay = (context: TextContext): readonly string[] =>
  memoizedTexts(context, 'ways to pay', ({ booked, locale }) => {
    const { channels, cautions } = booked.carrier;
    if (channels.length === 0) return [];
    const seen = new Set<string>();
    const items = (channel: Channel): string[] => {
      const name = `${inLanguage(channel.name, locale)}${AFTER_NAME[locale]}`;
      const text = inLanguage(channel.text, locale);
      const warnings = (channel.cautions ?? [])
        .filter((caution) => !seen.has(caution) && seen.add(caution))
        .flatMap((caution) => cautions?.[caution] ?? [])
        .map((caution) => `  ⚠ ${inLanguage(caution.text, locale)}`);
      return [`• ${withUrl(name + text, channel.url)}`, ...warnings];
    };
    const byMark = Map.groupBy(abroadFirst(channels), (channel) => abroadMark(channel.from_abroad, locale));
    return Array.from(byMark).flatMap(([mark, group]) => [
      say(locale, 'text.channels_marked', { mark }),
      ...group.flatMap(items),
    ]);
  });

/** The ways to pay in one line, for entries beside one that lists them in full. */
export const waysToPayBriefly = (context: TextContext): readonly string[] =>
  memoizedTexts(context, 'ways to pay, briefly', ({ booked, locale }) => {
    const ways = abroadFirst(booked.carrier.channels).filter((channel) => channel.from_abroad !== false);
    if (ways.length === 0) return [];
    const { semicolon, open, close, space, stop } = PUNCTUATION[locale];
    const byMark = Map.groupBy(ways, (channel) => abroadMark(channel.from_abroad, locale));
    const groups = Array.from(byMark, ([mark, channels]) => {
      const names = channels.map((channel) => inLanguage(channel.name, locale)).join(semicolon);
      return `${names}${open}${mark}${close}`;
    });
    return [`${say(locale, 'text.channels')}${space}${groups.join(semicolon)}${stop}`];
  });

/** Whom to ask; contacts that can be reached from abroad come first. */
export const whomToAsk = (context: TextContext, max: number = MAX_CONTACTS): readonly string[] =>
  memoizedTexts(context, `whom to ask ${max}`, ({ booked, locale }) => {
    const contacts = abroadFirst(booked.carrier.support).slice(0, max);
    if (contacts.length === 0) return [];
    const { comma, open, close } = PUNCTUATION[locale];
    const names = contacts.map((support: Support) => {
      const where = [support.phone && formatPhone(support.phone), support.url].filter(Boolean).join(', ');
      const marks = [
        abroadMark(support.from_abroad, locale),
        ...(support.free ? [say(locale, 'mark.free')] : []),
      ];
      return `${where}${open}${marks.join(comma)}${close}`;
    });
    return [say(locale, 'text.support', { list: formatList(locale, names, 'or') })];
  });

/** How to check the account. */
export const waysToCheck = (context: TextContext): readonly string[] =>
  memoizedTexts(context, 'ways to check', ({ booked, locale }) => {
    const { checks } = booked.carrier;
    if (checks.length === 0) return [say(locale, 'text.check_unknown')];
    const items = checks.map(({ text, ussd, phone, url, price }) => {
      const description = inLanguage(text, locale);
      const code = [ussd, phone && formatPhone(phone)]
        .filter((dial) => dial && !description.includes(dial))
        .join(', ');
      const marks = [
        ...(code ? [code] : []),
        ...(price ? [say(locale, 'mark.price', { price: money(price, locale) })] : []),
      ];
      return withUrl(withRemarks(description, marks, locale), url);
    });
    return [say(locale, 'text.check_ways'), ...bullets(items)];
  });

/** The carrier's general cautions; those of a single way to pay are listed with it by {@link waysToPay}. */
export const generalCautions = (context: TextContext): readonly string[] =>
  memoizedTexts(context, 'cautions', ({ booked, locale }) => {
    const { cautions, channels } = booked.carrier;
    const ofChannels = new Set(channels.flatMap((channel) => channel.cautions ?? []));
    const items = Object.entries(cautions ?? {})
      .filter(([name]) => !ofChannels.has(name))
      .map(([, caution]) => inLanguage(caution.text, locale));
    return items.length === 0 ? [] : [say(locale, 'text.cautions'), ...bullets(items)];
  });
