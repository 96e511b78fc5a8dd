/** Many lines' moves, counted; of the lines themselves only the gravest are kept, however many move. */
import type { Direction, Move, MovedDate } from './move.ts';

/** How many lines move, by date and direction. */
type Counts = Record<Direction, number>;
export type Tally = {
  /** Lines looked at: those whose rule differs. */
  lines: number;
  moved: number;
  act_by: Counts;
  lost_on: Counts;
};

/** Nearer first: by then too little may have been done. A date that vanishes may tell somebody that they are safe. */
const GRAVITY: readonly (Direction | null)[] = ['nearer', 'appears', 'vanishes', 'further', null];

const dayOf = ({ before, after }: MovedDate) => after ?? before ?? '';

/** Negative where the first is the graver: by how the last safe day moves, then the nearer one, then the line. */
function byGravity(a: Move, b: Move): number {
  const rank = ({ act_by }: Move) => GRAVITY.indexOf(act_by.direction);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  const date = (move: Move) => dayOf(move.act_by.direction === null ? move.lost_on : move.act_by);
  const [one, other] = [`${date(a)} ${a.line}`, `${date(b)} ${b.line}`];
  return Number(one > other) - Number(one < other);
}

const none = (): Counts => ({ nearer: 0, further: 0, appears: 0, vanishes: 0 });

/** Takes moves one by one and keeps the `most` gravest of them. */
export function collectMoves(most: number) {
  const tally: Tally = { lines: 0, moved: 0, act_by: none(), lost_on: none() };
  let kept: Move[] = [];
  const trim = () => {
    kept = kept.sort(byGravity).slice(0, most);
  };
  return {
    tally,
    /** A line that was looked at, and its move, if it moves. */
    add(move: Move | null) {
      tally.lines += 1;
      if (!move) return;
      tally.moved += 1;
      for (const date of ['act_by', 'lost_on'] as const) {
        const { direction } = move[date];
        if (direction !== null) tally[date][direction] += 1;
      }
      kept.push(move);
      // Sorted now and then only, so that each costs next to nothing.
      if (kept.length >= 2 * most + 100) trim();
    },
    gravest(): readonly Move[] {
      trim();
      return kept;
    },
  };
}
