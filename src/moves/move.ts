/** Compares the last safe day and the day of loss that two rules give a line. Pure: `now` is an argument. */
import { foldToday } from '../ledger.ts';
import { type Day, formatDayOrNull } from '../retention/day.ts';
import type { LedgerRecord } from '../retention/record.ts';
import type { BookedRule } from '../rulebook/index.ts';
import type { Line } from '../store/types.ts';

/** How a date moves: to an earlier day, to a later one, from no date to one, from one to none. */
export const DIRECTIONS = ['nearer', 'further', 'appears', 'vanishes'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export type MovedDate = {
  before: string | null;
  after: string | null;
  /** How many days later; null if either date is missing. */
  days: number | null;
  /** Null if it does not move. */
  direction: Direction | null;
};

/** A line for which at least one of the two dates moves. */
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

const NO_DATES = { act_by: null, lost_on: null };

/** The dates that a rule gives a line today; none if the rulebook does not have the rule. */
const datesOf = (booked: BookedRule | undefined, line: Line, records: readonly LedgerRecord[], now: Date) =>
  booked ? foldToday(booked, line, records, now) : NO_DATES;

/** The move of a line from one rule to another; null if both give the same dates. */
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
