/** What only makes sense together in a clock: its way to end, its stages one after another, its charges. */
import { parseSpan, type Span } from '../retention/day.ts';
import type { Charge, Clock, StageRule, Version } from '../retention/language.ts';
import { parsePrice } from '../retention/money.ts';
import type { Path } from './problem.ts';
import { type Checked, entries, get, isGroup, items } from './walk.ts';

const WAYS = ['restarts_on', 'runs_while', 'ends_on', 'ends_with'] as const;

/** Which way of ending each of the other keys belongs to. */
const BELONGS: Partial<Record<keyof Clock, readonly (typeof WAYS)[number][]>> = {
  runs: ['restarts_on', 'runs_while'],
  counting: ['restarts_on', 'runs_while'],
  month_end: ['restarts_on', 'runs_while'],
  first_period: ['restarts_on'],
  extend: ['restarts_on'],
  if_expired: ['restarts_on'],
  cap: ['restarts_on'],
  shows: ['restarts_on'],
  cured_by: ['ends_on'],
};

/** The fewest and the most days that a span can be. */
function range(span: Span): [number, number] {
  if (span.unit === 'day') return [span.count, span.count];
  return [Math.floor(span.count * 30.4) - 2, Math.ceil(span.count * 30.5) + 2];
}

/** Of two readings of a period, the earliest must not be the longer one. */
function checkDoubt(checked: Checked, path: Path, value: unknown): void {
  if (!isGroup(value) || typeof value.earliest !== 'string' || typeof value.latest !== 'string') return;
  const [least] = range(parseSpan(value.earliest));
  const [, most] = range(parseSpan(value.latest));
  if (least > most) {
    checked.say(
      [...path, 'earliest'],
      `The earliest reading, ${value.earliest}, is longer than the latest, ${value.latest}: change them over.`,
    );
  }
}

function checkWays(checked: Checked, path: Path, clock: Clock): void {
  const ways = WAYS.filter((way) => clock[way] !== undefined);
  const [way] = ways;
  if (ways.length > 1) {
    checked.say([...path, ways[1]!], `A clock ends in one way: keep ${ways.join(' or ')}.`, 'key');
    return;
  }
  if (!way) {
    if (clock.charge?.on_day_of_month === undefined) {
      checked.say(path, `It does not say how the clock ends. Add one of: ${WAYS.join(', ')}.`, 'key');
    }
  } else if (way === 'restarts_on' || way === 'runs_while') {
    if (clock.runs === undefined) checked.say(path, 'It has no "runs": how long does the clock run?', 'key');
  }
  for (const [key, belongs] of Object.entries(BELONGS) as [keyof Clock, readonly string[]][]) {
    if (clock[key] === undefined || (way && belongs.includes(way))) continue;
    checked.say([...path, key], `"${key}" belongs to a clock with ${belongs.join(' or ')}.`, 'key');
  }
}

function checkRuns(checked: Checked, path: Path, clock: Clock): void {
  const { runs } = clock;
  checkDoubt(checked, path, runs);
  if (!isGroup(runs) || !('tiers' in runs)) return;
  const tiers = Object.keys(runs.tiers);
  if (tiers.length === 0) checked.say([...path, 'tiers'], 'There is no tier: write at least one.');
  if (runs.by === 'product') return;
  const amounts = tiers.map((tier) => parsePrice(tier).amount);
  for (const [index, tier] of tiers.entries()) {
    const first = amounts.indexOf(amounts[index]!);
    if (first < index) {
      checked.say(
        [...path, 'tiers', tier],
        `${tier} is the same amount as ${tiers[first]}: keep one.`,
        'key',
      );
    }
  }
}

function checkCharge(checked: Checked, path: Path, charge: Charge, clock: Clock, stage?: StageRule): void {
  const takes = isGroup(charge.take) ? Object.entries(charge.take) : [['', charge.take] as const];
  for (const [reading, price] of takes) {
    if (typeof price !== 'string' || price === 'plan_price' || parsePrice(price).amount > 0) continue;
    checked.say([...path, 'take', ...(reading ? [reading] : [])], 'A charge takes more than zero.');
  }
  const times = (['every', 'at_end', 'on_day_of_month'] as const).filter((key) => charge[key] !== undefined);
  if (stage) {
    if (times.join() !== 'every') {
      checked.say(
        path,
        "A stage's charge is taken `every: day`; one at_end or on_day_of_month belongs to the clock.",
        'key',
      );
    }
    if (charge.adds !== undefined)
      checked.say([...path, 'adds'], '"adds" belongs to a charge of the clock.', 'key');
  } else if (times.length !== 1 || times[0] === 'every') {
    checked.say(
      path,
      "A clock's charge is taken either at_end or on_day_of_month; one `every: day` belongs to a stage.",
      'key',
    );
  } else if (times[0] === 'at_end' && clock.restarts_on === undefined) {
    checked.say([...path, 'at_end'], '"at_end" belongs to a clock with restarts_on.', 'key');
  }
}

function checkStages(checked: Checked, path: Path, clock: Clock): void {
  const stages = clock.ended ?? [];
  for (const [index, stage] of stages.entries()) {
    const at = [...path, index];
    const [before, next] = [stages[index - 1], stages[index + 1]];
    checkDoubt(checked, [...at, 'lasts'], stage.lasts);
    if (stage.charge) checkCharge(checked, [...at, 'charge'], stage.charge, clock, stage);
    else if (stage.when_empty) {
      checked.say([...at, 'when_empty'], '"when_empty" belongs to a stage with a charge.', 'key');
    }
    if (before && before.lasts === undefined && stage.on_day === undefined) {
      checked.say(at, 'This stage never begins: give the one before it "lasts", or this one "on_day".');
    }
    if (before?.lasts !== undefined && stage.on_day !== undefined) {
      checked.say(
        [...at, 'on_day'],
        'The stage before it "lasts" a time already: keep one of the two.',
        'key',
      );
    }
    if (!next && stage.lasts !== undefined) {
      checked.say(
        [...at, 'lasts'],
        'Nothing follows this stage: leave "lasts" out, or add the stage after it.',
        'key',
      );
    }
    checkDay(checked, [...at, 'on_day'], clock, stage, stages.slice(0, index));
  }
}

function checkDay(checked: Checked, path: Path, clock: Clock, stage: StageRule, before: StageRule[]): void {
  if (stage.on_day === undefined) return;
  if (clock.restarts_on === undefined) {
    checked.say(
      path,
      '"on_day" counts from the record that restarted the clock, and none restarts this one.',
      'key',
    );
    return;
  }
  const earlier = Math.max(0, ...before.map(({ on_day }) => on_day ?? 0));
  const runs = isGroup(clock.runs) ? (get(clock.runs, 'earliest') ?? '0 day') : (clock.runs ?? '0 day');
  const least = Math.max(earlier, range(parseSpan(String(runs)))[0]);
  if (stage.on_day <= least) {
    checked.say(
      path,
      `Day ${stage.on_day} comes before this stage can begin: it must be later than day ${least}.`,
    );
  }
}

function checkAppliesIf(checked: Checked, path: Path, clock: Clock): void {
  const { applies_if: when } = clock;
  if (!when) return;
  if (Object.keys(when).length === 0) checked.say(path, 'It has no condition: write one, or leave it out.');
  if (when.activated_from && when.activated_before && when.activated_from >= when.activated_before) {
    checked.say([...path, 'activated_from'], 'No day is on or after this one and before "activated_before".');
  }
}

/** Adds what does not make sense in the clocks of one version; clocks that are not well-formed are passed over. */
export function checkClocks(checked: Checked, path: Path, version: unknown): void {
  const clocks = get(version, 'clocks');
  const watched = new Set(
    entries(clocks).flatMap(([, clock]) => [
      ...['all', 'any'].flatMap((how) => items(get(get(clock, 'ends_with'), how)).map(([, name]) => name)),
      ...items(get(clock, 'ended')).map(([, stage]) => get(stage, 'unless_ended')),
    ]),
  );
  if (isGroup(clocks) && Object.keys(clocks).length === 0) {
    checked.say(
      [...path, 'clocks'],
      'There is no clock: without one, nothing ever happens to a line.',
      'key',
    );
  }
  for (const [name, value] of entries(clocks)) {
    const at = [...path, 'clocks', name];
    if (!checked.sound(at)) continue;
    const clock = value as Version['clocks'][string];
    checkWays(checked, at, clock);
    checkRuns(checked, [...at, 'runs'], clock);
    checkAppliesIf(checked, [...at, 'applies_if'], clock);
    if (clock.charge) checkCharge(checked, [...at, 'charge'], clock.charge, clock);
    checkStages(checked, [...at, 'ended'], clock);
    if (!clock.ended?.length && !clock.charge && !watched.has(name)) {
      checked.say(at, 'Nothing follows when this clock has ended: add "ended" with its stages.', 'key');
    }
    const counting = clock.counting;
    if (isGroup(counting) && counting.earliest === 'exclusive' && counting.latest === 'inclusive') {
      checked.say([...at, 'counting'], 'Inclusive counting ends a day sooner: it is the earliest reading.');
    }
  }
}
