import { type Day, plannedFrom, stageThatHolds } from '../retention/index.ts';
import { type ClosedCycle, deadlineOfClosed, isInProportion } from './cycle.ts';
import { type FoundDeadline, safeOf } from './deadline.ts';
import type { AgendaEntry, AgendaLine } from './entry.ts';
import { alarmHours, type Draft, makeEntry } from './make.ts';

const LEAD_DAYS = { check_account: 30, backup: 21, renew: 7 } as const;

/** Whether a cycle is long enough for a reminder a month ahead; shorter cycles get fewer reminders. */
const isLong = (since: Day, lastSafe: Day): boolean =>
  isInProportion(LEAD_DAYS.check_account, since, lastSafe);

/** Moves a day before the line was entered to the day of entry, if that is not after `lastDay`. */
const notBefore = (day: Day, created: Day, lastDay: Day): Day =>
  created <= lastDay ? Math.max(day, created) : day;

function backupEntries(draft: Draft, deadline: FoundDeadline, cycle: string): AgendaEntry[] {
  const { line, created } = draft;
  const { stages, as_of } = line.timeline;
  const present = stageThatHolds(stages, (from) => from <= as_of);
  // Moving accounts needs codes: a line that can no longer receive gets no reminder.
  if (present?.can_receive === false && present.latest_from !== null && present.latest_from <= as_of)
    return [];
  // What the carrier may do from some day on, it may still do on any later day.
  const unreachableStage = stages.find(
    (entry) =>
      (plannedFrom(entry) > as_of || entry.certainty === 'may') &&
      !entry.can_receive &&
      entry.stage !== 'reissuable',
  );
  if (!unreachableStage || !isInProportion(LEAD_DAYS.backup, deadline.since, deadline.lastSafe)) return [];
  const lastDay = Math.min(deadline.safeOn, safeOf(line, plannedFrom(unreachableStage) - 1));
  if (created > lastDay) return [];
  const on = Math.max(lastDay - LEAD_DAYS.backup, created);
  return [
    makeEntry(line, 'backup', cycle, on, {
      deadline,
      stage: unreachableStage,
      because: unreachableStage.because,
    }),
  ];
}

function leadEntries(draft: Draft, deadline: FoundDeadline, cycle: string): AgendaEntry[] {
  if (!draft.leadEntries) return [];
  return draft.leads
    .filter((days) => isInProportion(days, deadline.since, deadline.lastSafe))
    .filter((days) => deadline.safeOn - days >= draft.created)
    .map((days) =>
      makeEntry(draft.line, 'lead', `${cycle}/${days}`, deadline.safeOn - days, {
        deadline,
        days,
        because: deadline.because,
        asks: deadline.asks,
      }),
    );
}

/** Alarms at the same days at which `leadEntries` would place entries. */
function alarmsOf(draft: Draft, deadline: FoundDeadline): number[] {
  const leads = draft.leads.filter((days) => isInProportion(days, deadline.since, deadline.lastSafe));
  return draft.rings ? leads.map((days) => alarmHours(draft, days)) : [];
}

/**
 * What to do before a deadline: check the account, move other accounts off the number, renew; and the last safe day.
 */
export function remindersBefore(draft: Draft, deadline: FoundDeadline, cycle: string): AgendaEntry[] {
  const { line, created, rings } = draft;
  const { since, lastSafe, safeOn, because, asks } = deadline;
  const entries = [...backupEntries(draft, deadline, cycle), ...leadEntries(draft, deadline, cycle)];
  if (isLong(since, lastSafe) && safeOn - LEAD_DAYS.check_account >= created) {
    entries.push(
      makeEntry(line, 'check_account', cycle, safeOn - LEAD_DAYS.check_account, { deadline, because }),
    );
  }
  if (isInProportion(LEAD_DAYS.renew, since, lastSafe)) {
    const alarms = rings && isLong(since, lastSafe) ? [alarmHours(draft, 1)] : [];
    const on = notBefore(safeOn - LEAD_DAYS.renew, created, safeOn);
    entries.push(makeEntry(line, 'renew', cycle, on, { deadline, because, asks, alarms }));
  }
  const alarms = alarmsOf(draft, deadline);
  entries.push(makeEntry(line, 'last_safe_day', cycle, safeOn, { deadline, because, asks, alarms }));
  return entries;
}

/** The renewal entry of a closed cycle, ticked, on its old day. */
export function renewalEntries(draft: Draft, closed: ClosedCycle): AgendaEntry[] {
  const { line } = draft;
  const { lastSafe, since, number } = closed;
  const done_by = doneBy(closed, line);
  if (done_by?.pending) return pendingRenewal(draft, closed);
  const safeOn = safeOf(line, lastSafe);
  const [kind, on] = isInProportion(LEAD_DAYS.renew, since, lastSafe)
    ? (['renew', safeOn - LEAD_DAYS.renew] as const)
    : (['last_safe_day', safeOn] as const);
  return [makeEntry(line, kind, `${number}`, on, { done: true, done_by })];
}

/** Paid but not confirmed: the old deadline stays in place, with its alarm, until the payment is confirmed or fails. */
function pendingRenewal(draft: Draft, closed: ClosedCycle): AgendaEntry[] {
  const { line, created, rings } = draft;
  const { lastSafe, since, number, move } = closed;
  const safeOn = safeOf(line, lastSafe);
  const deadline = deadlineOfClosed(line, closed);
  const payment = line.payments?.find(({ record }) => record === move.record) ?? null;
  const rest = { deadline, variant: 'pending' as const, payment };
  const last = makeEntry(line, 'last_safe_day', `${number}`, safeOn, {
    ...rest,
    alarms: rings ? [alarmHours(draft, 1)] : [],
  });
  if (!isInProportion(LEAD_DAYS.renew, since, lastSafe)) return [last];
  const on = notBefore(safeOn - LEAD_DAYS.renew, created, safeOn);
  return [makeEntry(line, 'renew', `${number}`, on, rest), last];
}

export const doneBy = ({ move }: ClosedCycle, line: AgendaLine): AgendaEntry['done_by'] =>
  line.records.find((record) => record.id === move.record) ?? null;
