import { type Day, formatDay, parseDay, standingRecords } from '../retention/index.ts';
import { FEED_DEFAULTS } from '../vocabulary.ts';
import type { AgendaEntry, AgendaLine, AgendaPreferences, EntryKind } from './entry.ts';

/** A line as its entries are laid out for it: its preferences settled, its dates read. */
export type Draft = {
  line: AgendaLine;
  /** Ascending: the last reminder is the one that matters most. */
  leads: readonly number[];
  rings: boolean;
  /** The hour of the day at which alarms ring. */
  hour: number;
  leadEntries: boolean;
  created: Day;
};

export function createDraft(line: AgendaLine, preferences: AgendaPreferences): Draft {
  const { alarms = FEED_DEFAULTS.alarms, lead_days = FEED_DEFAULTS.lead_days } = preferences;
  return {
    // A void equals never having written the record: neither may leave a trace in dates or cycles.
    line: { ...line, records: standingRecords(line.records) },
    leads: [...new Set(lead_days)].filter((days) => days >= 1).sort((a, b) => a - b),
    hour: preferences.alarm_hour ?? FEED_DEFAULTS.alarm_hour,
    rings: alarms === 'valarm' || alarms === 'both',
    leadEntries: alarms === 'events' || alarms === 'both',
    created: parseDay(line.created_on) as Day,
  };
}

/** Hours before 00:00 of a day at which it is the hour of alarms so many days earlier, one or more. */
export const alarmHours = ({ hour }: Draft, days: number): number => days * 24 - hour;

export const WEEK = 7;
/** So that what is told again falls on its day of the week. */
export const MONTH = 4 * WEEK;
/** For so long, two years, is told again each month what nobody has answered. */
export const MONTHLY_REPEATS = 26;

type Rest = Partial<Omit<AgendaEntry, 'key' | 'kind' | 'line' | 'on'>>;

/** An entry on a day of the person's zone, with nothing said that is not given. */
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
