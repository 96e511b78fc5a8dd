/** Short constructors of ledger records, in a test currency. */
import type { At, LedgerRecord, Money, RecordInput, Stage } from '../../src/retention/record.ts';

export const CURRENCY = 'XTS';

export const money = (amount: string | number): Money => ({ amount: String(amount), currency: CURRENCY });

export const use = (at: At, more: object = {}): RecordInput => ({
  type: 'activity',
  at,
  kind: 'call',
  direction: 'outgoing',
  charged: true,
  ...more,
});
/** A call (or text, or data) that cost this amount. */
export const spend = (
  at: At,
  amount: string | number,
  kind: 'call' | 'sms' | 'data' = 'call',
): RecordInput => ({
  type: 'activity',
  at,
  kind,
  direction: 'outgoing',
  charge: money(amount),
});
export const topup = (at: At, amount: string | number = '50', more: object = {}): RecordInput => ({
  type: 'topup',
  at,
  amount: money(amount),
  ...more,
});
export const balance = (at: At, amount: string | number): RecordInput => ({
  type: 'balance',
  at,
  amount: money(amount),
});
export const activated = (at: At): RecordInput => ({ type: 'activated', at });
export const renewed = (at: At, amount?: string): RecordInput => ({
  type: 'plan_renewed',
  at,
  ...(amount === undefined ? {} : { amount: money(amount) }),
});
export const pack = (at: At, product: string, more: object = {}): RecordInput => ({
  type: 'purchase',
  at,
  product,
  ...more,
});
export const validity = (at: At, until: string, of?: 'outgoing' | 'incoming' | 'number'): RecordInput => ({
  type: 'validity',
  at,
  until,
  ...(of ? { of } : {}),
});
export const status = (at: At, stage: Stage): RecordInput => ({ type: 'status', at, stage });
export const optOut = (at: At): RecordInput => ({ type: 'opt_out', at });
export const voided = (record: string, at: At = '2026-01-01'): RecordInput => ({ type: 'void', at, record });
export const price = (at: At, amount: string | number): RecordInput => ({
  type: 'plan',
  at,
  price: money(amount),
});

/** Records with the ids r0, r1, … in the order entered. */
export const ledger = (inputs: readonly RecordInput[]): LedgerRecord[] =>
  inputs.map((input, i) => ({ id: `r${i}`, input }));
export const identity = (at: At, valid_until?: string): RecordInput => ({
  type: 'identity',
  at,
  ...(valid_until ? { valid_until } : {}),
});
