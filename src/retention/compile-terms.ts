/** The terms that clocks and stages are made of, compiled: what triggers, what is charged, how long something lasts. */
import { type Day, NEVER, parseDay, parseSpan, type Span } from './day.ts';
import { bit, KINDS, TYPES } from './entry.ts';
import type { Charge, Clock, Event, Reference, Restart, RetentionRule, Runs, Version } from './language.ts';
import { compilePattern, type PatternProgram, patternsOf } from './match.ts';
import { type Amount, parsePrice } from './money.ts';
import type { ChargeProgram, Extend, Length, Reading, SumProgram, Terms, Triggers } from './program.ts';

export type Report = (path: string, message: string) => void;
export type Context = {
  rule: RetentionRule;
  version: Version;
  reading: Reading;
  slotOf: Map<string, number>;
  path: string;
  report: Report;
};

/** The value itself or, of a doubtful one, its value in a reading. */
export const valueIn = <T>(value: T | { earliest: T; latest: T }, reading: Reading): T =>
  typeof value === 'object' && value !== null && 'earliest' in value ? value[reading] : (value as T);

function attempt<T>(report: Report, path: string, make: () => T, otherwise: T): T {
  try {
    return make();
  } catch (error) {
    report(path, (error as Error).message);
    return otherwise;
  }
}

function money(context: Context, path: string, text: string): Amount {
  const { amount, currency } = parsePrice(text);
  if (currency !== context.rule.currency) {
    context.report(path, `${currency} is not this carrier's currency: write it in ${context.rule.currency}`);
  }
  return amount;
}

export function compileTriggers(
  context: Context,
  path: string,
  references: readonly (Reference | Restart)[],
  ownTerms: (restart: Restart, path: string) => Terms | null = () => null,
): { triggers: Triggers; sums: SumProgram[] } {
  const byType: (PatternProgram[] | null)[] = TYPES.map(() => null);
  const sums: SumProgram[] = [];
  const add = (reference: Reference, at: string, terms: Terms | null): void => {
    const doubtful = typeof reference === 'object' && 'doubtful' in reference;
    const matcher = doubtful ? reference.doubtful : (reference as Event | string);
    if (doubtful && context.reading === 'earliest') return;
    if (typeof matcher === 'object' && 'sum' in matcher) {
      const limit = matcher.more_than ?? matcher.at_least;
      if (terms) context.report(at, 'a sum has no terms of its own: name it without `on`');
      if (!limit || (matcher.more_than && matcher.at_least)) {
        context.report(at, 'a sum needs one of more_than and at_least');
        return;
      }
      const kinds = matcher.of.reduce((all, kind) => all | bit(KINDS, kind), 0);
      sums.push({
        kinds,
        over: parseSpan(matcher.over),
        fact: describeSpan(parseSpan(matcher.over)),
        limit: money(context, at, limit),
        strict: matcher.more_than !== undefined,
      });
      return;
    }
    for (const pattern of attempt(
      context.report,
      at,
      () => patternsOf(matcher, context.version.events),
      [],
    )) {
      const program = compilePattern(pattern, terms);
      byType[program.type] = [...(byType[program.type] ?? []), program];
    }
  };
  for (const [i, reference] of references.entries()) {
    const at = `${path}/${i}`;
    if (typeof reference === 'string' || !('on' in reference)) {
      add(reference, at, null);
      continue;
    }
    const terms = ownTerms(reference, at);
    [reference.on].flat().forEach((event, k) => {
      add(event, Array.isArray(reference.on) ? `${at}/on/${k}` : `${at}/on`, terms);
    });
  }
  return { triggers: byType, sums };
}

export function compileCharge(
  context: Context,
  path: string,
  charge: Charge | undefined,
  where: 'clock' | 'stage',
): ChargeProgram | null {
  if (!charge) return null;
  const taken = valueIn(charge.take, context.reading);
  const take = taken === 'plan_price' ? taken : money(context, `${path}/take`, taken);
  if (take !== 'plan_price' && take <= 0) context.report(`${path}/take`, 'a charge takes more than zero');
  const kinds = [charge.every, charge.at_end, charge.on_day_of_month].filter((kind) => kind !== undefined);
  if (kinds.length !== 1 || (where === 'stage') !== (charge.every === 'day')) {
    context.report(
      path,
      where === 'stage'
        ? 'the charge of a stage is taken `every: day`; one at_end or on_day_of_month belongs to the clock'
        : 'the charge of a clock is taken at_end, on_day_of_month or every: month; one `every: day` belongs to a stage',
    );
  }
  if (charge.less && !charge.on_day_of_month && charge.every !== 'month') {
    context.report(`${path}/less`, '`less` belongs to a charge taken on_day_of_month or every: month');
  }
  const kindsLess = (charge.less?.of ?? []).filter((kind) => kind !== 'purchase');
  for (const word of ['adds', 'times', 'opt_out_until', 'applies_to'] as const) {
    if (charge[word] !== undefined && !charge.at_end) {
      context.report(`${path}/${word}`, `\`${word}\` belongs to a charge taken at_end`);
    }
  }
  return {
    take,
    adds: charge.adds ? parseSpan(charge.adds) : null,
    times: charge.times ?? NEVER,
    partial: charge.partial ?? 'refused',
    ordinary: charge.as === 'ordinary',
    atEnd: charge.at_end === true,
    running: charge.applies_to === 'running',
    onDayOfMonth: charge.on_day_of_month ?? 0,
    everyMonth: charge.every === 'month',
    less: charge.less
      ? {
          kinds: kindsLess.reduce((all, kind) => all | bit(KINDS, kind), 0),
          purchases: charge.less.of.includes('purchase'),
        }
      : null,
    optOutUntil: charge.opt_out_until ? parseSpan(valueIn(charge.opt_out_until, context.reading)) : null,
    evidence: charge.evidence ?? [],
  };
}

/** A span in the rule's own words. */
export const describeSpan = (span: Span): string =>
  span.unit === 'month' && span.count % 12 === 0
    ? `${span.count / 12} ${span.count === 12 ? 'year' : 'years'}`
    : `${span.count} ${span.unit}${span.count === 1 ? '' : 's'}`;

export const describeLength = (length: Length | null): string =>
  length === null ? '' : length.kind === 'span' ? describeSpan(length.span) : `by ${length.kind}`;

export function compileLength(context: Context, path: string, runs: Runs | undefined): Length | null {
  if (runs === undefined) return null;
  if (typeof runs === 'string' || 'earliest' in runs)
    return { kind: 'span', span: parseSpan(valueIn(runs, context.reading)) };
  if (runs.by === 'fact') return { kind: 'fact', fact: runs.fact };
  if (runs.by === 'product') {
    return {
      kind: 'product',
      spans: new Map(Object.entries(runs.tiers).map(([name, span]) => [name, parseSpan(span)])),
    };
  }
  const tiers = Object.entries(runs.tiers)
    .map(([least, span]) => ({
      least: money(context, `${path}/tiers/${least}`, least),
      span: parseSpan(span),
    }))
    .sort((a, b) => a.least - b.least);
  return { kind: runs.by, least: tiers.map((tier) => tier.least), spans: tiers.map((tier) => tier.span) };
}

/**
 * The terms of a restart, from the words of a clock or of a restart on terms of its own; `otherwise` fills in the rest.
 */
export function compileTerms(
  context: Context,
  path: string,
  words: Pick<Clock, 'runs' | 'extend' | 'if_expired' | 'cap'>,
  otherwise: Terms,
): Terms {
  const extend = words.extend === undefined ? undefined : valueIn(words.extend, context.reading);
  const length =
    words.runs === undefined ? otherwise.length : compileLength(context, `${path}/runs`, words.runs);
  return {
    length,
    fact: describeLength(length),
    extend: extend === undefined ? otherwise.extend : ((extend === 'raise_to' ? 'later' : extend) as Extend),
    refuseExpired: words.if_expired === undefined ? otherwise.refuseExpired : words.if_expired === 'refuse',
    cap: words.cap === undefined ? otherwise.cap : parseSpan(words.cap),
  };
}

export const parseDayOr = (text: string | undefined, otherwise: Day): Day =>
  text ? (parseDay(text) ?? otherwise) : otherwise;
