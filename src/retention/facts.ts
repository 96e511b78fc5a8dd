/** Facts that are put together, of more than one length. Who reads them must know them as they are written here. */
import type { Span } from './day.ts';

/** Between two lengths of which one follows the other. */
export const THEN = ', then ';
const A_DAY = ' a day until ';
const END = `${A_DAY}the balance is empty`;

/** That which comes after `fact`: a fee, as text with its currency, is taken daily. */
export const untilEmpty = (fact: string, fee: string): string => `${fact}${THEN}${fee}${END}`;

/** Does a fact end with a daily fee that takes all there is? */
export const isUntilEmpty = (fact: string): boolean => fact.endsWith(END);

/** That fee, as text with its currency, of the last part of such a fact. */
export const feeUntilEmpty = (part: string): string => part.slice(0, -END.length);

/** Does a fact name a fee, and with it a currency, by which a carrier can be told? */
export const namesFee = (fact: string): boolean => fact.includes(A_DAY);

/** What the carrier's own charges have added: so many times a span. */
export const chargedFact = (times: number, { count, unit }: Span): string =>
  `${times} times ${count} ${unit}${count === 1 ? '' : 's'} by a charge`;

/** The same taken apart, the span as the rules write it; null for another part of a fact. */
export function readChargedFact(part: string): { times: number; span: string } | null {
  const [, times, span] = /^(\d+) times (\d+ (?:day|month)s?) by a charge$/.exec(part) ?? [];
  return times && span ? { times: Number(times), span } : null;
}
