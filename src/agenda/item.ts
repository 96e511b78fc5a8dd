import { type BecauseJson, becauseJson, type CureJson, curesJson, type Locale } from '../wording/index.ts';
import { actionsAsked } from './asks.ts';
import type { AgendaEntry, EntryKind } from './entry.ts';
import { agendaState, type EntryState } from './state.ts';
import { entryText } from './text.ts';
import { type TextOptions, textContextOf } from './text-context.ts';

/** An entry as the API returns it. */
export type AgendaItemJson = {
  uid: string;
  kind: EntryKind;
  on: string;
  state: EntryState;
  title: string;
  text: string;
  /** The last safe day in the carrier's zone; null if the entry has no deadline. */
  act_by: string | null;
  because: BecauseJson | null;
  cures: CureJson[];
  /** The id of the payment that the entry is about. */
  payment: string | null;
};

/** `uid` is the UID of the calendar entry; `today` is a date in the person's zone, `yyyy-mm-dd`. */
export function agendaItemJson(
  entry: AgendaEntry,
  locale: Locale,
  { uid, today, ...options }: TextOptions & { uid: string; today: string },
): AgendaItemJson {
  const { line, because } = entry;
  return {
    uid,
    kind: entry.kind,
    on: entry.on,
    state: agendaState(entry, today),
    ...entryText(entry, locale, options),
    act_by: entry.deadline?.act_by ?? null,
    because:
      line && because ? becauseJson(because, textContextOf(line, locale, options).reasonContext) : null,
    payment: entry.payment?.id ?? null,
    cures: line ? curesJson(actionsAsked(entry.asks), line.booked, line.timeline.version, locale) : [],
  };
}
