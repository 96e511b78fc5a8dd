/**
 * Vocabulary that several parts share: each list once, with its type derived. Imports nothing, so that the pure parts
 * may use it.
 */

export const LOCALES = ['en', 'ru', 'zh'] as const;
/** A language of the texts. */
export type Locale = (typeof LOCALES)[number];

export const PAYMENT_CHANNELS = ['official_site', 'app', 'shop', 'third_party'] as const;
/** How something is paid. */
export type PaymentChannel = (typeof PAYMENT_CHANNELS)[number];

export const PAYMENT_MAKES = ['topup', 'purchase', 'plan_renewed'] as const;
/** The type of ledger record that a payment makes. */
export type PaymentMakes = (typeof PAYMENT_MAKES)[number];

export const PAYMENT_STATES = ['pending', 'confirmed', 'failed', 'refunded', 'cancelled'] as const;
/** The state of a payment. */
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** In the order of entries within a day. */
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
/** How an action link changed a payment: it reported something, or undid its report. */
export type LinkStep = (typeof LINK_STEPS)[number];

/** The `reason` of such a change, part of the API. */
export const LINK_REASONS: Record<LinkStep, string> = {
  said: 'said by a link in the calendar',
  undone: 'undone by a link in the calendar',
};

export const FEED_DETAILS = ['full', 'masked', 'neutral'] as const;
/** How much a feed shows: all; without the owner's labels of lines; without carrier and number either. */
export type FeedDetail = (typeof FEED_DETAILS)[number];

export const FEED_ALARMS = ['valarm', 'events', 'both', 'none'] as const;
/** How a feed reminds: by alarms on its entries, by separate entries, by both, or not at all. */
export type FeedAlarms = (typeof FEED_ALARMS)[number];

/** The default settings of a feed. */
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
