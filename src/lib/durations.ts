/** Lengths of time in milliseconds, of moments: a calendar's day may be an hour shorter or longer. */
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
