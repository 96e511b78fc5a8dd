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

export const PAYMENT_STATES = ['pending', 'confirmed', 'failed', 'refunded', 'cancelled'] as const;
/** What has become of a payment. */
export type PaymentState = (typeof PAYMENT_STATES)[number];
