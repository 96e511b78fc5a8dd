/**
 * What can really be done on a day: an outgoing call or text wants a line that may make it and money to pay for it, and
 * what is paid from the balance wants its price there.
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

/** The least that must lie on the account, in ten-thousandths; of what has no known price, anything at all. */
function dueFor(candidate: Candidate): number {
  const { record, spent } = candidate;
  if (isFromBalance(candidate)) return Math.max(spent ?? 0, 1);
  return record.type === 'activity' && record.charged === true ? 1 : 0;
}

/**
 * Actions to be done together on a day. Where the account has too little or is closed to calls, what wants it comes with
 * the least top-up that opens it.
 */
export function* movesOn(
  candidates: readonly Candidate[],
  topups: readonly Candidate[],
  steps: readonly Candidate[],
  day: Day,
  fold: FoldOn,
): Folding<Candidate[][]> {
  const states = new Map<Candidate | null, Timeline>();
  function* seen(topup: Candidate | null): Folding<Timeline> {
    const known = states.get(topup);
    if (known) return known;
    const timeline = yield* fold(topup ? [...steps, topup] : steps, day);
    states.set(topup, timeline);
    return timeline;
  }
  // Where nothing can be paid in, the account is not what pays.
  const pays = ({ balance }: Timeline, due: number) =>
    topups.length === 0 || balance === null || due === 0 || balance >= due;
  function* opens(topup: Candidate | null, wanted: Candidate): Folding<boolean> {
    const timeline = yield* seen(topup);
    const may = !isUse(wanted) || entryOn(timeline, day)?.can_call !== false;
    return may && pays(timeline, dueFor(wanted));
  }
  function* firstThatOpens(wanted: Candidate): Folding<Candidate | null> {
    for (const topup of topups) if (yield* opens(topup, wanted)) return topup;
    return null;
  }

  const moves: Candidate[][] = [];
  for (const candidate of candidates) {
    const isFree = !isUse(candidate) && !isFromBalance(candidate);
    if (isFree || (yield* opens(null, candidate))) {
      moves.push([candidate]);
      continue;
    }
    const topup = yield* firstThatOpens(candidate);
    if (topup) moves.push([topup, candidate]);
  }
  return moves;
}
