/** Facts that are composed of several parts, written and parsed in one place so that both agree on the format. */
import type { Span } from './day.ts';

/** Separates two lengths of which the second follows the first. */
export const FACT_SEPARATOR = ', then ';
const DAILY_FEE = ' a day until ';
const DAILY_FEE_END = `${DAILY_FEE}the balance is empty`;

/** Adds to `fact` that a daily fee, as text with its currency, is then taken until the balance is empty. */
export const withDailyFee = (fact: string, fee: string): string =>
  `${fact}${FACT_SEPARATOR}${fee}${DAILY_FEE_END}`;

/** Whether a fact ends with a daily fee that empties the balance. */
export const endsWithDailyFee = (fact: string): boolean => fact.endsWith(DAILY_FEE_END);

/** The fee, as text with its currency, in the last part of such a fact. */
export const dailyFeeOf = (part: string): string => part.slice(0, -DAILY_FEE_END.length);

/** Whether a fact names a daily fee, whose currency could give the carrier away. */
export const namesFee = (fact: string): boolean => fact.includes(DAILY_FEE);

/** What charges of the carrier have added to a clock: `times` spans. */
export const chargedFact = (times: number, { count, unit }: Span): string =>
  `${times} times ${count} ${unit}${count === 1 ? '' : 's'} by a charge`;

/** Parses what {@link chargedFact} has written, with the span as rules write it; null for any other part of a fact. */
export function readChargedFact(part: string): { times: number; span: string } | null {
  const [, times, span] = /^(\d+) times (\d+ (?:day|month)s?) by a charge$/.exec(part) ?? [];
  return times && span ? { times: Number(times), span } : null;
}
