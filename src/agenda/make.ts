import { type Day, formatDay, parseDay, standingRecords } from '../retention/index.ts';
import { FEED_DEFAULTS } from '../vocabulary.ts';
import type { AgendaEntry, AgendaLine, AgendaPreferences, EntryKind } from './entry.ts';

/** A line with its preferences resolved and its dates parsed, from which entries are laid out. */
export type Draft = {
  line: AgendaLine;
  /** Days before the last safe day, ascending: the last reminder matters most. */
  leads: readonly number[];
  /** Whether entries have alarms. */
  rings: boolean;
  /** The hour of the day at which alarms ring. */
  hour: number;
  /** Whether reminders are separate entries. */
  leadEntries: boolean;
  created: Day;
};

export function createDraft(line: AgendaLine, preferences: AgendaPreferences): Draft {
  const { alarms = FEED_DEFAULTS.alarms, lead_days = FEED_DEFAULTS.lead_days } = preferences;
  return {
    // Voiding a record equals never having written it: a voided one must leave no trace in dates or cycles.
    line: { ...line, records: standingRecords(line.records) },
    leads: [...new Set(lead_days)].filter((days) => days >= 1).sort((a, b) => a - b),
    hour: preferences.alarm_hour ?? FEED_DEFAULTS.alarm_hour,
    rings: alarms === 'valarm' || alarms === 'both',
    leadEntries: alarms === 'events' || alarms === 'both',
    created: parseDay(line.created_on) as Day,
  };
}

/** Hours from the alarm hour, `days` (at least one) days earlier, to 00:00 of a day. */
export const alarmHours = ({ hour }: Draft, days: number): number => days * 24 - hour;

export const WEEK = 7;
/** Four weeks, so that repeated entries keep their day of the week. */
export const MONTH = 4 * WEEK;
/** For how many of those months, two years, an unanswered entry is repeated. */
export const MONTHLY_REPEATS = 26;

type Rest = Partial<Omit<AgendaEntry, 'key' | 'kind' | 'line' | 'on'>>;

/** An entry on a day of the person's zone; what `rest` leaves out is empty. */
export function makeEntry(
  line: AgendaLine | null,
  kind: EntryKind,
  cycle: string,
  on: Day,
  rest: Rest = {},
): AgendaEntry {
  return {
    key: { line: line?.id ?? '', kind, cycle },
    kind,
    on: formatDay(on),
    done: false,
    line,
    deadline: null,
    stage: null,
    because: null,
    asks: [],
    feed: null,
    days: 0,
    tone: 0,
    variant: null,
    payment: null,
    done_by: null,
    alarms: [],
    ...rest,
  };
}
