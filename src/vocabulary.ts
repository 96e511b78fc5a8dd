/**
 * Words that several parts share and none of them owns: each list once, its type derived. Nothing may be imported here,
 * so that the pure parts may use it.
 */

export const LOCALES = ['en', 'ru', 'zh'] as const;
/** A language that texts are kept in. */
export type Locale = (typeof LOCALES)[number];

export const PAYMENT_CHANNELS = ['official_site', 'app', 'shop', 'third_party'] as const;
/** By which way something is paid. */
export type PaymentChannel = (typeof PAYMENT_CHANNELS)[number];

export const PAYMENT_MAKES = ['topup', 'purchase', 'plan_renewed'] as const;
/** What a payment becomes in the ledger. */
export type PaymentMakes = (typeof PAYMENT_MAKES)[number];

export const PAYMENT_STATES = ['pending', 'confirmed', 'failed', 'refunded', 'cancelled'] as const;
/** What has become of a payment. */
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** In the order in which those of one day stand. */
export const ENTRY_KINDS = [
  'overdue',
  'last_safe_day',
  'renew',
  'check_payment',
  'contact_support',
  'lead',
  'identity',
  'stage',
  'backup',
  'save_proof',
  'check_account',
  'promotions',
  'silent_feed',
  'nothing',
] as const;
/** What an entry of an agenda is about. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

export const LINK_STEPS = ['said', 'undone'] as const;
/** How a link in an entry made a step of a payment: it said something, or took back what it had said. */
export type LinkStep = (typeof LINK_STEPS)[number];

/** The reason of such a step, told to programs as it stands. */
export const LINK_REASONS: Record<LinkStep, string> = {
  said: 'said by a link in the calendar',
  undone: 'undone by a link in the calendar',
};

export const FEED_DETAILS = ['full', 'masked', 'neutral'] as const;
/** How much a feed says: all; without the owner's names of lines; without carrier and number either. */
export type FeedDetail = (typeof FEED_DETAILS)[number];

export const FEED_ALARMS = ['valarm', 'events', 'both', 'none'] as const;
/** How a feed reminds: by alarms of its entries, by entries of their own, by both, or not at all. */
export type FeedAlarms = (typeof FEED_ALARMS)[number];

/** What a feed is where nothing is said. */
export const FEED_DEFAULTS = {
  detail: 'full',
  alarms: 'valarm',
  /** Days before the last safe day. */
  lead_days: [30, 7, 1],
  /** Of the reader's day. */
  alarm_hour: 9,
  /** At the least. */
  history_days: 90,
} as const;
