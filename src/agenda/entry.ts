import type { LedgerRecord, Money } from '../retention/record.ts';
import type { Because, StageEntry, Timeline } from '../retention/timeline.ts';
import type { EntryKind, FeedAlarms, PaymentChannel, PaymentState } from '../vocabulary.ts';
import type { Booked } from '../wording/index.ts';

export type { EntryKind };

/** A line with what its agenda is made of. */
export type AgendaLine = {
  id: string;
  /** As its owner typed it. */
  label: string;
  /** E.164; no more than its last four digits ever stand in a text. */
  number: string | null;
  /** Computed with `as_of` on the day of the last record (that of the line's making if it has none) and `moves`. */
  timeline: Timeline;
  /** Those that the timeline was folded from; reasons name them. */
  records: readonly LedgerRecord[];
  booked: Booked;
  /** What was paid for it, in the order told. */
  payments?: readonly AgendaPayment[];
  /** What its owner has said of entries themselves. */
  marks?: readonly AgendaMark[];
  /** The person's zone: entries stand on its days. */
  time_zone: string;
  /** `yyyy-mm-dd` in the person's zone: reminders for what was before are not laid out. */
  created_on: string;
};

/**
 * An entry that its owner has ticked, or wants to be reminded of again. `on_day`, `yyyy-mm-dd`: of `later` the day of
 * the reminder, of `done` the deadline that was answered, null where it answers none.
 */
export type AgendaMark = { kind: EntryKind; cycle: string; what: 'done' | 'later'; on_day: string | null };

/** A payment as far as it asks something of its owner. */
export type AgendaPayment = {
  id: string;
  state: PaymentState;
  /** As told: a date of the line's zone, or a moment. */
  paid_at: string;
  amount: Money;
  channel: PaymentChannel;
  reference: string | null;
  /** The record that it makes now. */
  record: string | null;
  /** Is there a proof, or has its owner said that there is none, or that it is kept elsewhere? */
  proved: boolean;
  /** When it came to its present state, RFC 3339. */
  since: string;
  /** False where several are awaited and the last safe day does not hang on this one, alone or with the others. */
  saves?: boolean;
};

export type AgendaPreferences = {
  /** Days before the last safe day on which to remind; 30, 7 and 1 by default. */
  lead_days?: readonly number[];
  /** The hour at which alarms ring, 0 to 23; 9 by default. */
  alarm_hour?: number;
  /** How: by alarms on the entries, by entries of their own, by both or not at all. `valarm` by default. */
  alarms?: FeedAlarms;
};

/** Which obligation it is: it stays the same when its date, its text or a record behind it changes. */
export type EntryKey = { line: string; kind: EntryKind; cycle: string };

/** The deadline that an entry speaks of. */
export type Deadline = {
  /** The last safe day in the carrier's zone, `yyyy-mm-dd`, and the day that is safe in the person's. */
  act_by: string;
  safe: string;
  clock: string | null;
  /** The stage that would follow, where it is known. */
  stage: StageEntry | null;
  /** It was already missed when the last record was made. */
  missed: boolean;
};

/** Another feed of the same person, which nobody fetches. Dates are of the person's zone, `yyyy-mm-dd`. */
export type SilentFeed = {
  id: string;
  /** As its owner typed it. */
  name: string;
  since: string;
  /** Which of its silences it is: the moment of the last sign of it. */
  occasion: string;
  /** When it was found to be so. */
  noted_on: string;
};

/**
 * What is asked for, by the names of the rule's actions: one action of each list. There are several lists where clocks
 * end on one day that no one action answers.
 */
export type Asks = readonly (readonly string[])[];

/** One thing to do, or to expect, on one day. All that its texts need, in no language. */
export type AgendaEntry = {
  key: EntryKey;
  /** What it says; that of its key, but where one that is told again says what is due on its new day. */
  kind: EntryKind;
  /** `yyyy-mm-dd` in the person's zone. */
  on: string;
  done: boolean;
  /** Of one of them all texts speak; null for a person without lines, and for their feeds. */
  line: AgendaLine | null;
  deadline: Deadline | null;
  /** `stage`: the stage that begins. */
  stage: StageEntry | null;
  because: Because | null;
  /** What to do, or what still saves the line. */
  asks: Asks;
  /** `silent_feed`: which one. */
  feed: SilentFeed | null;
  /** `lead`: days left. `overdue`: days past the last safe day. */
  days: number;
  /** `overdue`: 1 to 3, louder each time. Of a payment: how often it has asked by then. */
  tone: number;
  /**
   * What sets entries of one kind apart: why to check, which end of an identity duty; `alike`: another clock brings the
   * same stage on the same day.
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
  /** What was paid, where the entry speaks of a payment. */
  payment: AgendaPayment | null;
  /** A done entry: the record that did it. */
  done_by: LedgerRecord | null;
  /** Whole hours before 00:00 of the day; the first is the one to keep where a client keeps only one. */
  alarms: readonly number[];
};
