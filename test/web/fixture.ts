/** Agenda lines for pages, under shipped rules. */
import type { AgendaLine } from '../../src/agenda/index.ts';
import { agendaLineOf, foldLine } from '../../src/ledger.ts';
import type { RecordInput } from '../../src/retention/record.ts';
import { loadRulebook } from '../../src/rulebook/index.ts';
import type { Line, StoredRecord } from '../../src/store/types.ts';

export const TODAY = '2026-03-15';
export const { rulebook } = await loadRulebook(new URL('../../rules', import.meta.url).pathname);

export const call = (at: string) =>
  ({ type: 'activity', at, kind: 'call', direction: 'outgoing', charged: true }) as RecordInput;
export const balance = (at: string, amount: string) =>
  ({ type: 'balance', at, amount: { amount, currency: 'RUB' } }) as RecordInput;

/** A line as of today; `given.rule` must be a shipped rule. */
export function line(
  given: Partial<Line> & { rule: string },
  records: RecordInput[],
  zone = 'Europe/Berlin',
): AgendaLine {
  const stored = records.map((body, index) => ({ id: `r${index}`, body }) as StoredRecord);
  const made = { id: 'line', label: '', number: null, time_zone: null, plan_price: null, facts: {} };
  const full = { ...made, created_at: '2026-01-01T00:00:00.000Z', ...given } as Line;
  const booked = rulebook.rules.get(given.rule);
  if (!booked) throw new Error(`no such rule: ${given.rule}`);
  const agenda = agendaLineOf(booked, full, { records: stored }, zone);
  return { ...agenda, timeline: foldLine(booked, full, agenda.records, { as_of: TODAY }) };
}

export const T2 = () =>
  line({ rule: 'ru/t2/prepaid', label: 'Bank codes', number: '+79511114455' }, [
    balance('2026-01-20', '300.00'),
    call('2026-01-20'),
  ]);
export const HOSTILE = `<script>alert(1)</script>"'&</title>]]> !\${x}`;
