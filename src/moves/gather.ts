/** Counts the moves of any number of lines, and keeps only the most serious ones. */
import type { Direction, Move, MovedDate } from './move.ts';

/** How many lines move, by direction. */
type Counts = Record<Direction, number>;
export type Tally = {
  /** Lines compared: those whose rule differs. */
  lines: number;
  moved: number;
  act_by: Counts;
  lost_on: Counts;
};

/** Most serious first: a nearer date leaves less time to act; a date that vanishes may suggest that one is safe. */
const SEVERITY: readonly (Direction | null)[] = ['nearer', 'appears', 'vanishes', 'further', null];

const dayOf = ({ before, after }: MovedDate) => after ?? before ?? '';

/** Sorts the most serious first: by how the last safe day moves, then by the nearer day, then by line. */
function bySeverity(a: Move, b: Move): number {
  const rank = ({ act_by }: Move) => SEVERITY.indexOf(act_by.direction);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const date = (move: Move) => dayOf(move.act_by.direction === null ? move.lost_on : move.act_by);
  const [first, second] = [`${date(a)} ${a.line}`, `${date(b)} ${b.line}`];
  return Number(first > second) - Number(first < second);
}

const noCounts = (): Counts => ({ nearer: 0, further: 0, appears: 0, vanishes: 0 });

/** Takes moves one by one and keeps the `limit` most serious ones. */
export function collectMoves(limit: number) {
  const tally: Tally = { lines: 0, moved: 0, act_by: noCounts(), lost_on: noCounts() };
  let kept: Move[] = [];
  const trim = () => {
    kept = kept.sort(bySeverity).slice(0, limit);
  };
  return {
    tally,
    /** Adds a compared line: its move, or null if it does not move. */
    add(move: Move | null) {
      tally.lines += 1;
      if (!move) return;
      tally.moved += 1;
      for (const date of ['act_by', 'lost_on'] as const) {
        const { direction } = move[date];
        if (direction !== null) tally[date][direction] += 1;
      }
      kept.push(move);
      // Sorted only now and then, so that an added move costs little on average.
      if (kept.length >= 2 * limit + 100) trim();
    },
    gravest(): readonly Move[] {
      trim();
      return kept;
    },
  };
}
