/** Elapsed time in milliseconds; not for calendar days, which may be an hour shorter or longer. */
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
