/** Cures, losses and what the carrier shows: sentences 10 and 11 of what a timeline means. */
import t from 'tap';
import { checkRecord } from '../../../src/retention/check.ts';
import { activated, balance, pack, renewed, status, topup, use, validity } from '../../support/records.ts';
import { at, type ClockTerms, clockRule, ruleOf, says } from '../../support/retention.ts';

const idle: ClockTerms = { restarts_on: ['use'], runs: '30 days', ended: [{ stage: 'suspended' }] };
// From 1 January: the last good day is 31 January.
const used = use('2026-01-01');

t.test('10. while a stage that lists cures holds, only those restart its clock', async (t) => {
  const rule = ruleOf({
    actions: {
      renew: { does: 'renewal', how: 'renew' },
      reclaim: { does: ['renewal', 'reclaimed'], how: 'buy' },
    },
    events: { reclaimed: { type: 'purchase', product: 'reclaim' } },
    clocks: {
      idle: {
        restarts_on: ['use', 'credit'],
        runs: '30 days',
        ended: [
          { stage: 'restricted', lasts: '10 days' },
          { stage: 'receive_only', lasts: '10 days', cures: ['renew'] },
          { stage: 'suspended', lasts: '10 days', cures: ['reclaim'] },
          { stage: 'lost', cures: [] },
        ],
      },
    },
  });
  // Restricted through 10 February, receive-only through the 20th, suspended through 2 March.
  const reclaimed = (date: string) => pack(date, 'reclaim');
  for (const [record, stage] of [
    [use('2026-01-31'), 'active'],
    [renewed('2026-01-31'), 'active'],
    [use('2026-02-10'), 'active'],
    [renewed('2026-02-10'), 'restricted'],
    [use('2026-02-11'), 'receive_only'],
    [topup('2026-02-20'), 'receive_only'],
    [renewed('2026-02-11'), 'active'],
    [reclaimed('2026-02-20'), 'receive_only'],
    [reclaimed('2026-02-21'), 'active'],
    [renewed('2026-03-02'), 'active'],
    [use('2026-03-02'), 'suspended'],
    [reclaimed('2026-03-03'), 'lost'],
  ] as const) {
    t.equal(at(rule, record.at as string, [used, record]).stage, stage, `${record.type} on ${record.at}`);
  }
  const healed = at(rule, '2026-02-15', [used, renewed('2026-02-15')]);
  says(t, healed, { ends: { idle: '2026-03-17' }, at_risk_since: null, contradicted: [] });
  t.strictSame(
    healed.entries.slice(-4).map((entry) => entry.cures),
    [[], ['renew'], ['reclaim'], []],
  );
});

t.test('10. other clocks go on counting while one waits for its cure', async (t) => {
  const rule = ruleOf({
    actions: { renew: { does: 'renewal' } },
    clocks: {
      idle: { ...idle, ended: [{ stage: 'suspended', cures: ['renew'] }] },
      law: { ...idle, runs: '60 days', ended: [{ stage: 'lost' }] },
    },
  });
  const seen = at(rule, '2026-02-10', [used, use('2026-02-10')]);
  says(t, seen, {
    stage: 'suspended',
    ends: { idle: '2026-01-31', law: '2026-04-11' },
    lost_on: '2026-04-12',
  });
});

t.test('10. a qualifying record after a certain loss brings the line back and is contradicted', async (t) => {
  const lost = clockRule({ ...idle, ended: [{ stage: 'suspended', lasts: '10 days' }, { stage: 'lost' }] });
  const back = (date: string) => at(lost, date, [used, use(date)]);
  says(t, back('2026-02-10'), { stage: 'active', contradicted: [] });
  says(t, back('2026-02-11'), {
    stage: 'active',
    contradicted: ['r1'],
    ends: { idle: '2026-03-13' },
    lost_on: '2026-03-24',
  });
  says(
    t,
    at(lost, '2026-02-11', [used, topup('2026-02-11')]),
    { stage: 'lost', contradicted: [] },
    'not a qualifying one',
  );
  const may = clockRule({ ...idle, ended: [{ stage: 'lost', certainty: 'may' }] });
  says(
    t,
    at(may, '2026-02-11', [used, use('2026-02-11')]),
    { stage: 'active', contradicted: [] },
    'it only might have been',
  );
  const either = clockRule({
    ...idle,
    runs: { earliest: '30 days', latest: '60 days' },
    ended: [{ stage: 'lost' }],
  });
  says(
    t,
    at(either, '2026-02-11', [used, use('2026-02-11')]),
    { stage: 'active', contradicted: [] },
    'in doubt',
  );
  says(t, at(either, '2026-03-03', [used, use('2026-03-03')]), { stage: 'active', contradicted: ['r1'] });
});

t.test('11. a validity record sets the clock that shows it, until the next record moves it', async (t) => {
  const shown = clockRule({ ...idle, shows: 'number' });
  for (const which of [undefined, 'outgoing', 'incoming', 'number'] as const) {
    t.equal(
      at(shown, '2026-01-10', [used, validity('2026-01-10', '2026-06-30', which)]).ends.idle,
      '2026-06-30',
      `of ${which}`,
    );
  }
  const seen = [used, validity('2026-01-10', '2026-06-30')];
  says(t, at(shown, '2026-01-10', seen), { set_by: { idle: 'r1' }, act_by: '2026-06-30' });
  t.equal(at(shown, '2026-01-20', [...seen, use('2026-01-20')]).ends.idle, '2026-02-19');
  t.equal(
    at(shown, '2026-01-20', [...seen, topup('2026-01-20')]).ends.idle,
    '2026-06-30',
    'what moves nothing',
  );
  t.equal(
    at(shown, '2026-01-20', [validity('2026-01-20', '2026-02-28')]).ends.idle,
    '2026-02-28',
    'it starts one too',
  );
  t.equal(
    at(shown, '2026-02-10', [used, validity('2026-02-10', '2026-06-30')]).stage,
    'active',
    'out of a stage',
  );
  t.equal(
    at(shown, '2026-01-20', [used, validity('2026-01-20', '2026-01-15')]).stage,
    'suspended',
    'and into one',
  );
  const later = clockRule({ ...idle, shows: 'number', extend: 'later' });
  t.equal(at(later, '2026-01-20', [...seen, use('2026-01-20')]).ends.idle, '2026-06-30');
  t.equal(at(later, '2026-06-20', [...seen, use('2026-06-20')]).ends.idle, '2026-07-20');
  const fromEnd = clockRule({ ...idle, shows: 'number', extend: 'from_end', runs: '1 month' });
  t.equal(at(fromEnd, '2026-06-20', [...seen, use('2026-06-20')]).ends.idle, '2026-07-30');
});

t.test(
  '11. where several clocks show a date, the record says which; where none fits, it is refused',
  async (t) => {
    const two = ruleOf({
      clocks: {
        calls: { ...idle, shows: 'outgoing' },
        number: { ...idle, shows: 'number', ended: [{ stage: 'lost' }] },
        silent: idle,
      },
    });
    const seen = (of?: 'outgoing' | 'incoming' | 'number') =>
      at(two, '2026-01-10', [used, validity('2026-01-10', '2026-06-30', of)]).ends;
    const untouched = { calls: '2026-01-31', number: '2026-01-31', silent: '2026-01-31' };
    t.strictSame(seen('outgoing'), { ...untouched, calls: '2026-06-30' });
    t.strictSame(seen('number'), { ...untouched, number: '2026-06-30' });
    t.strictSame(seen('incoming'), untouched);
    t.strictSame(seen(), untouched);

    const problems = (rule: typeof two, of?: 'outgoing' | 'incoming' | 'number') =>
      checkRecord(rule, {}, validity('2026-01-10', '2026-06-30', of), '2026-01-10').map(
        (problem) => problem.pointer,
      );
    t.strictSame([problems(two, 'outgoing'), problems(two, 'number')], [[], []]);
    t.strictSame([problems(two, 'incoming'), problems(two)], [['/of'], ['/of']]);
    const one = clockRule({ ...idle, shows: 'number' });
    t.strictSame([problems(one), problems(one, 'outgoing')], [[], []]);
    const none = clockRule(idle);
    t.strictSame([problems(none), problems(none, 'number')], [[], []], 'it is what the person saw');
    t.strictSame(
      at(none, '2026-01-10', [used, validity('2026-01-10', '2026-06-30')]).ends,
      at(none, '2026-01-10', [used]).ends,
      'where no date is shown it moves nothing',
    );
  },
);

t.test('11. a status wins until the next record, or until a clock says something graver', async (t) => {
  const rule = clockRule({ ...idle, ended: [{ stage: 'suspended', lasts: '30 days' }, { stage: 'lost' }] });
  const blocked = [used, status('2026-01-10', 'receive_only')];
  t.equal(at(rule, '2026-01-10', blocked).stage, 'receive_only');
  t.equal(at(rule, '2026-01-31', blocked).stage, 'receive_only');
  t.equal(at(rule, '2026-02-01', blocked).stage, 'suspended');
  t.equal(at(rule, '2026-01-11', [...blocked, balance('2026-01-11', 5)]).stage, 'active');
  const alive = [used, status('2026-02-10', 'active')];
  t.equal(at(rule, '2026-02-10', alive).stage, 'active');
  t.equal(at(rule, '2026-03-03', alive).stage, 'lost');
  t.equal(at(rule, '2026-01-10', [activated('2026-01-01'), status('2026-01-10', 'unknown')]).stage, 'active');
});

t.test('a stage names only those cures that count while it holds', async (t) => {
  const idle: ClockTerms = { restarts_on: ['credit', 'early'], runs: '30 days' };
  const rule = ruleOf({
    actions: { top_up: { does: 'credit', how: 'topup' }, extend: { does: 'early', how: 'buy' } },
    events: { early: { type: 'purchase', product: 'early', in: ['active'] } },
    clocks: {
      idle: { ...idle, ended: [{ stage: 'receive_only', lasts: '10 days' }, { stage: 'lost' }] },
      clause: { ...idle, ended: [{ stage: 'lost', certainty: 'may' }] },
    },
  });
  const { entries } = at(rule, '2026-01-02', [topup('2026-01-01')]);
  const cures = (stage: string, certainty: string) =>
    entries.find((entry) => entry.stage === stage && entry.certainty === certainty)?.cures;
  t.strictSame(cures('receive_only', 'certain'), ['top_up']);
  t.strictSame(cures('lost', 'may'), ['top_up', 'extend'], 'it stands beside a stage in which both count');
});
