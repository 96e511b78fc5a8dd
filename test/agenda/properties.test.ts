import fc from 'fast-check';
import t from 'tap';
import {
  type AgendaEntry,
  type AgendaLine,
  agendaItemJson,
  agendaOf,
  agendaState,
  entryText,
} from '../../src/agenda/index.ts';
import { formatDay, instantOf, parseDay } from '../../src/retention/index.ts';
import type { RecordInput } from '../../src/retention/record.ts';
import { loadRulebook } from '../../src/rulebook/index.ts';
import { LOCALES } from '../../src/wording/index.ts';
import { doubtful, monthly, north } from './carriers.ts';
import { lineOf, NUMBER } from './lines.ts';

const { rulebook } = await loadRulebook('rules');
const books = [north, monthly, doubtful, ...rulebook.rules.values()];
t.ok(books.length > 3, 'the real rules are among them');

const day = fc.integer({ min: 0, max: 700 }).map((n) => formatDay((parseDay('2025-01-01') as number) + n));
const at = fc.oneof(
  { weight: 5, arbitrary: day },
  { weight: 1, arbitrary: day.map((date) => `${date}T21:30:00Z`) },
  {
    weight: 1,
    arbitrary: day.map((date) => ({ earliest: date, latest: formatDay((parseDay(date) as number) + 40) })),
  },
);
const amount = fc.constantFrom('0', '5', '100', '300.50');

const input = (currency: string): fc.Arbitrary<RecordInput> =>
  fc.oneof(
    at.map((when) => ({ type: 'activated' as const, at: when })),
    fc.record({
      type: fc.constant('topup' as const),
      at,
      amount: amount.map((value) => ({ amount: value, currency })),
    }),
    fc.record({
      type: fc.constant('activity' as const),
      at,
      kind: fc.constantFrom(
        'call' as const,
        'sms' as const,
        'data' as const,
        'ussd' as const,
        'mms' as const,
      ),
      direction: fc.constantFrom('outgoing' as const, 'incoming' as const),
      charged: fc.option(fc.boolean(), { nil: undefined }),
    }),
    fc.record({ type: fc.constant('plan_renewed' as const), at }),
    fc.record({ type: fc.constant('purchase' as const), at, product: fc.constant('pack') }),
    fc.record({ type: fc.constant('identity' as const), at }),
    fc.record({
      type: fc.constant('balance' as const),
      at,
      amount: amount.map((value) => ({ amount: value, currency })),
    }),
    fc.record({
      type: fc.constant('status' as const),
      at,
      stage: fc.constantFrom('active' as const, 'suspended' as const, 'lost' as const),
    }),
  );

const byId = new Map(books.map((booked) => [booked.id, booked]));

// Plain and small, so that a counterexample can be read.
const cases = fc.constantFrom(...byId.keys()).chain((rule) =>
  fc.record({
    rule: fc.constant(rule),
    inputs: fc.array(input(byId.get(rule)!.carrier.currency), { maxLength: 8 }),
    time_zone: fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Pacific/Apia', 'Europe/Moscow'),
    created_on: day,
    number: fc.constantFrom(NUMBER, null),
    nationality: fc.constantFrom('foreign', 'russian', 'home'),
    alarms: fc.constantFrom('valarm' as const, 'events' as const, 'both' as const, 'none' as const),
  }),
);
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const lineFor = ({ rule, inputs, nationality, alarms: _, ...terms }: Case): AgendaLine =>
  lineOf(inputs, { ...terms, booked: byId.get(rule) as typeof north, facts: { nationality } });

const keyOf = ({ key }: AgendaEntry) => `${key.line} ${key.kind} ${key.cycle}`;

t.test('any ledger gives a sound agenda', async (t) => {
  const sound = fc.property(cases, (given) => {
    const line = lineFor(given);
    const { alarms } = given;
    const entries = agendaOf(line, { alarms });
    const days = entries.map(({ on }) => on);
    const prepares = (entry: AgendaEntry) =>
      ['check_account', 'backup', 'lead', 'overdue', 'promotions'].includes(entry.kind);
    const late = entries.filter(({ kind, done, deadline }) => {
      if (kind !== 'last_safe_day' || done || !deadline) return false;
      const [safe, last] = [parseDay(deadline.safe) as number, parseDay(deadline.act_by) as number];
      return instantOf(safe + 1, line.time_zone) > instantOf(last + 1, line.timeline.time_zone);
    });
    return (
      entries.length > 0 &&
      new Set(entries.map(keyOf)).size === entries.length &&
      days.every((on, i) => parseDay(on) !== null && (i === 0 || (days[i - 1] as string) <= on)) &&
      entries.filter(prepares).every(({ on }) => on >= line.created_on) &&
      entries.every((entry) => entry.alarms.every((hours) => Number.isInteger(hours) && hours > 0)) &&
      entries
        .filter(({ done }) => done)
        .every((entry) => entry.alarms.length === 0 && entry.done_by !== null) &&
      late.length === 0 &&
      entries.every((entry) => ['due', 'overdue', 'done'].includes(agendaState(entry, '2026-06-01')))
    );
  });
  t.doesNotThrow(() => fc.assert(sound, { numRuns: 400 }));
});

const BROKEN = /undefined|null|NaN|\[object|\{\w+\}|Invalid|\d{5,}-\d\d-\d\d|91612345/;

t.test('any entry reads well in each language', async (t) => {
  const readable = fc.property(cases, fc.constantFrom(...LOCALES), (given, locale) => {
    const line = lineFor(given);
    const { alarms } = given;
    const entries = agendaOf(line, { alarms });
    // Weeks of overdue read alike: three are enough.
    const overdue = entries.filter(({ kind }) => kind === 'overdue').slice(3);
    for (const entry of entries.filter((one) => !overdue.includes(one))) {
      const { title, text } = entryText(entry, locale, { showBalance: true });
      if (BROKEN.test(title + text)) throw new Error(`${title}\n${text}`);
      if (Array.from(title).length > 80 || /\n/.test(title)) throw new Error(title);
      const neutral = entryText(entry, locale, { detail: 'neutral' });
      if (BROKEN.test(neutral.title) || neutral.title.includes('4567')) throw new Error(neutral.title);
      const item = agendaItemJson(entry, locale, { uid: 'u', today: '2026-06-01' });
      if (BROKEN.test(item.because?.text ?? '')) throw new Error(item.because?.text);
    }
  });
  t.doesNotThrow(() => fc.assert(readable, { numRuns: 150 }));
});
