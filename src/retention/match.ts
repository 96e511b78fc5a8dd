/** Compiles patterns of records into bit masks, and matches records against them. */
import { type Answer, bit, type Entry, KINDS, METHODS, NO, typeCode, UNSAID, YES } from './entry.ts';
import type { Event, Pattern } from './language.ts';
import { type Amount, parsePrice } from './money.ts';
import { GRAVITY, type Terms } from './program.ts';

const ANY = -1;

export type PatternProgram = {
  type: number;
  kinds: number;
  outgoing: number;
  charged: number;
  allowance: number;
  roaming: number;
  methods: number;
  products: ReadonlySet<string> | null;
  stage: string | null;
  /** `null`: no least amount. */
  least: Amount | 'plan_price' | null;
  notKinds: number;
  notMethods: number;
  notProducts: ReadonlySet<string> | null;
  /** Count from the date that the record carries. */
  fromDate: boolean;
  /** The stages in which it counts, a bit for each gravity; 0 for all. */
  inStages: number;
  /** The terms of its own on which it restarts a clock, if any. */
  terms: Terms | null;
};

const toList = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
const mask = (names: readonly string[], values: string | string[] | undefined): number =>
  toList(values).reduce((all, value) => all | bit(names, value), 0);
const answerCode = (value: boolean | undefined): number => (value === undefined ? ANY : value ? YES : NO);
const setOf = (values: string | string[] | undefined) =>
  values === undefined ? null : new Set(toList(values));

export function compilePattern(pattern: Pattern, terms: Terms | null = null): PatternProgram {
  const { least, except } = pattern;
  return {
    type: typeCode(pattern.type),
    kinds: mask(KINDS, pattern.kind),
    outgoing: pattern.direction === undefined ? ANY : pattern.direction === 'outgoing' ? YES : NO,
    charged: answerCode(pattern.charged),
    allowance: answerCode(pattern.from_allowance),
    roaming: answerCode(pattern.roaming),
    methods: mask(METHODS, pattern.method),
    products: setOf(pattern.product),
    stage: pattern.stage ?? null,
    least: least === undefined ? null : least === 'plan_price' ? least : parsePrice(least).amount,
    notKinds: mask(KINDS, except?.kind),
    notMethods: mask(METHODS, except?.method),
    notProducts: setOf(except?.product),
    fromDate: pattern.from !== undefined,
    inStages: (pattern.in ?? []).reduce((all, stage) => all | stageBit(GRAVITY[stage]), 0),
    terms,
  };
}

/** The bit of a stage in `inStages`; `unknown` counts as active. */
export const stageBit = (gravity: number): number => 1 << Math.max(gravity, 0);

export const asksCharged = (pattern: PatternProgram): boolean => pattern.charged !== ANY;
export const asksPlanPrice = (pattern: PatternProgram): boolean => pattern.least === 'plan_price';

/**
 * The patterns that an event or its name stands for. Throws a RangeError on a name that is not known, on an event that
 * contains itself, and on a sum within an event.
 */
export function patternsOf(
  reference: string | Event,
  events: Readonly<Record<string, Event>>,
  trail: readonly string[] = [],
): Pattern[] {
  if (typeof reference === 'string') {
    const event = Object.hasOwn(events, reference) ? events[reference] : undefined;
    if (!event || trail.includes(reference)) {
      throw new RangeError(
        event
          ? `the event "${reference}" is made of itself`
          : `there is no event "${reference}" under events`,
      );
    }
    return patternsOf(event, events, [...trail, reference]);
  }
  if (!('any' in reference)) return [reference];
  return reference.any.flatMap((part) => {
    if (typeof part === 'object' && 'sum' in part)
      throw new RangeError('a sum stands in a clock, not within an event');
    return patternsOf(part, events, trail);
  });
}

/** Whether a record of the pattern's type matches it. `UNSAID`: it may, the record leaves open what decides. */
export function matchPattern(pattern: PatternProgram, entry: Entry, planPrice: Amount | null): Answer {
  let unsaid = false;
  if (pattern.kinds !== 0 && (pattern.kinds & entry.kind) === 0) return NO;
  if (pattern.notKinds !== 0 && (pattern.notKinds & entry.kind) !== 0) return NO;
  if (pattern.notMethods !== 0 && (pattern.notMethods & entry.method) !== 0) return NO;
  if (pattern.outgoing !== ANY && pattern.outgoing !== entry.outgoing) return NO;
  if (pattern.stage !== null && pattern.stage !== entry.stage) return NO;
  if (pattern.charged !== ANY && pattern.charged !== entry.charged) {
    if (entry.charged !== UNSAID) return NO;
    unsaid = true;
  }
  if (pattern.allowance !== ANY && pattern.allowance !== entry.allowance) {
    if (entry.allowance !== UNSAID) return NO;
    unsaid = true;
  }
  if (pattern.roaming !== ANY && pattern.roaming !== entry.roaming) {
    if (entry.roaming !== UNSAID) return NO;
    unsaid = true;
  }
  if (pattern.methods !== 0 && (pattern.methods & entry.method) === 0) {
    if (entry.method !== 0) return NO;
    unsaid = true;
  }
  if (pattern.products !== null && (entry.product === null || !pattern.products.has(entry.product))) {
    if (entry.product !== null) return NO;
    unsaid = true;
  }
  if (pattern.notProducts !== null && entry.product !== null && pattern.notProducts.has(entry.product))
    return NO;
  if (pattern.least !== null) {
    const least = pattern.least === 'plan_price' ? planPrice : pattern.least;
    if (least === null || entry.amount === null) unsaid = true;
    else if (entry.amount < least) return NO;
  }
  return unsaid ? UNSAID : YES;
}
