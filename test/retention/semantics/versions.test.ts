/** Several clocks, several versions, voids: sentences 20 to 22 of what a timeline means. */
import t from 'tap';
import type { RecordInput } from '../../../src/retention/record.ts';
import { activated, balance, topup, use, validity, voided } from '../../support/records.ts';
import { at, type ClockTerms, edge, plus, ruleOf, says } from '../../support/retention.ts';

const idle: ClockTerms = { restarts_on: ['use'], runs: '30 days', ended: [{ stage: 'suspended' }] };
const airtime: ClockTerms = { restarts_on: ['credit'], runs: '50 days', ended: [{ stage: 'receive_only' }] };
// idle ends on 31 January, airtime on 20 February.
const both = [use('2026-01-01'), topup('2026-01-01')];

t.test('20. the stage is the gravest among the certain stages of all clocks', async (t) => {
  const rule = ruleOf({
    clocks: {
      idle: { ...idle, ended: [{ stage: 'restricted', lasts: '40 days' }, { stage: 'suspended' }] },
      airtime,
    },
  });
  t.strictSame(at(rule, '2026-01-01', both).stages, [
    'restricted 2026-02-01',
    'receive_only 2026-02-21',
    'suspended 2026-03-13',
  ]);
  edge(t, rule, both, '2026-02-21', ['restricted', 'receive_only']);
  t.equal(
    at(rule, '2026-02-25', [...both, topup('2026-02-25')]).stage,
    'restricted',
    'what remains without the gravest',
  );
  t.equal(at(rule, '2026-02-25', [...both, use('2026-02-25')]).stage, 'receive_only');
});

t.test('20. a stage may ask for more than one clock: all of them, or any', async (t) => {
  const joined = (how: 'all' | 'any') =>
    ruleOf({
      clocks: {
        idle: { ...idle, ended: [] },
        airtime: { ...airtime, ended: [] },
        joined: {
          ends_with: how === 'all' ? { all: ['idle', 'airtime'] } : { any: ['idle', 'airtime'] },
          ended: [{ stage: 'suspended', lasts: '10 days' }, { stage: 'lost' }],
        },
      },
    });
  edge(t, joined('all'), both, '2026-02-21', ['active', 'suspended']);
  edge(t, joined('all'), both, '2026-03-03', ['suspended', 'lost']);
  edge(t, joined('any'), both, '2026-02-01', ['active', 'suspended']);
  edge(t, joined('any'), both, '2026-02-11', ['suspended', 'lost']);
  for (const [more, all, any] of [
    [use('2026-01-31'), '2026-03-02', '2026-02-20'],
    [topup('2026-01-31'), '2026-03-22', '2026-01-31'],
    [use('2026-02-15'), '2026-03-17', '2026-02-20'],
  ] as const) {
    const records = [...both, more];
    t.equal(
      at(joined('all'), more.at as string, records).ends.joined,
      all,
      `all, ${more.type} on ${more.at}`,
    );
    t.equal(
      at(joined('any'), more.at as string, records).ends.joined,
      any,
      `any, ${more.type} on ${more.at}`,
    );
  }
  t.equal(
    at(joined('all'), '2026-01-01', [use('2026-01-01')]).act_by,
    null,
    'all, with one that nothing has started',
  );
  t.equal(at(joined('any'), '2026-01-01', [use('2026-01-01')]).act_by, '2026-01-31', 'any');
});

const since = '2026-03-01';
const versions = (
  applies_to: 'new' | 'all' | 'unknown' | undefined,
  runs: string,
  more: Partial<ClockTerms> = {},
  before: Partial<ClockTerms> = {},
) =>
  ruleOf({
    versions: [
      {
        since: '2020-01-01',
        clocks: { idle: { ...idle, runs: '90 days', ended: [{ stage: 'suspended' }], ...before } },
      },
      {
        since,
        ...(applies_to ? { applies_to } : {}),
        clocks: { idle: { ...idle, runs, ended: [{ stage: 'lost' }], ...before, ...more } },
      },
    ],
  });
const ends = (rule: ReturnType<typeof ruleOf>, inputs: RecordInput[], asOf = '2026-03-02') =>
  at(rule, asOf, inputs).ends.idle;

t.test('21. a version governs the records from its since on', async (t) => {
  for (const applies of [undefined, 'new'] as const) {
    const rule = versions(applies, '60 days', { restarts_on: ['use', 'credit'] });
    for (const [record, end, stage] of [
      [use('2026-01-01'), '2026-04-01', 'suspended'],
      [use('2026-02-28'), '2026-05-29', 'suspended'],
      [use('2026-03-01'), '2026-04-30', 'lost'],
      [use('2026-03-02'), '2026-05-01', 'lost'],
      [use('2026-02-28T23:59:59+03:00'), '2026-05-29', 'suspended'],
      [use('2026-03-01T00:00:00+03:00'), '2026-04-30', 'lost'],
    ] as const) {
      const seen = at(rule, '2026-03-05', [record]);
      t.equal(seen.ends.idle, end, record.at as string);
      t.strictSame(seen.stages, [`${stage} ${plus(end, 1)}`]);
    }
    t.equal(
      ends(rule, [use('2026-01-01'), topup('2026-02-28')]),
      '2026-04-01',
      'an event of the new version only',
    );
    t.equal(ends(rule, [use('2026-01-01'), topup('2026-03-01')]), '2026-04-30');
  }
  const rule = versions('new', '60 days');
  t.strictSame(
    ['2026-02-28', '2026-03-01', '2026-03-02'].map((day) => at(rule, day, [use('2026-01-01')]).version),
    ['2020-01-01', since, since],
  );
});

t.test(
  '21. applies_to: all recomputes running from_event clocks from their anchor, not before since',
  async (t) => {
    for (const [record, shorter, longer] of [
      [use('2026-02-28'), '2026-04-29', '2026-09-16'],
      [use('2026-01-01'), '2026-03-02', '2026-07-20'],
      [use('2025-12-20'), '2026-02-28', '2026-07-08'], // sixty days would have ended on 18 February
      [use('2025-12-01'), '2026-02-28', '2026-06-19'],
      [use('2025-11-30'), '2026-02-28', '2026-02-28'], // ended with the day before
      [use('2025-11-29'), '2026-02-27', '2026-02-27'],
      [activated('2026-01-01'), '2026-03-02', '2026-07-20'],
    ] as const) {
      t.equal(
        ends(versions('all', '60 days'), [record]),
        shorter,
        `60 days from ${record.type} on ${record.at}`,
      );
      t.equal(
        ends(versions('all', '200 days'), [record]),
        longer,
        `200 days from ${record.type} on ${record.at}`,
      );
    }
    edge(t, versions('all', '60 days'), [use('2025-12-20')], since, ['active', 'lost']);
    t.equal(
      at(versions('all', '200 days'), '2026-03-02', [use('2025-11-30')]).stage,
      'suspended',
      'an ended clock keeps its end',
    );

    const paid = [use('2026-01-01'), use('2026-02-01')];
    t.equal(
      ends(versions('all', '60 days', {}, { extend: 'from_end' }), paid),
      '2026-06-30',
      'added up from end to end',
    );
    t.equal(ends(versions('all', '200 days', {}, { extend: 'later' }), paid), '2026-05-02');
    const shown = [use('2026-01-01'), validity('2026-02-01', '2026-12-31')];
    t.equal(
      ends(versions('all', '60 days', {}, { shows: 'number' }), shown),
      '2026-12-31',
      'what the carrier shows',
    );
    const charge = { take: '3 XTS', at_end: true as const, adds: '30 days' };
    const charged = [use('2025-11-01'), balance('2025-11-01', 6)];
    t.equal(ends(versions('all', '60 days', {}, { charge }), charged), '2026-03-31', 'twice charged');
  },
);

t.test('21. where the source does not say, both are folded as doubt', async (t) => {
  const seen = at(versions('unknown', '60 days'), '2026-02-01', [use('2026-01-01')]);
  says(t, seen, { act_by: '2026-03-02' });
  t.strictSame(seen.stages, ['lost 2026-03-03/null', 'suspended null/2026-04-02'], 'the stages of either');
  const alike = versions('unknown', '60 days', { ended: [{ stage: 'suspended' }] });
  t.strictSame(at(alike, '2026-02-01', [use('2026-01-01')]).stages, ['suspended 2026-03-03/2026-04-02']);
  const longer = versions('unknown', '120 days', { ended: [{ stage: 'suspended' }] });
  t.strictSame(at(longer, '2026-02-01', [use('2026-01-01')]).stages, ['suspended 2026-04-02/2026-05-02']);
  t.strictSame(at(longer, '2026-03-01', [use('2026-03-01')]).stages, ['suspended 2026-06-30']);
});

t.test('22. a void equals never having written the record', async (t) => {
  const rule = ruleOf({ clocks: { idle, airtime } });
  const written = [use('2026-01-01'), topup('2026-01-05'), use('2026-01-20'), balance('2026-01-20', 5)];
  const without = (index: number) => {
    const {
      set_by: _,
      entries: __,
      ...rest
    } = at(
      rule,
      '2026-01-25',
      written.filter((_, i) => i !== index),
    );
    return rest;
  };
  for (const index of written.keys()) {
    for (const date of ['2025-01-01', '2026-01-25', '2030-01-01']) {
      const {
        set_by: _,
        entries: __,
        ...seen
      } = at(rule, '2026-01-25', [...written, voided(`r${index}`, date)]);
      t.strictSame(seen, without(index), `r${index} voided on ${date}`);
    }
  }
  const restored = at(rule, '2026-01-25', [...written, voided('r2'), voided('r4')]);
  t.equal(restored.ends.idle, '2026-02-19', 'a void may be a mistake itself');
  t.equal(at(rule, '2026-01-25', [use('2026-01-01'), voided('r9')]).ends.idle, '2026-01-31', 'of nothing');
});

t.test('22. a record that arrives late for an early date refolds everything', async (t) => {
  const rule = ruleOf({ clocks: { idle: { ...idle, extend: 'from_end', ended: [{ stage: 'lost' }] } } });
  const [first, late, last] = [use('2026-01-01'), use('2026-01-20'), use('2026-02-10')];
  says(t, at(rule, '2026-02-10', [first, last]), { ends: { idle: '2026-03-12' }, contradicted: ['r1'] });
  says(t, at(rule, '2026-02-10', [first, last, late]), { ends: { idle: '2026-04-01' }, contradicted: [] });
  const { set_by: _, entries: __, ...inOrder } = at(rule, '2026-02-10', [first, late, last]);
  const { set_by: ___, entries: ____, ...asArrived } = at(rule, '2026-02-10', [last, first, late]);
  t.strictSame(asArrived, inOrder);
});
