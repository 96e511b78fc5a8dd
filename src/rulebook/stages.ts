/** Checks the stages of a clock in their order, and the charges of stages and clocks. */
import { isObject } from '../lib/is-object.ts';
import { parseSpan, type Span } from '../retention/day.ts';
import type { Charge, Clock, StageRule } from '../retention/language.ts';
import { parsePrice } from '../retention/money.ts';
import type { Path } from './problem.ts';
import { type CheckContext, get } from './walk.ts';

/** The fewest and the most days that a span can have. */
function dayRange(span: Span): [number, number] {
  if (span.unit === 'day') return [span.count, span.count];
  return [Math.floor(span.count * 30.4) - 2, Math.ceil(span.count * 30.5) + 2];
}

/** Reports a doubtful period whose earliest reading is the longer one. */
export function checkDoubt(context: CheckContext, path: Path, value: unknown): void {
  if (!isObject(value) || typeof value.earliest !== 'string' || typeof value.latest !== 'string') return;
  const [least] = dayRange(parseSpan(value.earliest));
  const [, most] = dayRange(parseSpan(value.latest));
  if (least > most) {
    context.report(
      [...path, 'earliest'],
      `The earliest reading, ${value.earliest}, is longer than the latest, ${value.latest}: swap them.`,
    );
  }
}

/** Reports what is inconsistent in a charge of a clock or, if given, of a stage. */
export function checkCharge(
  context: CheckContext,
  path: Path,
  charge: Charge,
  clock: Clock,
  stage?: StageRule,
): void {
  const takes = isObject(charge.take) ? Object.entries(charge.take) : [['', charge.take] as const];
  for (const [reading, price] of takes) {
    if (typeof price !== 'string' || price === 'plan_price' || parsePrice(price).amount > 0) continue;
    context.report([...path, 'take', ...(reading ? [reading] : [])], 'A charge takes more than zero.');
  }
  const times = (['every', 'at_end', 'on_day_of_month'] as const).filter((key) => charge[key] !== undefined);
  if (stage) {
    if (times.join() !== 'every' || charge.every !== 'day') {
      context.report(
        path,
        "A stage's charge is taken `every: day`; one at_end or on_day_of_month belongs to the clock.",
        'key',
      );
    }
    if (charge.adds !== undefined)
      context.report([...path, 'adds'], '"adds" belongs to a charge of the clock.', 'key');
  } else if (times.length !== 1 || charge.every === 'day') {
    context.report(
      path,
      "A clock's charge is taken at_end, on_day_of_month or `every: month`; one `every: day` belongs to a stage.",
      'key',
    );
  } else if (times[0] === 'at_end' && clock.restarts_on === undefined) {
    context.report([...path, 'at_end'], '"at_end" belongs to a clock with restarts_on.', 'key');
  }
}

/** Reports stages that never begin, begin in two ways, or last a time with no stage after them. */
export function checkStages(context: CheckContext, path: Path, clock: Clock): void {
  const stages = clock.ended ?? [];
  for (const [index, stage] of stages.entries()) {
    const at = [...path, index];
    const [before, next] = [stages[index - 1], stages[index + 1]];
    checkDoubt(context, [...at, 'lasts'], stage.lasts);
    if (stage.charge) checkCharge(context, [...at, 'charge'], stage.charge, clock, stage);
    else if (stage.when_empty) {
      context.report([...at, 'when_empty'], '"when_empty" belongs to a stage with a charge.', 'key');
    }
    if (before && before.lasts === undefined && stage.on_day === undefined) {
      context.report(at, 'This stage never begins: give the one before it "lasts", or this one "on_day".');
    }
    if (before?.lasts !== undefined && stage.on_day !== undefined) {
      context.report(
        [...at, 'on_day'],
        'The stage before it "lasts" a time already: keep one of the two.',
        'key',
      );
    }
    if (!next && stage.lasts !== undefined) {
      context.report(
        [...at, 'lasts'],
        'Nothing follows this stage: leave "lasts" out, or add the stage after it.',
        'key',
      );
    }
    checkOnDay(context, [...at, 'on_day'], clock, stage, stages.slice(0, index));
  }
}

function checkOnDay(
  context: CheckContext,
  path: Path,
  clock: Clock,
  stage: StageRule,
  before: StageRule[],
): void {
  if (stage.on_day === undefined) return;
  if (clock.restarts_on === undefined) {
    context.report(
      path,
      '"on_day" counts from the record that restarted the clock, and none restarts this one.',
      'key',
    );
    return;
  }
  const earlier = Math.max(0, ...before.map(({ on_day }) => on_day ?? 0));
  const runs = isObject(clock.runs) ? (get(clock.runs, 'earliest') ?? '0 day') : (clock.runs ?? '0 day');
  const least = Math.max(earlier, dayRange(parseSpan(String(runs)))[0]);
  if (stage.on_day <= least) {
    context.report(
      path,
      `Day ${stage.on_day} comes before this stage can begin: it must be later than day ${least}.`,
    );
  }
}
