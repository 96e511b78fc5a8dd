/** What only makes sense together in a clock: its way to end, and what belongs to that way. */
import { isObject } from '../lib/is-object.ts';
import { type Clock, hasOwnLengths, type Runs, type Version } from '../retention/language.ts';
import { parsePrice } from '../retention/money.ts';
import type { Path } from './problem.ts';
import { checkCharge, checkDoubt, checkStages } from './stages.ts';
import { type Checked, entries, get, items } from './walk.ts';

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
  paused_by: ['restarts_on'],
  paused_while: ['restarts_on'],
};

function checkWays(checked: Checked, path: Path, clock: Clock): void {
  const ways = WAYS.filter((way) => clock[way] !== undefined);
  const [way] = ways;
  if (ways.length > 1) {
    checked.say([...path, ways[1]!], `A clock ends in one way: keep ${ways.join(' or ')}.`, 'key');
    return;
  }
  const levied = clock.charge?.on_day_of_month !== undefined || clock.charge?.every === 'month';
  if (!way) {
    if (!levied && clock.shows === undefined) {
      checked.say(
        path,
        `It does not say how the clock ends. Add one of: ${WAYS.join(', ')}; or "shows" alone, for a date that only the carrier tells.`,
        'key',
      );
    }
  } else if (way === 'restarts_on' || way === 'runs_while') {
    if (clock.runs === undefined && !hasOwnLengths(clock))
      checked.say(path, 'It has no "runs": how long does the clock run?', 'key');
  }
  if (clock.shows !== undefined && way && way !== 'restarts_on') {
    checked.say([...path, 'shows'], '"shows" belongs to a clock with restarts_on, or stands alone.', 'key');
  }
  if (clock.cured_by !== undefined && way !== 'ends_on' && (way || clock.shows === undefined)) {
    checked.say(
      [...path, 'cured_by'],
      '"cured_by" belongs to a clock with ends_on, or one that only "shows".',
      'key',
    );
  }
  for (const [key, belongs] of Object.entries(BELONGS) as [keyof Clock, readonly string[]][]) {
    if (clock[key] === undefined || (way && belongs.includes(way))) continue;
    checked.say([...path, key], `"${key}" belongs to a clock with ${belongs.join(' or ')}.`, 'key');
  }
}

function checkRuns(checked: Checked, path: Path, runs: Runs | undefined): void {
  checkDoubt(checked, path, runs);
  if (!isObject(runs) || !('tiers' in runs)) return;
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
      get(clock, 'paused_while'),
      ...['all', 'any'].flatMap((how) => items(get(get(clock, 'ends_with'), how)).map(([, name]) => name)),
      ...items(get(clock, 'ended')).map(([, stage]) => get(stage, 'unless_ended')),
    ]),
  );
  if (isObject(clocks) && Object.keys(clocks).length === 0) {
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
    checkRuns(checked, [...at, 'runs'], clock.runs);
    for (const [index, reference] of (clock.restarts_on ?? []).entries()) {
      if (typeof reference === 'object' && 'on' in reference)
        checkRuns(checked, [...at, 'restarts_on', index, 'runs'], reference.runs);
    }
    for (const [index, stage] of (clock.ended ?? []).entries()) {
      checkRuns(checked, [...at, 'ended', index, 'runs'], stage.runs);
    }
    checkAppliesIf(checked, [...at, 'applies_if'], clock);
    if (clock.charge) checkCharge(checked, [...at, 'charge'], clock.charge, clock);
    checkStages(checked, [...at, 'ended'], clock);
    if (!clock.ended?.length && !clock.charge && !watched.has(name)) {
      checked.say(at, 'Nothing follows when this clock has ended: add "ended" with its stages.', 'key');
    }
    const counting = clock.counting;
    if (isObject(counting) && counting.earliest === 'exclusive' && counting.latest === 'inclusive') {
      checked.say([...at, 'counting'], 'Inclusive counting ends a day sooner: it is the earliest reading.');
    }
  }
}
