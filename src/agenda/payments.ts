/** What a payment asks of its owner: keep the proof, see that it went through, ask support where it did not. */
import {
  type Day,
  dateInZone,
  formatDay,
  missedWithoutPending,
  parseDay,
  safeDay,
} from '../retention/index.ts';
import { closedCycles, deadlineOfClosed } from './cycle.ts';
import { useDeadline } from './deadline.ts';
import type { AgendaEntry, AgendaLine, AgendaPayment, Deadline } from './entry.ts';
import { alarmHours, type Draft, MONTH, MONTHLY_REPEATS, makeEntry, WEEK } from './make.ts';

/** Days after the payment on which its proof is asked for; for a year, and older ones are let be. */
const PROOF_DAYS = [0, 3, 7, 14, 30, 60, 120, 240, 360];
/** Days after it should have been posted on which it is asked whether it was: then weekly, and monthly for two years. */
const CHECK_DAYS = [0, 2, 5];
const WEEKLY_CHECKS = 12;
/** Days after it failed, and after it should have been posted. */
const SUPPORT_DAYS = { failed: [0, 3, 7, 14, 28], unconfirmed: [7, 21] };
/** Where no rule says how long a payment takes. */
const DEFAULT_POSTING_DAYS = 1;

/** So many days after the last of `days`, each `step` days after the one before. */
const repeatAfter = (days: readonly number[], step: number, count: number): readonly number[] => [
  ...days,
  ...Array.from({ length: count }, (_, index) => (days.at(-1) as number) + step * (index + 1)),
];
const checkDays = repeatAfter(repeatAfter(CHECK_DAYS, WEEK, WEEKLY_CHECKS), MONTH, MONTHLY_REPEATS);

/** The day in the person's zone on which it was paid. */
function paidOn({ paid_at }: AgendaPayment, line: AgendaLine): Day {
  // A date stands as it was written: asked for a day early, it would be asked for before there is a payment.
  return parseDay(paid_at) ?? (parseDay(dateInZone(new Date(paid_at), line.time_zone)) as Day);
}

function postingDays({ booked }: AgendaLine, { channel }: AgendaPayment): number {
  const ways = booked.carrier.channels.filter(({ kind }) => kind === channel);
  return ways.length === 0
    ? DEFAULT_POSTING_DAYS
    : Math.max(...ways.map(({ posting = DEFAULT_POSTING_DAYS }) => posting));
}

/** The deadline that a payment made good only after it had passed: without it, that one stands missed. */
function deadlineMissedWithout(line: AgendaLine, { record }: AgendaPayment): Deadline | null {
  const late = closedCycles(line, 'use').find(
    ({ lastSafe, move }) => move.record === record && move.on > lastSafe,
  );
  return late ? deadlineOfClosed(line, late) : null;
}

/** By when the line must be used if nothing of what is pending goes through; null where it is no matter of this payment. */
function deadlineWithout(line: AgendaLine, { saves }: AgendaPayment): Deadline | null {
  const { timeline, time_zone } = line;
  const { act_by, confirmed_act_by } = timeline;
  // Of a line that is at risk whatever comes, the next day is none until which it is safe.
  if (saves === false || useDeadline(line)?.missed) return null;
  const missedOn = missedWithoutPending(timeline);
  const day = missedOn ?? confirmed_act_by;
  // What moves a later stage only, or nothing, does not save this day.
  if (day === null || day === act_by) return null;
  const safe = formatDay(safeDay(day, timeline.time_zone, time_zone));
  return { act_by: formatDay(day), safe, clock: null, stage: null, missed: missedOn !== null };
}

function entriesOf(draft: Draft, payment: AgendaPayment): AgendaEntry[] {
  const { line, created, rings } = draft;
  const { id, state, proved } = payment;
  const paid = paidOn(payment, line);
  const entries: AgendaEntry[] = [];
  const addEntries = (
    kind: AgendaEntry['kind'],
    from: Day,
    days: readonly number[],
    rest: Partial<AgendaEntry>,
  ) => {
    for (const [index, after] of days.entries()) {
      const on = from + after;
      // What was before the line was entered is asked for once, on that day.
      const next = days[index + 1];
      if (next !== undefined && from + next <= created) continue;
      const tone = index + 1;
      const alarms = rings && kind !== 'save_proof' && index > 0 ? [alarmHours(draft, 1)] : [];
      const day = Math.max(on, created);
      entries.push(makeEntry(line, kind, `${id}/${after}`, day, { payment, tone, alarms, ...rest }));
    }
  };
  if (!proved && (state === 'pending' || state === 'confirmed' || state === 'failed')) {
    addEntries('save_proof', paid, PROOF_DAYS, {});
  }
  if (state === 'pending') {
    const deadline = deadlineMissedWithout(line, payment) ?? deadlineWithout(line, payment);
    const posted = paid + postingDays(line, payment);
    addEntries('check_payment', posted, checkDays, { deadline });
    addEntries('contact_support', posted, SUPPORT_DAYS.unconfirmed, { deadline, variant: 'unconfirmed' });
  }
  if (state === 'failed') {
    const failed = parseDay(dateInZone(new Date(payment.since), line.time_zone)) as Day;
    addEntries('contact_support', failed, SUPPORT_DAYS.failed, { variant: 'failed' });
  }
  return entries;
}

export const paymentEntries = (draft: Draft): AgendaEntry[] =>
  (draft.line.payments ?? []).flatMap((payment) => entriesOf(draft, payment));
