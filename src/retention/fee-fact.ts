/** The one fact of a stage that names a sum: what a daily fee takes. Who reads it must know it as it is written here. */
const A_DAY = ' a day until ';
const END = `${A_DAY}the balance is empty`;

/** That which comes after `fact`: a fee, as text with its currency, is taken daily. */
export const untilEmpty = (fact: string, fee: string): string => `${fact}, then ${fee}${END}`;

/** Does a fact end with a daily fee that takes all there is? */
export const isUntilEmpty = (fact: string): boolean => fact.endsWith(END);

/** That fee, as text with its currency, of the last part of such a fact. */
export const feeUntilEmpty = (part: string): string => part.slice(0, -END.length);

/** Does a fact name a fee, and with it a currency, by which a carrier can be told? */
export const namesFee = (fact: string): boolean => fact.includes(A_DAY);
