/**
 * Agenda: from a line's timeline to what its owner should do, on which day, why and how. A pure function of the
 * records, not of the current time: repeated reminders are all laid out ahead, and vanish once the thing is done. No
 * calendar format, no HTTP, no SQL, no current date; texts come from `wording/`.
 */
import { parseDay } from '../retention/index.ts';
import { ENTRY_KINDS } from '../vocabulary.ts';
import { overdueEntries, stageEntries } from './consequences.ts';
import { closedCycles, provisionalCycles } from './cycle.ts';
import { useDeadline } from './deadline.ts';
import type { AgendaEntry, AgendaLine, AgendaPreferences, EntryKind } from './entry.ts';
import { identityEntries } from './identity.ts';
import { createDraft, makeEntry } from './make.ts';
import { applyMarks } from './marks.ts';
import { alreadyLost, missingFacts, nothingEntry, promotions } from './notes.ts';
import { paymentEntries } from './payments.ts';
import { remindersBefore, renewalEntries } from './reminders.ts';

export { stateLine } from './aftermath.ts';
export { actionsAsked } from './asks.ts';
export { isStageSure } from './deadline.ts';
export type * from './entry.ts';
export { type AgendaItemJson, agendaItemJson } from './item.ts';
export { answeredDeadline, canRemindOn, isObligation, isSnoozed, markedCycle } from './marks.ts';
export { silentFeedEntries } from './silent.ts';
export { agendaState, type EntryState } from './state.ts';
export { entryText, type TextOptions } from './text.ts';
export {
  carrierName,
  displayName,
  isNamedAfterCarrier,
  nameOf,
  type TextContext,
  textContextOf,
  truncate,
} from './text-context.ts';
export { countsOnSeveral, dayLine, missingLines, numberLine, stageText } from './why.ts';

const rank = new Map<EntryKind, number>(ENTRY_KINDS.map((kind, index) => [kind, index]));

/** Compares entries, also of different lines: by day, then kind, then line, then cycle. */
export function byDay(a: AgendaEntry, b: AgendaEntry): number {
  if (a.on !== b.on) return a.on < b.on ? -1 : 1;
  if (a.kind !== b.kind) return (rank.get(a.kind) ?? 0) - (rank.get(b.kind) ?? 0);
  if (a.key.line !== b.key.line) return a.key.line < b.key.line ? -1 : 1;
  if (a.key.cycle === b.key.cycle) return 0;
  return a.key.cycle < b.key.cycle ? -1 : 1;
}

/** The agenda of a line, sorted by date: what is done, what is due, and what follows if nothing more is recorded. */
export function agendaOf(agendaLine: AgendaLine, preferences: AgendaPreferences = {}): AgendaEntry[] {
  const draft = createDraft(agendaLine, preferences);
  const { line } = draft;
  const deadline = useDeadline(line);
  const metCycles = closedCycles(line, 'use');
  const closed = deadline?.missed
    ? metCycles
    : [...metCycles, ...provisionalCycles(line, metCycles, deadline?.clock ?? null)];
  const cycle = `${closed.length}`;
  const after = deadline?.missed ? deadline.lastSafe : line.timeline.as_of;
  const entries = [
    ...closed.flatMap((closedCycle) => renewalEntries(draft, closedCycle)),
    ...paymentEntries(draft),
    ...(deadline ? remindersBefore(draft, deadline, cycle) : []),
    ...(deadline ? overdueEntries(draft, deadline, cycle) : []),
    ...stageEntries(draft, after, cycle),
    ...identityEntries(draft),
    ...missingFacts(draft, deadline, cycle),
    ...alreadyLost(draft, cycle),
    ...(deadline ? promotions(draft) : []),
  ];
  return entries.length > 0 ? applyMarks(draft, entries).sort(byDay) : [nothingEntry(draft)];
}

/** The agenda of a person without lines; `created_on` is a date of that person's zone. */
export function agendaWithoutLines(person: { created_on: string }): AgendaEntry[] {
  return [makeEntry(null, 'nothing', '0', parseDay(person.created_on) as number)];
}
