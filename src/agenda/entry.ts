import type { LedgerRecord, Money } from '../retention/record.ts';
import type { Because, StageEntry, Timeline } from '../retention/timeline.ts';
import type { EntryKind, FeedAlarms, PaymentChannel, PaymentState } from '../vocabulary.ts';
import type { Booked } from '../wording/index.ts';

export type { EntryKind };

/** A line with all that its agenda is computed from. */
export type AgendaLine = {
  id: string;
  /** As its owner typed it. */
  label: string;
  /** E.164; texts never contain more than its last four digits. */
  number: string | null;
  /**
   * Computed with `moves`, and with `as_of` on the day of the last record (without records: the day the line was
   * created).
   */
  timeline: Timeline;
  /** The records that the timeline was folded from; reasons name them. */
  records: readonly LedgerRecord[];
  booked: Booked;
  /** What was paid for it, in the order in which it was entered. */
  payments?: readonly AgendaPayment[];
  /** Entries that the owner has ticked or snoozed. */
  marks?: readonly AgendaMark[];
  /** The person's zone, of which entry dates are days. */
  time_zone: string;
  /** When the line was entered, `yyyy-mm-dd` in the person's zone: earlier reminders are left out or moved to it. */
  created_on: string;
};

/**
 * An entry that its owner has ticked (`done`) or snoozed (`later`). `on_day`, `yyyy-mm-dd`: for `later` the day of the
 * new reminder; for `done` the deadline that was answered, null if there is none.
 */
export type AgendaMark = { kind: EntryKind; cycle: string; what: 'done' | 'later'; on_day: string | null };

/** A payment, as far as the agenda needs it. */
export type AgendaPayment = {
  id: string;
  state: PaymentState;
  /** As entered: a date in the line's zone, or a moment. */
  paid_at: string;
  amount: Money;
  channel: PaymentChannel;
  reference: string | null;
  /** The ledger record that it currently makes. */
  record: string | null;
  /** There is a proof, or its owner has said that there is none or that it is kept elsewhere. */
  proved: boolean;
  /** When it reached its present state, RFC 3339. */
  since: string;
  /** False if several are pending and the last safe day does not depend on this one, alone or with the others. */
  saves?: boolean;
};

export type AgendaPreferences = {
  /** Days before the last safe day on which to remind; 30, 7 and 1 by default. */
  lead_days?: readonly number[];
  /** The hour at which alarms ring, 0 to 23; 9 by default. */
  alarm_hour?: number;
  /** How to remind: by alarms on the entries, by separate entries, by both or not at all. `valarm` by default. */
  alarms?: FeedAlarms;
};

/** Identifies the obligation: the key stays the same when its date, its text or a record behind it changes. */
export type EntryKey = { line: string; kind: EntryKind; cycle: string };

/** The deadline that an entry speaks of. */
export type Deadline = {
  /** The last safe day, `yyyy-mm-dd`: `act_by` in the carrier's zone, `safe` in the person's. */
  act_by: string;
  safe: string;
  clock: string | null;
  /** The stage that would follow, if it is known. */
  stage: StageEntry | null;
  /** Already missed at the time of the last record. */
  missed: boolean;
};

/** Another feed of the same person that nobody fetches any more. Dates are in the person's zone, `yyyy-mm-dd`. */
export type SilentFeed = {
  id: string;
  /** As its owner typed it. */
  name: string;
  since: string;
  /** Tells this silence from earlier ones: the moment when the feed was last seen. */
  occasion: string;
  /** When the silence was noted. */
  noted_on: string;
};

/**
 * What is asked for, as names of the rule's actions: one action of each list. There are several lists if several clocks
 * end on one day and no single action answers them all.
 */
export type Asks = readonly (readonly string[])[];

/** One thing to do, or to expect, on one day: all that its texts need, independent of language. */
export type AgendaEntry = {
  key: EntryKey;
  /** What it says. The same as in its key, except for a snoozed entry, which says what is due on its new day. */
  kind: EntryKind;
  /** `yyyy-mm-dd` in the person's zone. */
  on: string;
  done: boolean;
  /** The line that the texts speak of; null for a person without lines, and for silent feeds. */
  line: AgendaLine | null;
  deadline: Deadline | null;
  /** For `stage`: the stage that begins. For `backup`: the first stage that cannot receive. */
  stage: StageEntry | null;
  because: Because | null;
  /** What to do, or what still saves the line. */
  asks: Asks;
  /** For `silent_feed`: the feed. */
  feed: SilentFeed | null;
  /** For `lead`: days left. For `overdue`: days past the last safe day. */
  days: number;
  /** For `overdue`: urgency, 1 to 3. For a payment: the number of this reminder, from 1. */
  tone: number;
  /**
   * Distinguishes entries of one kind: why to check, the first or last reminder of an identity duty; `alike`: another
   * clock brings the same stage on the same day.
   */
  variant:
    | 'missing'
    | 'lost'
    | 'first'
    | 'last'
    | 'identity'
    | 'pending'
    | 'failed'
    | 'unconfirmed'
    | 'alike'
    | null;
  /** The payment, if the entry is about one. */
  payment: AgendaPayment | null;
  /** For a done entry: the record that closed it; null if it was only ticked. */
  done_by: LedgerRecord | null;
  /** Whole hours before 00:00 of the day, the most important first: some clients keep only one. */
  alarms: readonly number[];
};
