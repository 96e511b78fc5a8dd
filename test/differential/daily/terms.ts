/** Small words of the language: the value of a reading, and amounts of money. */

/** Sentence 15: all is told twice, once with every earliest and once with every latest. */
export type Reading = 'earliest' | 'latest';

/** What a fact is in a reading: many may be written `{earliest, latest}`. */
export const inReading = <T>(fact: T | { earliest: T; latest: T }, reading: Reading): T =>
  typeof fact === 'object' && fact !== null && 'earliest' in fact ? fact[reading] : (fact as T);

/** An amount in ten-thousandths, the finest that is written: whole numbers add up exactly. */
export type Amount = number;

export const amountOf = (text: string): Amount => Math.round(Number(text.split(' ')[0]) * 10_000);

export const listOf = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? one : [one as T]);
