/** Checks what a file says of its carrier (path, zone, currency, dates of sources) and what its rules ask of owners. */
import { isObject } from '../lib/is-object.ts';
import { closestMatch } from '../lib/spelling.ts';
import { isTimeZone } from '../lib/time-zone.ts';
import { parseDay } from '../retention/day.ts';
import { NO_CURRENCY } from '../retention/money.ts';
import type { Path } from './problem.ts';
import type { CarrierRule, Evidence } from './schema.ts';
import { describeValue, joinWithOr } from './shape.ts';
import { firstDayOf } from './sources.ts';
import { type CheckContext, entries, get, items, visitAll } from './walk.ts';

const currencies = new Set([...Intl.supportedValuesOf('currency'), NO_CURRENCY]);
const zones = Intl.supportedValuesOf('timeZone');
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Whether a name is that of an IANA zone, exactly as written; offsets and abbreviations are not. */
function isZone(zone: string): boolean {
  if (zone === 'UTC' || zones.includes(zone)) return true;
  return /^[A-Z][A-Za-z_+-]+(\/[A-Z][A-Za-z0-9_+-]+)+$/.test(zone) && isTimeZone(zone);
}

export function checkZone(context: CheckContext, path: Path, zone: unknown): void {
  if (typeof zone !== 'string' || isZone(zone)) return;
  const meant = closestMatch(zone, zones);
  const hint = meant ? ` Did you mean ${meant}?` : '';
  context.report(path, `There is no time zone "${zone}".${hint} Write an IANA name, such as Europe/Moscow.`);
}

/** Keys whose text may contain what looks like a price. Prices elsewhere must be in the carrier's currency. */
const freeTextKeys = new Set([
  'text',
  'name',
  'names',
  'note',
  'says',
  'source',
  'disagrees',
  'product',
  'what',
  'ask',
]);

function checkCurrency(context: CheckContext): void {
  const currency = get(context.value, 'currency');
  if (typeof currency !== 'string' || !context.isValid(['currency'])) return;
  if (!currencies.has(currency)) {
    context.report(['currency'], `There is no currency "${currency}": write its ISO 4217 code, such as RUB.`);
    return;
  }
  const compare = (price: unknown, path: Path, at?: 'key') => {
    const other = typeof price === 'string' && /^-?\d+(?:\.\d+)? ([A-Z]{3})$/.exec(price)?.[1];
    if (!other || other === currency || currency === NO_CURRENCY) return;
    context.report(path, `"${price}" is not in the carrier's currency: write it in ${currency}.`, at);
  };
  visitAll(
    context.value,
    (value, path) => {
      compare(value, path);
      if (path.at(-1) !== 'tiers') return;
      for (const [key] of entries(value)) compare(key, [...path, key], 'key');
    },
    (key) => !freeTextKeys.has(key),
  );
}

function checkEvidence(context: CheckContext): void {
  for (const [name, value] of entries(get(context.value, 'evidence'))) {
    const path = ['evidence', name];
    if (!context.isValid(path)) continue;
    const { dated, seen } = value as Evidence;
    const wrong = (['dated', 'seen'] as const).filter((key) => {
      const date = (value as Evidence)[key];
      return date !== undefined && parseDay(firstDayOf(date)) === null;
    });
    for (const key of wrong) {
      context.report(
        [...path, key],
        `"${key}": there is no day ${(value as Evidence)[key]} in the calendar.`,
      );
    }
    if (wrong.length === 0 && dated && dated.slice(0, seen.length) > seen.slice(0, dated.length)) {
      context.report([...path, 'seen'], `It was read on ${seen}, before it was written on ${dated}.`);
    }
  }
}

type AskedFacts = NonNullable<CarrierRule['facts']>;

/** Reports facts that the rule does not ask for, and answers that it does not offer. */
export function checkFacts(context: CheckContext, path: Path, facts: unknown, asked: AskedFacts): void {
  for (const [name, value] of entries(facts)) {
    const at = [...path, name];
    const fact = Object.hasOwn(asked, name) ? asked[name] : undefined;
    if (!fact) {
      const known = Object.keys(asked).join(', ') || 'none';
      context.report(at, `The rule asks no fact "${name}". Under its "facts": ${known}.`, 'key');
    } else if (fact.values && !fact.values.includes(value as string)) {
      context.report(at, `"${name}" cannot be ${describeValue(value)}. Allowed: ${joinWithOr(fact.values)}.`);
    } else if (fact.kind && typeof value !== fact.kind) {
      const allowed = fact.kind === 'boolean' ? 'true or false' : 'a number';
      context.report(at, `"${name}" cannot be ${describeValue(value)}. Allowed: ${allowed}.`);
    }
  }
}

/** Reports questions to the owner that offer no answers, or two kinds of them. */
export function checkAsked(context: CheckContext, path: Path, asked: unknown): void {
  for (const [name, fact] of entries(asked)) {
    if (!isObject(fact) || (fact.values === undefined) !== (fact.kind === undefined)) continue;
    const message = 'Say what may be answered: either "values", a list, or "kind", boolean or number.';
    context.report([...path, name], message, 'key');
  }
}

/**
 * Reports what is wrong in the part of a file that describes the carrier. `place` is the carrier according to the
 * file's path.
 */
export function checkCarrier(context: CheckContext, place: string): void {
  const { value } = context;
  const carrier = get(value, 'carrier');
  if (typeof carrier === 'string' && context.isValid(['carrier'])) {
    if (carrier !== place) {
      context.report(
        ['carrier'],
        `The carrier is "${carrier}" here and "${place}" by the file's name: make them the same.`,
      );
    } else if (!regions.of(carrier.slice(0, 2).toUpperCase())) {
      context.report(
        ['carrier'],
        `There is no country "${carrier.slice(0, 2)}": write its two letters of ISO 3166.`,
      );
    }
  }
  checkZone(context, ['time_zone'], get(value, 'time_zone'));
  checkCurrency(context);
  checkEvidence(context);
  for (const [index, support] of items(get(value, 'support'))) {
    if (!isObject(support) || support.phone || support.url || support.text) continue;
    context.report(['support', index], 'It does not say how to reach them: add "phone", "url" or "text".');
  }
}
