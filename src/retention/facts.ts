/** Facts that are put together, of more than one length. Who reads them must know them as they are written here. */
import type { Span } from './day.ts';

/** Between two lengths of which one follows the other. */
export const FACT_SEPARATOR = ', then ';
const DAILY_FEE = ' a day until ';
const DAILY_FEE_END = `${DAILY_FEE}the balance is empty`;

/** That which comes after `fact`: a fee, as text with its currency, is taken daily. */
export const withDailyFee = (fact: string, fee: string): string =>
  `${fact}${FACT_SEPARATOR}${fee}${DAILY_FEE_END}`;

/** Does a fact end with a daily fee that takes all there is? */
export const endsWithDailyFee = (fact: string): boolean => fact.endsWith(DAILY_FEE_END);

/** That fee, as text with its currency, of the last part of such a fact. */
export const dailyFeeOf = (part: string): string => part.slice(0, -DAILY_FEE_END.length);

/** Does a fact name a fee, and with it a currency, by which a carrier can be told? */
export const namesFee = (fact: string): boolean => fact.includes(DAILY_FEE);

/** What the carrier's own charges have added: so many times a span. */
export const chargedFact = (times: number, { count, unit }: Span): string =>
  `${times} times ${count} ${unit}${count === 1 ? '' : 's'} by a charge`;

/** The same taken apart, the span as the rules write it; null for another part of a fact. */
export function readChargedFact(part: string): { times: number; span: string } | null {
  const [, times, span] = /^(\d+) times (\d+ (?:day|month)s?) by a charge$/.exec(part) ?? [];
  return times && span ? { times: Number(times), span } : null;
}
