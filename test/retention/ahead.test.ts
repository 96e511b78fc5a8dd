/** A line looked at with records more goes on from what is folded already, and gives what a fold of all of them gives. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { formatDay, lookAhead, parseDay, timelineOf } from '../../src/retention/index.ts';
import type { LedgerRecord } from '../../src/retention/record.ts';
import { anyConditions, anyLedger, anyRecord } from '../support/ledgers.ts';
import { type Pack, packs } from '../support/packs.ts';
import { anyPack } from '../support/rules.ts';

const anyCase = (pack: Pack) =>
  fc.record({
    pack: fc.constant(pack),
    records: anyLedger(pack),
    conditions: anyConditions(pack),
    more: fc.array(fc.array(anyRecord(pack), { maxLength: 4 }), { maxLength: 4 }),
    pending: fc.nat(20),
    later: fc.nat(200),
  });

t.test('any records more, on any later day, one look after the other', async (t) => {
  const same = fc.property(
    fc.oneof(fc.constantFrom(...packs), anyPack).chain(anyCase),
    ({ pack, records, conditions, more, pending, later }) => {
      const ledger = records.map((record, i) => (i % 7 === pending ? { ...record, pending: true } : record));
      const ahead = lookAhead(pack.rule, { ...conditions, records: ledger });
      const today = parseDay(conditions.as_of) as number;
      for (const inputs of more) {
        const steps = inputs.map((input, i): LedgerRecord => ({ id: `m${i}`, input }));
        for (const day of [today, today + later]) {
          const all = { ...conditions, records: [...ledger, ...steps], as_of: formatDay(day) };
          const until = lookAhead(pack.rule, { ...conditions, records: [] }).timeline([]).until;
          const whole = timelineOf(pack.rule, { ...all, until: formatDay(Math.max(until, day)) });
          assert.deepEqual(ahead.timeline(steps, day), whole);
        }
      }
    },
  );
  fc.assert(same, { numRuns: 400 });
  t.pass('the same');
});

t.test('what has been is folded once, however long it is', async (t) => {
  const [pack] = packs;
  const records = Array.from({ length: 500 }, (_, i): LedgerRecord => {
    const at = formatDay((parseDay('2026-11-26') as number) - (i >> 1));
    const input = { type: 'activity', at, kind: 'sms', direction: 'outgoing' } as const;
    return { id: `r${i}`, input };
  });
  const input = { records, as_of: '2026-11-26' };
  t.equal(lookAhead((pack as Pack).rule, input).refoldedCount, 0);
  const seen = { id: 'seen', input: { type: 'validity', at: '2026-11-26', until: '2027-01-01' } } as const;
  t.equal(
    lookAhead((pack as Pack).rule, { ...input, records: [...records, seen] }).refoldedCount,
    2,
    'what was seen today comes after all that is still to be done today',
  );
});
