/** Whether other rules give a line another last safe day, or another day of loss. Pure: the moment comes in. */
import { foldToday } from '../ledger.ts';
import { type Day, formatDayOrNull } from '../retention/day.ts';
import type { LedgerRecord } from '../retention/record.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Line } from '../store/types.ts';

/** How a date moves: to an earlier day, to a later one, from none to some, from some to none. */
export const DIRECTIONS = ['nearer', 'further', 'appears', 'vanishes'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export type MovedDate = {
  before: string | null;
  after: string | null;
  /** How many days later; null where one of the two is not there. */
  days: number | null;
  /** Null where it stays. */
  direction: Direction | null;
};

/** A line of which at least one of the two dates moves. */
export type Move = { line: string; user: string; rule: string; act_by: MovedDate; lost_on: MovedDate };

function directionOf(before: Day | null, after: Day | null): Direction | null {
  if (before === after) return null;
  if (before === null) return 'appears';
  if (after === null) return 'vanishes';
  return after < before ? 'nearer' : 'further';
}

const moved = (before: Day | null, after: Day | null): MovedDate => ({
  before: formatDayOrNull(before),
  after: formatDayOrNull(after),
  days: before === null || after === null ? null : after - before,
  direction: directionOf(before, after),
});

const NOTHING = { act_by: null, lost_on: null };

/** What a rule says of a line today; nothing where the rulebook has the rule no more, or not yet. */
const datesOf = (booked: BookedRule | undefined, line: Line, records: readonly LedgerRecord[], now: Date) =>
  booked ? foldToday(booked, line, records, now) : NOTHING;

/** The move of a line from one rule to the other; null where both give it the same dates. */
export function moveOf(
  [before, after]: readonly [BookedRule | undefined, BookedRule | undefined],
  line: Line,
  records: readonly LedgerRecord[],
  now: Date,
): Move | null {
  const [old, next] = [datesOf(before, line, records, now), datesOf(after, line, records, now)];
  const act_by = moved(old.act_by, next.act_by);
  const lost_on = moved(old.lost_on, next.lost_on);
  if (act_by.direction === null && lost_on.direction === null) return null;
  return { line: line.id, user: line.user, rule: line.rule, act_by, lost_on };
}
