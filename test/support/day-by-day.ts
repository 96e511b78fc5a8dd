/**
 * A slow reference for a part of the engine: a line with one clock of idleness, a daily fee after it, a law that may
 * end the contract and a clock that watches the balance. It steps through the days and remembers no dates but two.
 */
import type { RecordInput, Stage } from '../../src/retention/record.ts';
import { plus } from './retention.ts';

export type Terms = { idleDays: number; lawDays: number; emptyDays: number; fee: number };

/** What each day of a line came to, by its evening. */
export type Evening = { date: string; stage: Stage; balance: number; mayBeLost: boolean };

const hundredths = (amount: string) => Math.round(Number(amount) * 100);

/** Records stand in the order of their dates; the first is a use, and the balance is seen on its day. */
export function eachEvening(
  { idleDays, lawDays, emptyDays, fee }: Terms,
  records: readonly RecordInput[],
  until: string,
): Evening[] {
  const evenings: Evening[] = [];
  let balance = 0;
  let sinceUse = 0;
  let emptyFor = 0; // days at zero or below, this one included
  for (let date = records[0]?.at as string; date <= until; date = plus(date, 1)) {
    sinceUse++;
    if (emptyFor > 0) emptyFor++;
    if (sinceUse > idleDays && balance > 0) {
      balance = Math.max(0, balance - fee);
      if (balance === 0) emptyFor = 1;
    }
    for (const record of records) {
      if (record.at !== date) continue;
      if (record.type === 'activity') sinceUse = 0;
      if (record.type === 'activity' && record.charge) balance -= hundredths(record.charge.amount);
      if (record.type === 'topup') balance += hundredths(record.amount.amount);
      if (record.type === 'balance') balance = hundredths(record.amount.amount);
      emptyFor = balance > 0 ? 0 : Math.max(emptyFor, 1);
    }
    const idle = sinceUse > idleDays;
    const stage =
      emptyFor > emptyDays ? 'lost' : !idle ? 'active' : balance > 0 ? 'fee_running' : 'receive_only';
    evenings.push({ date, stage, balance: balance / 100, mayBeLost: sinceUse > lawDays });
  }
  return evenings;
}
