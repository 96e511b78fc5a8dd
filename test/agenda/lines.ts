import type { AgendaLine } from '../../src/agenda/index.ts';
import { lastRecordDay } from '../../src/retention/check.ts';
import { timelineOf } from '../../src/retention/index.ts';
import type { LedgerRecord, RecordInput } from '../../src/retention/record.ts';
import type { Timeline } from '../../src/retention/timeline.ts';
import { north } from './carriers.ts';

export const NUMBER = '+79161234567';

export const used = (at: RecordInput['at']): RecordInput => ({
  type: 'activity',
  at,
  kind: 'sms',
  direction: 'outgoing',
  charged: true,
});
export const toppedUp = (at: RecordInput['at'], amount = '100'): RecordInput => ({
  type: 'topup',
  at,
  amount: { amount, currency: 'RUB' },
});
export const balance = (at: string, amount: string): RecordInput => ({
  type: 'balance',
  at,
  amount: { amount, currency: 'RUB' },
});
export const planRenewed = (at: string): RecordInput => ({ type: 'plan_renewed', at });

export type LineTerms = Partial<AgendaLine> & {
  facts?: Record<string, string>;
  booked?: typeof north;
  /** Instead of the day of the last record. */
  as_of?: string;
};

export const ledger = (inputs: readonly RecordInput[]): LedgerRecord[] =>
  inputs.map((input, index) => ({ id: `r${index + 1}`, input }));

/** A line under the carrier `north`, entered on the day of its first record, unless `terms` says otherwise. */
export function lineOf(inputs: readonly RecordInput[], terms: LineTerms = {}): AgendaLine {
  const { booked = north, facts = { nationality: 'home' }, as_of, ...rest } = terms;
  const records = ledger(inputs);
  const created_on =
    rest.created_on ?? (typeof inputs[0]?.at === 'string' ? inputs[0].at.slice(0, 10) : '2026-01-01');
  const zone = booked.carrier.time_zone;
  const timeline: Timeline = timelineOf(booked.compiled, {
    records,
    facts,
    as_of: as_of ?? lastRecordDay(records, zone) ?? created_on,
    moves: true,
  });
  return {
    id: 'line-1',
    label: 'Grandmother',
    number: NUMBER,
    timeline,
    records,
    booked,
    time_zone: 'Asia/Shanghai',
    ...rest,
    created_on,
  };
}
