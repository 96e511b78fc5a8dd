import { type Day, formatDay } from '../retention/index.ts';
import type { Move } from '../retention/timeline.ts';
import { recordDays } from '../wording/index.ts';
import { safeOf, type Track, trackOf } from './deadline.ts';
import type { AgendaLine, Deadline } from './entry.ts';

/** A deadline that a record answered, in time or late. */
export type ClosedCycle = { number: number; lastSafe: Day; since: Day; move: Move };

/** The deadline of a closed cycle: it applies again if the payment that closed the cycle fails. */
export const deadlineOfClosed = (line: AgendaLine, { lastSafe, move }: ClosedCycle): Deadline => ({
  act_by: formatDay(lastSafe),
  safe: formatDay(safeOf(line, lastSafe)),
  clock: move.clock,
  stage: null,
  missed: move.on > lastSafe,
});

const MAX_WINDOW = 30;

/** Whether `lead` days are at most a third of the time until the deadline: reminders and ticks come no earlier. */
export const isInProportion = (lead: number, since: Day, lastSafe: Day): boolean =>
  lead * 3 <= lastSafe - since;

function firstDay(line: AgendaLine): Day | null {
  const days = line.records.map((record) => recordDays(record.input.at, line.timeline.time_zone).earliest);
  return days.length > 0 ? days.reduce((a, b) => Math.min(a, b)) : null;
}

function renews(move: Move, line: AgendaLine, isLast: boolean): boolean {
  if (move.to !== null) return move.to > move.from;
  // No deadline follows: the line is safe, unless it is already lost.
  return !isLast || (line.timeline.stage !== 'lost' && line.timeline.stage !== 'reissuable');
}

/**
 * The cycles that these moves closed. Daily use moves the deadline every day, so a move counts as a renewal only if it
 * falls in the last thirty days before the deadline (in a short cycle, its last third) or after it. Every other move
 * only shifts the date of the same cycle.
 */
function cyclesClosedBy(line: AgendaLine, track: Track, allMoves: readonly Move[]): ClosedCycle[] {
  const closed: ClosedCycle[] = [];
  const moves = allMoves.filter((move) => trackOf(line, move.clock) === track);
  // A balance record may correct a date, but renews nothing.
  const balanceRecords = new Set(
    line.records.flatMap(({ id, input }) => (input.type === 'balance' ? [id] : [])),
  );
  let since = firstDay(line);
  moves.forEach((move, index) => {
    const start = Math.min(since ?? move.from, move.from);
    const window = Math.min(MAX_WINDOW, Math.floor((move.from - start) / 3));
    const isRenewal = renews(move, line, index === moves.length - 1) && !balanceRecords.has(move.record);
    if (isRenewal && move.on >= move.from - window) {
      closed.push({ number: closed.length, lastSafe: move.from, since: start, move });
    }
    since = move.on;
  });
  return closed;
}

/**
 * The cycles that records closed. If a pending payment closed a cycle, and a confirmed record would have met the same
 * deadline without it, the cycle is attributed to that record.
 */
export function closedCycles(line: AgendaLine, track: Track): ClosedCycle[] {
  const { moves, confirmed_moves } = line.timeline;
  const closed = cyclesClosedBy(line, track, moves);
  const pending = new Set(line.records.flatMap(({ id, pending }) => (pending ? [id] : [])));
  if (!closed.some(({ move }) => pending.has(move.record))) return closed;
  const settled = cyclesClosedBy(line, track, confirmed_moves);
  return closed.map((cycle) => {
    const other = settled.find(({ lastSafe }) => lastSafe === cycle.lastSafe);
    return other && pending.has(cycle.move.record) ? { ...cycle, move: other.move } : cycle;
  });
}

/**
 * The deadline that applies if all pending payments fail, as a cycle of its own (at most one). It is needed where no
 * pending record closed a cycle: one paid long before its deadline, or one that moves a date only through the balance,
 * closes none.
 */
export function provisionalCycles(
  line: AgendaLine,
  closed: readonly ClosedCycle[],
  clock: string | null,
): ClosedCycle[] {
  const { provisional, act_by, confirmed_act_by: lastSafe, as_of, time_zone } = line.timeline;
  if (!provisional || lastSafe === null || lastSafe < as_of || (act_by ?? lastSafe + 1) <= lastSafe)
    return [];
  const awaited = line.records.filter(({ pending }) => pending);
  const ids = new Set(awaited.map(({ id }) => id));
  const saving = line.payments?.find(
    ({ record, saves }) => record !== null && ids.has(record) && saves !== false,
  );
  const record = awaited.find(({ id }) => id === saving?.record) ?? awaited[0];
  if (!record || closed.some(({ move }) => ids.has(move.record))) return [];
  const since = closed.at(-1)?.move.on ?? firstDay(line) ?? lastSafe;
  const on = recordDays(record.input.at, time_zone).earliest;
  const move: Move = {
    record: record.id,
    on,
    from: lastSafe,
    to: act_by,
    stage: 'unknown',
    clock: clock ?? '',
  };
  return [{ number: closed.length, lastSafe, since: Math.min(since, lastSafe), move }];
}
