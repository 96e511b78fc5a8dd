/**
 * Which actions are possible on a day: an outgoing call or text needs a line that can make it and money to pay for it,
 * and a purchase from the balance needs its price on the account.
 */
import type { Day, Timeline } from '../retention/index.ts';
import type { Folding } from './folding.ts';
import type { Candidate } from './forms.ts';
import { entryOn } from './target.ts';

type FoldOn = (steps: readonly Candidate[], asOf: Day) => Folding<Timeline>;

const isUse = ({ record }: Candidate): boolean =>
  record.type === 'activity' && record.direction === 'outgoing';

const isFromBalance = ({ record }: Candidate): boolean =>
  record.type === 'purchase' && record.from_balance === true;

/** The least balance that an action needs, in ten-thousandths; if its price is not known, any money at all. */
function requiredBalance(candidate: Candidate): number {
  const { record, spent } = candidate;
  if (isFromBalance(candidate)) return Math.max(spent ?? 0, 1);
  return record.type === 'activity' && record.charged === true ? 1 : 0;
}

/**
 * The moves that are possible on a day, each a list of actions to do together: where the account has too little or the
 * line cannot call, an action comes with the least top-up that makes it possible.
 */
export function* movesOn(
  candidates: readonly Candidate[],
  topups: readonly Candidate[],
  steps: readonly Candidate[],
  day: Day,
  fold: FoldOn,
): Folding<Candidate[][]> {
  const states = new Map<Candidate | null, Timeline>();
  function* timelineWith(topup: Candidate | null): Folding<Timeline> {
    const known = states.get(topup);
    if (known) return known;
    const timeline = yield* fold(topup ? [...steps, topup] : steps, day);
    states.set(topup, timeline);
    return timeline;
  }
  // If nothing can be paid in, the account is not what pays.
  const pays = ({ balance }: Timeline, due: number) =>
    topups.length === 0 || balance === null || due === 0 || balance >= due;
  function* isPossibleWith(topup: Candidate | null, candidate: Candidate): Folding<boolean> {
    const timeline = yield* timelineWith(topup);
    const isAllowed = !isUse(candidate) || entryOn(timeline, day)?.can_call !== false;
    return isAllowed && pays(timeline, requiredBalance(candidate));
  }
  function* leastTopupFor(candidate: Candidate): Folding<Candidate | null> {
    for (const topup of topups) if (yield* isPossibleWith(topup, candidate)) return topup;
    return null;
  }

  const moves: Candidate[][] = [];
  for (const candidate of candidates) {
    const isIndependent = !isUse(candidate) && !isFromBalance(candidate);
    if (isIndependent || (yield* isPossibleWith(null, candidate))) {
      moves.push([candidate]);
      continue;
    }
    const topup = yield* leastTopupFor(candidate);
    if (topup) moves.push([topup, candidate]);
  }
  return moves;
}
