/**
 * The records that an action would make on a day, and what each costs: an amount for every tier, and a price if one is
 * known.
 */
import { type Day, formatAmount, parsePrice } from '../retention/index.ts';
import type { Action, Pattern, Runs, Version } from '../retention/language.ts';
import type { Money, RecordInput } from '../retention/record.ts';

export type Terms = {
  plan_price: Money | null;
  currency: string;
  activated: Day | null;
  from_abroad: boolean;
};

/** One unit of any currency: nobody tops up by less. */
const MIN_TOPUP = 10_000;

/**
 * An action on a day: the record it would make, what it costs for good and what stays on the account. Amounts in
 * ten-thousandths.
 */
export type Candidate = {
  name: string;
  action: Action;
  record: RecordInput;
  /** Gone for good; null where the price is not known. */
  spent: number | null;
  /** What it adds to the account, as a top-up does; negative if it is paid from the balance. */
  credited: number;
  /** The amount that counts is not known: the least one is assumed. */
  supposed: boolean;
};

const MAX_AMOUNTS = 12;

const tiersOf = (runs: Runs | undefined): string[] =>
  typeof runs === 'object' && 'tiers' in runs && (runs.by === 'amount' || runs.by === 'balance')
    ? Object.keys(runs.tiers)
    : [];

/** Every amount at which something changes. */
function amountsIn(version: Version): string[] {
  return Object.values(version.clocks).flatMap((clock) => [
    ...tiersOf(clock.runs),
    ...(clock.restarts_on ?? []).flatMap((item) =>
      typeof item === 'object' && 'on' in item ? tiersOf(item.runs) : [],
    ),
    ...(clock.ended ?? []).flatMap((stage) => tiersOf(stage.runs)),
  ]);
}

const firstOf = <T>(value: T | T[] | undefined): T | undefined => (Array.isArray(value) ? value[0] : value);

/** A price as an amount; null where it is not known. */
export const amountOf = (price: string | undefined, terms: Pick<Terms, 'plan_price'>): number | null =>
  price === undefined
    ? null
    : price === 'plan_price'
      ? terms.plan_price && parsePrice(`${terms.plan_price.amount} ${terms.plan_price.currency}`).amount
      : parsePrice(price).amount;

const money = (amount: number, currency: string): Money => ({ amount: formatAmount(amount), currency });

/** Top-ups by an action, the least first: of each amount at which something changes, and of the `wanted` ones. */
export function topupForms(
  name: string,
  action: Action,
  pattern: Pattern,
  version: Version,
  at: string,
  terms: Terms,
  wanted: readonly number[] = [],
) {
  const least = Math.max(amountOf(pattern.least, terms) ?? 0, amountOf(action.least, terms) ?? 0);
  const tiers = amountsIn(version).map((tier) => parsePrice(tier).amount);
  const known = [...new Set([least, ...tiers, amountOf(action.price, terms) ?? 0])].filter(
    (amount) => amount > 0 && amount >= least,
  );
  const usual = known.length > 0 ? known.sort((a, b) => a - b).slice(0, MAX_AMOUNTS) : [MIN_TOPUP];
  const amounts = new Set([...usual, ...wanted.filter((amount) => amount >= least)]);
  return [...amounts]
    .sort((a, b) => a - b)
    .map(
      (amount): Candidate => ({
        name,
        action,
        record: {
          type: 'topup',
          at,
          amount: money(amount, terms.currency),
          method: firstOf(pattern.method) ?? 'card',
          ...(pattern.product === undefined ? {} : { product: firstOf(pattern.product) as string }),
        },
        spent: 0,
        credited: amount,
        supposed: known.length === 0,
      }),
    );
}

const ACTIVITY_KINDS: Partial<Record<Action['how'], 'call' | 'sms' | 'data'>> = {
  call: 'call',
  sms: 'sms',
  data: 'data',
};

export function candidateForms(
  name: string,
  action: Action,
  pattern: Pattern,
  version: Version,
  at: string,
  terms: Terms,
): Candidate[] {
  const spent = amountOf(action.price, terms);
  const candidate = (record: RecordInput, cost = spent, credited = 0): Candidate[] => [
    { name, action, record, spent: cost, credited, supposed: false },
  ];
  const { currency } = terms;
  if (pattern.type === 'topup') return topupForms(name, action, pattern, version, at, terms);
  if (pattern.type === 'activity') {
    const kinds = pattern.kind === undefined ? [] : [pattern.kind].flat();
    const usual = ACTIVITY_KINDS[action.how];
    const kind = usual && (kinds.length === 0 || kinds.includes(usual)) ? usual : (kinds[0] ?? 'sms');
    return candidate({
      type: 'activity',
      at,
      kind,
      direction: pattern.direction ?? 'outgoing',
      charged: pattern.charged ?? true,
      ...(pattern.charged === false ? {} : { from_allowance: false }),
      ...(pattern.roaming === undefined ? {} : { roaming: pattern.roaming }),
    });
  }
  if (pattern.type === 'purchase') {
    const price = spent ?? amountOf(pattern.least, terms);
    return candidate(
      {
        type: 'purchase',
        at,
        product: firstOf(pattern.product) ?? name,
        ...(price === null ? {} : { amount: money(price, currency) }),
        // Nothing is known of when it expires: assume at once.
        ...(pattern.from === 'expires_on' ? { expires_on: at } : {}),
        ...(action.from_balance ? { from_balance: true } : {}),
      },
      price,
      action.from_balance ? -(price ?? 0) : 0,
    );
  }
  if (pattern.type === 'plan_renewed') {
    const price = spent ?? amountOf('plan_price', terms);
    return candidate(
      { type: 'plan_renewed', at, ...(price === null ? {} : { amount: money(price, currency) }) },
      price,
    );
  }
  return [];
}
