/** What can really be done on a day: an outgoing call or text wants a line that may make it and money to pay for it. */
import type { Day, Timeline } from '../retention/index.ts';
import type { Folding } from './folding.ts';
import type { Candidate } from './forms.ts';
import { entryOn } from './target.ts';

type FoldOn = (steps: readonly Candidate[], asOf: Day) => Folding<Timeline>;

const isUse = ({ record }: Candidate): boolean =>
  record.type === 'activity' && record.direction === 'outgoing';

const costs = ({ record }: Candidate): boolean => record.type === 'activity' && record.charged === true;

/** Actions to be done together on a day. Where the account is empty or closed to calls, a use comes with the least top-up that opens it. */
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
  const pays = (timeline: Timeline) =>
    topups.length === 0 || timeline.balance === null || timeline.balance > 0;
  function* opens(topup: Candidate | null, use: Candidate): Folding<boolean> {
    const timeline = yield* seen(topup);
    return entryOn(timeline, day)?.can_call !== false && (!costs(use) || pays(timeline));
  }
  function* firstThatOpens(use: Candidate): Folding<Candidate | null> {
    for (const topup of topups) if (yield* opens(topup, use)) return topup;
    return null;
  }

  const moves: Candidate[][] = [];
  for (const candidate of candidates) {
    if (!isUse(candidate) || (yield* opens(null, candidate))) {
      moves.push([candidate]);
      continue;
    }
    const topup = yield* firstThatOpens(candidate);
    if (topup) moves.push([topup, candidate]);
  }
  return moves;
}
