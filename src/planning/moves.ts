/** What can really be done on a day: an outgoing call or text wants a line that may make it and money to pay for it. */
import type { Day, Timeline } from '../retention/index.ts';
import type { Candidate } from './forms.ts';
import { entryOn } from './target.ts';

type FoldOn = (steps: readonly Candidate[], asOf: Day) => Timeline;

const isUse = ({ record }: Candidate): boolean =>
  record.type === 'activity' && record.direction === 'outgoing';

const costs = ({ record }: Candidate): boolean => record.type === 'activity' && record.charged === true;

/** Actions to be done together on a day. Where the account is empty or closed to calls, a use comes with the least top-up that opens it. */
export function movesOn(
  candidates: readonly Candidate[],
  topups: readonly Candidate[],
  steps: readonly Candidate[],
  day: Day,
  fold: FoldOn,
): Candidate[][] {
  const states = new Map<Candidate | null, Timeline>();
  const seen = (topup: Candidate | null): Timeline => {
    const known = states.get(topup);
    if (known) return known;
    const timeline = fold(topup ? [...steps, topup] : steps, day);
    states.set(topup, timeline);
    return timeline;
  };
  // Where nothing can be paid in, the account is not what pays.
  const pays = (timeline: Timeline) =>
    topups.length === 0 || timeline.balance === null || timeline.balance > 0;
  const opens = (topup: Candidate | null, use: Candidate) =>
    entryOn(seen(topup), day)?.can_call !== false && (!costs(use) || pays(seen(topup)));

  return candidates.flatMap((candidate): Candidate[][] => {
    if (!isUse(candidate) || opens(null, candidate)) return [[candidate]];
    const topup = topups.find((one) => opens(one, candidate));
    return topup ? [[topup, candidate]] : [];
  });
}
