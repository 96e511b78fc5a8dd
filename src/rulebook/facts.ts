/** What a carrier's file says of itself: its place, zone and currency, its sources' dates, what it asks of owners. */
import { isObject } from '../lib/is-object.ts';
import { closestMatch } from '../lib/spelling.ts';
import { isTimeZone } from '../lib/time-zone.ts';
import { parseDay } from '../retention/day.ts';
import { NO_CURRENCY } from '../retention/money.ts';
import type { Path } from './problem.ts';
import type { CarrierRule, Evidence } from './schema.ts';
import { either, written } from './shape.ts';
import { firstDayOf } from './sources.ts';
import { type Checked, entries, everywhere, get, items } from './walk.ts';

const currencies = new Set([...Intl.supportedValuesOf('currency'), NO_CURRENCY]);
const zones = Intl.supportedValuesOf('timeZone');
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Whether a name is an IANA zone's, exactly as written; offsets and abbreviations are none. */
function isZone(zone: string): boolean {
  if (zone === 'UTC' || zones.includes(zone)) return true;
  return /^[A-Z][A-Za-z_+-]+(\/[A-Z][A-Za-z0-9_+-]+)+$/.test(zone) && isTimeZone(zone);
}

export function checkZone(checked: Checked, path: Path, zone: unknown): void {
  if (typeof zone !== 'string' || isZone(zone)) return;
  const meant = closestMatch(zone, zones);
  const hint = meant ? ` Did you mean ${meant}?` : '';
  checked.say(path, `There is no time zone "${zone}".${hint} Write an IANA name, such as Europe/Moscow.`);
}

/** Texts and free names may hold what looks like a price; facts may not be in another currency than the carrier's. */
const notPrices = new Set([
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

function checkCurrency(checked: Checked): void {
  const currency = get(checked.value, 'currency');
  if (typeof currency !== 'string' || !checked.sound(['currency'])) return;
  if (!currencies.has(currency)) {
    checked.say(['currency'], `There is no currency "${currency}": write its ISO 4217 code, such as RUB.`);
    return;
  }
  const compare = (price: unknown, path: Path, at?: 'key') => {
    const other = typeof price === 'string' && /^-?\d+(?:\.\d+)? ([A-Z]{3})$/.exec(price)?.[1];
    if (!other || other === currency || currency === NO_CURRENCY) return;
    checked.say(path, `"${price}" is not in the carrier's currency: write it in ${currency}.`, at);
  };
  everywhere(
    checked.value,
    (value, path) => {
      compare(value, path);
      if (path.at(-1) !== 'tiers') return;
      for (const [key] of entries(value)) compare(key, [...path, key], 'key');
    },
    (key) => !notPrices.has(key),
  );
}

function checkEvidence(checked: Checked): void {
  for (const [name, value] of entries(get(checked.value, 'evidence'))) {
    const path = ['evidence', name];
    if (!checked.sound(path)) continue;
    const { dated, seen } = value as Evidence;
    const wrong = (['dated', 'seen'] as const).filter((key) => {
      const date = (value as Evidence)[key];
      return date !== undefined && parseDay(firstDayOf(date)) === null;
    });
    for (const key of wrong) {
      checked.say([...path, key], `"${key}": there is no day ${(value as Evidence)[key]} in the calendar.`);
    }
    if (wrong.length === 0 && dated && dated.slice(0, seen.length) > seen.slice(0, dated.length)) {
      checked.say([...path, 'seen'], `It was looked at on ${seen}, before it was written on ${dated}.`);
    }
  }
}

type Asked = NonNullable<CarrierRule['facts']>;

/** Adds facts that the rule does not ask for, and answers that it does not offer. */
export function checkFacts(checked: Checked, path: Path, facts: unknown, asked: Asked): void {
  for (const [name, value] of entries(facts)) {
    const at = [...path, name];
    const fact = Object.hasOwn(asked, name) ? asked[name] : undefined;
    if (!fact) {
      const known = Object.keys(asked).join(', ') || 'none';
      checked.say(at, `The rule asks no fact "${name}". Under its "facts": ${known}.`, 'key');
    } else if (fact.values && !fact.values.includes(value as string)) {
      checked.say(at, `"${name}" cannot be ${written(value)}. Allowed: ${either(fact.values)}.`);
    } else if (fact.kind && typeof value !== fact.kind) {
      const allowed = fact.kind === 'boolean' ? 'true or false' : 'a number';
      checked.say(at, `"${name}" cannot be ${written(value)}. Allowed: ${allowed}.`);
    }
  }
}

/** Adds questions to the owner that have no answers, or two kinds of them. */
export function checkAsked(checked: Checked, path: Path, asked: unknown): void {
  for (const [name, fact] of entries(asked)) {
    if (!isObject(fact) || (fact.values === undefined) !== (fact.kind === undefined)) continue;
    const message = 'Say what may be answered: either "values", a list, or "kind", boolean or number.';
    checked.say([...path, name], message, 'key');
  }
}

/** Adds what is wrong in the part of a file that describes the carrier. `place` is where the file stands. */
export function checkCarrier(checked: Checked, place: string): void {
  const { value } = checked;
  const carrier = get(value, 'carrier');
  if (typeof carrier === 'string' && checked.sound(['carrier'])) {
    if (carrier !== place) {
      checked.say(
        ['carrier'],
        `The carrier is "${carrier}" here and "${place}" by the file's name: make them the same.`,
      );
    } else if (!regions.of(carrier.slice(0, 2).toUpperCase())) {
      checked.say(
        ['carrier'],
        `There is no country "${carrier.slice(0, 2)}": write its two letters of ISO 3166.`,
      );
    }
  }
  checkZone(checked, ['time_zone'], get(value, 'time_zone'));
  checkCurrency(checked);
  checkEvidence(checked);
  for (const [index, support] of items(get(value, 'support'))) {
    if (!isObject(support) || support.phone || support.url || support.text) continue;
    checked.say(['support', index], 'It does not say how to reach them: add "phone", "url" or "text".');
  }
}
