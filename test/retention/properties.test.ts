/** What holds of every timeline, tried on random ledgers under every shipped rule. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { formatDay, parseDay, timelineOf } from '../../src/retention/index.ts';
import type { LedgerRecord, RecordInput } from '../../src/retention/record.ts';
import type { StageEntry, Timeline } from '../../src/retention/timeline.ts';
import { anyConditions, anyLedger, dayAt } from '../support/ledgers.ts';
import { type Pack, packs } from '../support/packs.ts';
import { anyPack } from '../support/rules.ts';

const RUNS = 100;
const NEVER = Number.POSITIVE_INFINITY;
const fold = (rule: (typeof packs)[number]['rule'], input: Parameters<typeof timelineOf>[1]): Timeline =>
  timelineOf(rule, input);

t.test('the rules are there', async (t) => {
  t.ok(packs.length >= 10);
});

/** The days of a timeline on which something would happen. */
function daysOf(timeline: Timeline): number[] {
  const days = [timeline.act_by, timeline.confirmed_act_by, timeline.lost_on, timeline.latest_lost_on];
  return [...days, ...timeline.stages.flatMap((entry) => [entry.from, entry.latest_from])].filter(
    (day) => day !== null,
  );
}

const inOrder = (earlier: number | null, later: number | null): boolean =>
  earlier === null || later === null || earlier <= later;

/** Earliest before latest, nothing after `until`, stages by date, deadlines ahead and risks behind. */
function isSound(timeline: Timeline): boolean {
  const dates = timeline.stages.map((entry) => (entry.from ?? entry.latest_from) as number);
  return (
    daysOf(timeline).every((day) => Number.isInteger(day) && day <= timeline.until) &&
    timeline.stages.every((entry) => inOrder(entry.from, entry.latest_from)) &&
    timeline.clocks.every((clock) => inOrder(clock.ends, clock.latest)) &&
    inOrder(timeline.lost_on, timeline.latest_lost_on) &&
    inOrder(timeline.at_risk_since, timeline.as_of) &&
    inOrder(timeline.as_of, timeline.act_by) &&
    dates.every((date, i) => i === 0 || (dates[i - 1] as number) <= date)
  );
}

const anyCase = (pack: Pack) =>
  fc.tuple(fc.constant(pack), anyLedger(pack), anyConditions(pack), fc.nat(2000));
const sound = fc.property(
  fc.oneof(fc.constantFrom(...packs), anyPack).chain(anyCase),
  ([pack, records, conditions, ahead]) => {
    const until = formatDay((parseDay(conditions.as_of) as number) + ahead);
    return isSound(timelineOf(pack.rule, { records, ...conditions, until, moves: true }));
  },
);

t.test('any ledger has a sound timeline, under the shipped rules and any others', async (t) => {
  fc.assert(sound, { numRuns: 20 * RUNS });
  t.pass();
});

t.test('a void equals never having written the record', async (t) => {
  for (const pack of packs) {
    fc.assert(
      fc.property(
        anyLedger(pack, { without: ['void'] }),
        fc.nat(20),
        anyConditions(pack),
        (records, index, conditions) => {
          const target = records[index % Math.max(records.length, 1)];
          const voiding: RecordInput = { type: 'void', at: '2030-01-01', record: target?.id ?? 'none' };
          const voided = fold(pack.rule, {
            records: [...records, { id: 'void', input: voiding }],
            ...conditions,
          });
          const without = records.filter((record) => record !== target);
          assert.deepEqual(voided, fold(pack.rule, { records: without, ...conditions }));
        },
      ),
      { numRuns: RUNS / 2 },
    );
    t.pass(pack.id);
  }
});

/** Another order of entry that keeps that of the records for which it matters: of one date, or of one moment. */
function reordered(records: readonly LedgerRecord[], keys: readonly number[]): LedgerRecord[] {
  const keyed = records.map((record, i) => ({ record, key: keys[i] ?? 0 }));
  const groups = Map.groupBy(keyed, ({ record }) => groupOf(record.input));
  for (const members of groups.values()) {
    const sorted = members.map(({ key }) => key).sort((a, b) => a - b);
    members.forEach((member, i) => {
      member.key = sorted[i] as number;
    });
  }
  return keyed.sort((a, b) => a.key - b.key).map(({ record }) => record);
}

function groupOf(input: RecordInput): string {
  if (typeof input.at !== 'string') return 'span';
  return input.at.includes('T') ? `moment ${Date.parse(input.at)}` : input.at;
}

t.test(
  'the order of entry matters only among records of one moment, or of one date without any',
  async (t) => {
    for (const pack of packs) {
      fc.assert(
        fc.property(
          // A span has a date in each reading, which another record may share: at most one to a ledger.
          anyLedger(pack, { without: ['void'] }).filter(
            (records) => records.filter((record) => groupOf(record.input) === 'span').length === 0,
          ),
          fc.array(fc.nat(1000), { minLength: 14, maxLength: 14 }),
          anyConditions(pack),
          (records, keys, conditions) => {
            const shuffled = fold(pack.rule, { records: reordered(records, keys), ...conditions });
            assert.deepEqual(shuffled, fold(pack.rule, { records, ...conditions }));
          },
        ),
        { numRuns: RUNS / 2 },
      );
      t.pass(pack.id);
    }
  },
);

const hasBeen = (timeline: Timeline, asOf: number): string[] =>
  timeline.stages
    .filter((entry: StageEntry) => entry.certainty === 'certain' && ((entry.from ?? NEVER) as number) <= asOf)
    .map((entry) => `${entry.stage} ${entry.from}`);

t.test('at an earlier as_of, what has been is the beginning of what has been', async (t) => {
  for (const pack of packs) {
    fc.assert(
      fc.property(
        anyLedger(pack, { certain: true, without: ['activated'] }),
        anyConditions(pack),
        fc.nat(1400),
        (later, conditions, back) => {
          const records: LedgerRecord[] = [
            { id: 'first', input: { type: 'activated', at: dayAt(0) } },
            ...later,
          ];
          const asOf = dayAt(back);
          const [early, late] = [asOf, conditions.as_of].sort() as [string, string];
          const day = parseDay(early) as number;
          const then = fold(pack.rule, { records, ...conditions, as_of: early, until: '2040-01-01' });
          const now = fold(pack.rule, { records, ...conditions, as_of: late, until: '2040-01-01' });
          assert.deepEqual(hasBeen(now, day), hasBeen(then, day));
          const known = records.filter(({ input }) => input.type === 'void' || (input.at as string) <= early);
          const cut = fold(pack.rule, { records: known, ...conditions, as_of: early, until: '2040-01-01' });
          assert.equal(cut.stage, then.stage);
          assert.equal(cut.balance, then.balance);
          assert.equal(cut.at_risk_since, then.at_risk_since);
        },
      ),
      { numRuns: RUNS / 2 },
    );
    t.pass(pack.id);
  }
});

/** Records that restart all they can: no tier is higher than what they pay, nothing is left unsaid. */
const qualifying = (currency: string, at: string): RecordInput[] => [
  {
    type: 'activity',
    at,
    kind: 'call',
    direction: 'outgoing',
    charged: true,
    from_allowance: false,
    roaming: false,
  },
  { type: 'topup', at, amount: { amount: '100000', currency }, method: 'card' },
  { type: 'plan_renewed', at, amount: { amount: '0', currency } },
];

/** Counting from the event, a smaller amount or another product may end sooner than what went before: so the rule says. */
const mayShorten = ({ rule }: Pack): boolean =>
  rule.rule.versions.some((version) =>
    Object.values(version.clocks).some((clock) => {
      const lengths = [
        clock.runs,
        ...(clock.restarts_on ?? []).map((item) =>
          typeof item === 'object' && 'on' in item ? item.runs : undefined,
        ),
      ].filter((runs) => runs !== undefined);
      const differ =
        lengths.length > 1 || lengths.some((runs) => typeof runs === 'object' && 'tiers' in runs);
      return differ && JSON.stringify(clock.extend ?? 'from_event').includes('from_event');
    }),
  );

t.test('a later qualifying record never brings loss nearer', async (t) => {
  // A date that the carrier shows, or a stage that it names, may be better than what the rule would give.
  const without: RecordInput['type'][] = ['validity', 'status', 'void'];
  for (const pack of packs.filter((one) => !mayShorten(one))) {
    fc.assert(
      fc.property(
        anyLedger(pack, { certain: true, last: 700, without }),
        anyConditions(pack),
        fc.integer({ min: 701, max: 1100 }).map(dayAt),
        fc.nat(2),
        (records, conditions, as_of, which) => {
          const input = qualifying(pack.rule.currency, as_of)[which] as RecordInput;
          const before = fold(pack.rule, { records, ...conditions, as_of });
          const after = fold(pack.rule, {
            records: [...records, { id: 'more', input }],
            ...conditions,
            as_of,
          });
          const started = ({ clocks }: Timeline) =>
            clocks.map(({ clock, ends, latest }) => [clock, ends !== null, latest !== null].join());
          if (started(after).join() !== started(before).join()) return;
          // A loss behind us that only the latest reading has had, since in the earliest nothing is known to have begun.
          const passed = ({ stage, from, latest_from }: Timeline['stages'][number]) =>
            stage === 'lost' && from === null && (latest_from ?? NEVER) <= before.as_of;
          if (before.stages.some(passed)) return;
          const nearer = (key: 'lost_on' | 'latest_lost_on') =>
            (after[key] ?? NEVER) < (before[key] ?? NEVER);
          assert.ok(!nearer('lost_on') && !nearer('latest_lost_on'));
        },
      ),
      { numRuns: RUNS },
    );
    t.pass(pack.id);
  }
});

t.test('the same input gives the same output in any zone of the process', async (t) => {
  const script = fileURLToPath(new URL('../support/timeline-digest.ts', import.meta.url));
  const digests: string[] = [];
  const offsets: string[] = [];
  for (const TZ of ['UTC', 'Pacific/Apia', 'America/New_York', 'Asia/Vladivostok']) {
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env: { ...process.env, TZ } });
    const [offset = '', digest = ''] = stdout.trim().split(' ');
    digests.push(digest);
    offsets.push(offset);
  }
  t.strictSame(offsets, ['0', '-780', '300', '-600'], 'they really ran in other zones');
  t.match(digests[0], /^[0-9a-f]{64}$/);
  t.equal(new Set(digests).size, 1);
});
