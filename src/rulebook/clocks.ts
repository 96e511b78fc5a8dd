/** Checks the keys of a clock against each other: the one that says how it ends, and those that depend on it. */
import { isObject } from '../lib/is-object.ts';
import { type Clock, hasOwnLengths, type Runs, type Version } from '../retention/language.ts';
import { parsePrice } from '../retention/money.ts';
import type { Path } from './problem.ts';
import { checkCharge, checkDoubt, checkStages } from './stages.ts';
import { type CheckContext, entries, get, items } from './walk.ts';

const END_KEYS = ['restarts_on', 'runs_while', 'ends_on', 'ends_with'] as const;

/** The end keys that each of the other keys may stand beside. */
const BELONGS_TO: Partial<Record<keyof Clock, readonly (typeof END_KEYS)[number][]>> = {
  runs: ['restarts_on', 'runs_while'],
  counting: ['restarts_on', 'runs_while'],
  month_end: ['restarts_on', 'runs_while'],
  first_period: ['restarts_on'],
  extend: ['restarts_on'],
  if_expired: ['restarts_on'],
  cap: ['restarts_on'],
  paused_by: ['restarts_on'],
  paused_while: ['restarts_on'],
};

function checkEnd(context: CheckContext, path: Path, clock: Clock): void {
  const endKeys = END_KEYS.filter((endKey) => clock[endKey] !== undefined);
  const [endKey] = endKeys;
  if (endKeys.length > 1) {
    context.report([...path, endKeys[1]!], `A clock ends in one way: keep ${endKeys.join(' or ')}.`, 'key');
    return;
  }
  const isLevied = clock.charge?.on_day_of_month !== undefined || clock.charge?.every === 'month';
  if (!endKey) {
    if (!isLevied && clock.shows === undefined) {
      context.report(
        path,
        `It does not say how the clock ends. Add one of: ${END_KEYS.join(', ')}; or "shows" alone, for a date that only the carrier tells.`,
        'key',
      );
    }
  } else if (endKey === 'restarts_on' || endKey === 'runs_while') {
    if (clock.runs === undefined && !hasOwnLengths(clock))
      context.report(path, 'It has no "runs": how long does the clock run?', 'key');
  }
  if (clock.shows !== undefined && endKey && endKey !== 'restarts_on') {
    context.report(
      [...path, 'shows'],
      '"shows" belongs to a clock with restarts_on, or stands alone.',
      'key',
    );
  }
  if (clock.cured_by !== undefined && endKey !== 'ends_on' && (endKey || clock.shows === undefined)) {
    context.report(
      [...path, 'cured_by'],
      '"cured_by" belongs to a clock with ends_on, or one that only "shows".',
      'key',
    );
  }
  for (const [key, belongs] of Object.entries(BELONGS_TO) as [keyof Clock, readonly string[]][]) {
    if (clock[key] === undefined || (endKey && belongs.includes(endKey))) continue;
    context.report([...path, key], `"${key}" belongs to a clock with ${belongs.join(' or ')}.`, 'key');
  }
}

function checkRuns(context: CheckContext, path: Path, runs: Runs | undefined): void {
  checkDoubt(context, path, runs);
  if (!isObject(runs) || !('tiers' in runs)) return;
  const tiers = Object.keys(runs.tiers);
  if (tiers.length === 0) context.report([...path, 'tiers'], 'There is no tier: write at least one.');
  if (runs.by === 'product') return;
  const amounts = tiers.map((tier) => parsePrice(tier).amount);
  for (const [index, tier] of tiers.entries()) {
    const first = amounts.indexOf(amounts[index]!);
    if (first < index) {
      context.report(
        [...path, 'tiers', tier],
        `${tier} is the same amount as ${tiers[first]}: keep one.`,
        'key',
      );
    }
  }
}

function checkAppliesIf(context: CheckContext, path: Path, clock: Clock): void {
  const { applies_if: when } = clock;
  if (!when) return;
  if (Object.keys(when).length === 0)
    context.report(path, 'It has no condition: write one, or leave it out.');
  if (when.activated_from && when.activated_before && when.activated_from >= when.activated_before) {
    context.report(
      [...path, 'activated_from'],
      'No day is on or after this one and before "activated_before".',
    );
  }
}

/** Reports what is inconsistent in the clocks of one version; clocks that are not well-formed are skipped. */
export function checkClocks(context: CheckContext, path: Path, version: unknown): void {
  const clocks = get(version, 'clocks');
  const dependedOn = new Set(
    entries(clocks).flatMap(([, clock]) => [
      get(clock, 'paused_while'),
      ...['all', 'any'].flatMap((how) => items(get(get(clock, 'ends_with'), how)).map(([, name]) => name)),
      ...items(get(clock, 'ended')).map(([, stage]) => get(stage, 'unless_ended')),
    ]),
  );
  if (isObject(clocks) && Object.keys(clocks).length === 0) {
    context.report(
      [...path, 'clocks'],
      'There is no clock: without one, nothing ever happens to a line.',
      'key',
    );
  }
  for (const [name, value] of entries(clocks)) {
    const at = [...path, 'clocks', name];
    if (!context.isValid(at)) continue;
    const clock = value as Version['clocks'][string];
    checkEnd(context, at, clock);
    checkRuns(context, [...at, 'runs'], clock.runs);
    for (const [index, reference] of (clock.restarts_on ?? []).entries()) {
      if (typeof reference === 'object' && 'on' in reference)
        checkRuns(context, [...at, 'restarts_on', index, 'runs'], reference.runs);
    }
    for (const [index, stage] of (clock.ended ?? []).entries()) {
      checkRuns(context, [...at, 'ended', index, 'runs'], stage.runs);
    }
    checkAppliesIf(context, [...at, 'applies_if'], clock);
    if (clock.charge) checkCharge(context, [...at, 'charge'], clock.charge, clock);
    checkStages(context, [...at, 'ended'], clock);
    if (!clock.ended?.length && !clock.charge && !dependedOn.has(name)) {
      context.report(at, 'Nothing follows when this clock has ended: add "ended" with its stages.', 'key');
    }
    const counting = clock.counting;
    if (isObject(counting) && counting.earliest === 'exclusive' && counting.latest === 'inclusive') {
      context.report(
        [...at, 'counting'],
        'Inclusive counting ends a day sooner: it is the earliest reading.',
      );
    }
  }
}
