/** Basic terms of the language: readings and amounts of money. */

/** Sentence 15: everything is computed twice, once with all earliest and once with all latest values. */
export type Reading = 'earliest' | 'latest';

/** The value of a fact in a reading; many may be written as `{earliest, latest}`. */
export const inReading = <T>(fact: T | { earliest: T; latest: T }, reading: Reading): T =>
  typeof fact === 'object' && fact !== null && 'earliest' in fact ? fact[reading] : (fact as T);

/** An amount in ten-thousandths, the finest unit written, so that integers add up exactly. */
export type Amount = number;

export const amountOf = (text: string): Amount => Math.round(Number(text.split(' ')[0]) * 10_000);

export const listOf = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? one : [one as T]);
