/**
 * Money in the engine: an integer of ten-thousandths of its currency, so that sums below 2^53 (nine hundred thousand
 * million units) are exact. One amount has at most nine digits before the point, so it takes nine hundred of the
 * largest to exceed that; a sum beyond is off by a few ten-thousandths.
 */
export type Amount = number;

/** The ISO 4217 code for no currency: a rule with it accepts amounts in any. */
export const NO_CURRENCY = 'XXX';

const SCALE = 10_000;

/** A decimal string as `300.00` in ten-thousandths. Throws a RangeError on anything else. */
export function parseAmount(text: string): Amount {
  const match = /^(-?)(\d{1,9})(?:\.(\d{1,4}))?$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no amount: write it as "300" or "3.50"`);
  const value = Number(match[2]) * SCALE + Number((match[3] ?? '').padEnd(4, '0'));
  return match[1] && value !== 0 ? -value : value;
}

/** Ten-thousandths as a decimal string with at least two places: `300.00`, `0.0250`. */
export function formatAmount(amount: Amount): string {
  const whole = Math.trunc(Math.abs(amount) / SCALE);
  const part = String(Math.abs(amount) % SCALE).padStart(4, '0');
  return `${amount < 0 ? '-' : ''}${whole}.${part.endsWith('00') ? part.slice(0, 2) : part}`;
}

/** A price as the rules write it, `3.50 EUR`. */
export function parsePrice(text: string): { amount: Amount; currency: string } {
  const [amount = '', currency = ''] = text.split(' ');
  return { amount: parseAmount(amount), currency };
}
