/** Entries about payments: keep the proof, check that it went through, contact support if it did not. */
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

/** Days after the payment on which its proof is asked for: for a year, not longer. */
const PROOF_DAYS = [0, 3, 7, 14, 30, 60, 120, 240, 360];
/** Days after the expected posting on which to check the payment; then weekly, then monthly for two years. */
const CHECK_DAYS = [0, 2, 5];
const WEEKLY_CHECKS = 12;
/** Days after the failure, and after the expected posting, on which to contact support. */
const SUPPORT_DAYS = { failed: [0, 3, 7, 14, 28], unconfirmed: [7, 21] };
/** Days until a payment is posted, if the rule does not say. */
const DEFAULT_POSTING_DAYS = 1;

/** `days`, continued by `count` more at intervals of `step`. */
const repeatAfter = (days: readonly number[], step: number, count: number): readonly number[] => [
  ...days,
  ...Array.from({ length: count }, (_, index) => (days.at(-1) as number) + step * (index + 1)),
];
const checkDays = repeatAfter(repeatAfter(CHECK_DAYS, WEEK, WEEKLY_CHECKS), MONTH, MONTHLY_REPEATS);

/** The day of the payment in the person's zone. */
function paidOn({ paid_at }: AgendaPayment, line: AgendaLine): Day {
  // A date is taken as written: converted to an earlier day, it would ask for a proof before the payment.
  return parseDay(paid_at) ?? (parseDay(dateInZone(new Date(paid_at), line.time_zone)) as Day);
}

function postingDays({ booked }: AgendaLine, { channel }: AgendaPayment): number {
  const ways = booked.carrier.channels.filter(({ kind }) => kind === channel);
  return ways.length === 0
    ? DEFAULT_POSTING_DAYS
    : Math.max(...ways.map(({ posting = DEFAULT_POSTING_DAYS }) => posting));
}

/** The deadline that a payment met only after it had passed: without the payment, it is missed. */
function deadlineMissedWithout(line: AgendaLine, { record }: AgendaPayment): Deadline | null {
  const late = closedCycles(line, 'use').find(
    ({ lastSafe, move }) => move.record === record && move.on > lastSafe,
  );
  return late ? deadlineOfClosed(line, late) : null;
}

/** By when the line must be used if all pending payments fail; null if that does not depend on this payment. */
function deadlineWithout(line: AgendaLine, { saves }: AgendaPayment): Deadline | null {
  const { timeline, time_zone } = line;
  const { act_by, confirmed_act_by } = timeline;
  // A line that is at risk either way has no day until which it is safe.
  if (saves === false || useDeadline(line)?.missed) return null;
  const missedOn = missedWithoutPending(timeline);
  const day = missedOn ?? confirmed_act_by;
  // A payment that moves only a later stage, or nothing, does not change this day.
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
      // Of the days before the line was entered only the last is kept, moved to the day of entry.
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
