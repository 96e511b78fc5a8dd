import t from 'tap';
import {
  type AgendaEntry,
  agendaOf,
  agendaState,
  agendaWithoutLines,
  entryText,
} from '../../src/agenda/index.ts';
import { formatDay } from '../../src/retention/index.ts';
import { doubtful, monthly, north, watched } from './carriers.ts';
import { balance, lineOf, planRenewed, toppedUp, used } from './lines.ts';

const brief = (entries: readonly AgendaEntry[]) =>
  entries.map(({ on, kind, key, done }) => `${on} ${kind} ${key.cycle}${done ? ' done' : ''}`);
const of = (entries: readonly AgendaEntry[], ...kinds: AgendaEntry['kind'][]) =>
  entries.filter(({ kind }) => kinds.includes(kind));

const LINE = [used('2026-01-01'), balance('2026-01-01', '300')];

t.test('what to do before the deadline, and what follows it', async (t) => {
  const entries = agendaOf(lineOf(LINE));
  t.same(brief(entries.filter(({ kind }) => kind !== 'overdue')), [
    '2026-03-02 check_account 0',
    '2026-03-11 backup 0',
    '2026-03-25 renew 0',
    '2026-04-01 last_safe_day 0',
    '2026-04-02 stage 0/lost/may/law',
    '2026-05-01 promotions 2026-05',
    '2026-05-02 stage 0/fee_running/certain/idle',
    '2026-06-01 stage 0/reissuable/may/law',
    '2026-08-09 stage 0/receive_only/certain/idle',
    '2026-11-01 promotions 2026-11',
    '2027-02-05 stage 0/lost/certain/empty',
  ]);
  t.same(of(entries, 'last_safe_day')[0]?.alarms, [15, 159, 711], 'nine in the morning, the last one first');
  t.same(of(entries, 'renew')[0]?.asks, [['send_text', 'use_data']], 'what answers the law for certain');
});

t.test('overdue stands each week, louder, then each month, until the loss is certain', async (t) => {
  const line = lineOf(LINE);
  const overdue = of(agendaOf(line), 'overdue');
  t.same(
    brief(overdue.slice(25)),
    [
      '2026-09-24 overdue 0/26',
      '2026-10-01 overdue 0/27',
      '2026-10-29 overdue 0/31',
      '2026-11-26 overdue 0/35',
      '2026-12-24 overdue 0/39',
      '2027-01-21 overdue 0/43',
    ],
    'while there is something left to save',
  );
  t.equal(formatDay(line.timeline.latest_lost_on as number), '2027-02-05');
  t.same(
    overdue.slice(0, 4).map(({ on, tone, days, alarms }) => [on, tone, days, ...alarms]),
    [
      ['2026-04-02', 1, 1],
      ['2026-04-09', 2, 8, 15],
      ['2026-04-16', 3, 15, 15],
      ['2026-04-23', 3, 22, 15],
    ],
    'and rings from the second on',
  );
  t.same(overdue[0]?.asks, [['send_text', 'use_data']]);
  const fee = overdue.find(({ on }) => on > '2026-05-02');
  t.same(fee?.asks, [['send_text']], 'of what ends the fee, what the law is answered by too');

  const lost = of(agendaOf(lineOf([used('2026-01-01')], { booked: doubtful })), 'overdue');
  t.same(
    lost.map(({ on }) => on),
    ['2026-07-01'],
    'between the earliest loss and the certain one',
  );
  const entered = lineOf([used('2026-01-01')], { booked: doubtful, created_on: '2026-07-02' });
  t.same(of(agendaOf(entered), 'overdue'), [], 'nothing of one that is entered on the day of the loss');
  const cycle = of(
    agendaOf(lineOf([planRenewed('2026-01-01'), balance('2026-01-01', '0')], { booked: monthly })),
    'overdue',
  );
  t.ok(cycle.length > 0 && cycle.every(({ on }) => on < '2026-03-03'), 'not after the certain loss');
});

t.test('a short cycle has its renewal and its last day, which rings twice', async (t) => {
  const entries = agendaOf(
    lineOf([planRenewed('2026-01-01')], { booked: monthly, time_zone: 'America/New_York' }),
  );
  t.same(brief(of(entries, 'check_account', 'backup', 'renew', 'last_safe_day')), [
    '2026-01-24 renew 0',
    '2026-01-31 last_safe_day 0',
  ]);
  t.same(of(entries, 'renew')[0]?.alarms, []);
  t.same(of(entries, 'last_safe_day')[0]?.alarms, [15, 159]);
});

t.test('lead reminders: as alarms, as entries, as both or not at all', async (t) => {
  const line = lineOf(LINE);
  const leads = (alarms: 'valarm' | 'events' | 'both' | 'none') =>
    brief(of(agendaOf(line, { alarms }), 'lead'));
  const ringing = (alarms: 'valarm' | 'events' | 'both' | 'none') =>
    agendaOf(line, { alarms }).filter((entry) => entry.alarms.length > 0).length > 0;
  const three = ['2026-03-02 lead 0/30', '2026-03-25 lead 0/7', '2026-03-31 lead 0/1'];
  t.same(leads('events'), three);
  t.same(leads('both'), three);
  t.same(leads('valarm'), []);
  t.same(leads('none'), []);
  t.same(
    [ringing('valarm'), ringing('both'), ringing('events'), ringing('none')],
    [true, true, false, false],
  );
  const put = { kind: 'last_safe_day', cycle: '0', what: 'later', on_day: '2026-03-30' } as const;
  const putOff = (alarms: 'valarm' | 'none') =>
    of(agendaOf(lineOf(LINE, { marks: [put] }), { alarms }), 'last_safe_day').map((entry) => entry.alarms);
  t.same(putOff('valarm'), [[15], [15, 159, 711]], 'what was put off rings once');
  t.same(putOff('none'), [[], []], 'where anything rings');
  const own = agendaOf(line, { alarms: 'both', lead_days: [3, 0, 3, 14, 80] });
  t.same(brief(of(own, 'lead')), ['2026-03-18 lead 0/14', '2026-03-29 lead 0/3'], 'in proportion, each once');
  t.same(of(own, 'last_safe_day')[0]?.alarms, [63, 327]);
});

t.test('what answers a clock that no record restarts', async (t) => {
  const shown = agendaOf(
    lineOf([{ type: 'validity', at: '2026-01-01', until: '2026-03-01' }], { booked: watched }),
  );
  const empty = agendaOf(lineOf([balance('2026-01-01', '0')], { booked: watched }));
  for (const entries of [shown, empty]) {
    const due = of(entries, 'renew', 'last_safe_day');
    t.ok(due.length > 0);
    for (const { kind, asks } of due) t.same(asks, [['top_up']], kind);
  }
  const [overdue] = of(shown, 'overdue');
  t.same(overdue?.asks, [['top_up']], 'and still does in the stage that follows');
});

t.test("days are the person's, never later than the carrier's", async (t) => {
  const days = (time_zone: string, kind: AgendaEntry['kind']) =>
    of(agendaOf(lineOf(LINE, { time_zone })), kind)[0]?.on;
  t.equal(days('Asia/Shanghai', 'last_safe_day'), '2026-04-01');
  t.equal(days('Europe/Moscow', 'last_safe_day'), '2026-04-01');
  t.equal(days('America/New_York', 'last_safe_day'), '2026-03-31');
  t.equal(days('America/New_York', 'renew'), '2026-03-24');
  t.equal(days('America/New_York', 'stage'), '2026-04-01', 'the first day that is not wholly safe');
  t.equal(days('Pacific/Apia', 'last_safe_day'), '2026-04-01');
  const east = lineOf([planRenewed('2026-01-01')], { booked: monthly, time_zone: 'Pacific/Apia' });
  t.equal(of(agendaOf(east), 'last_safe_day')[0]?.on, '2026-01-31');
});

t.test('a renewal is ticked and the next cycle begins', async (t) => {
  const entries = agendaOf(lineOf([...LINE, used('2026-03-20')]), { alarms: 'both' });
  t.same(brief(of(entries, 'renew', 'last_safe_day')), [
    '2026-03-25 renew 0 done',
    '2026-06-11 renew 1',
    '2026-06-18 last_safe_day 1',
  ]);
  const done = entries.find((entry) => entry.done);
  t.equal(done?.done_by?.id, 'r3');
  t.same(done?.alarms, []);
  t.ok(
    of(entries, 'lead').every(({ on }) => on > '2026-03-25'),
    'the old reminders are gone',
  );
});

t.test('one that comes too early only moves the date', async (t) => {
  const renewals = (on: string) => brief(of(agendaOf(lineOf([...LINE, used(on)])), 'renew'));
  t.same(renewals('2026-02-20'), ['2026-05-14 renew 0']);
  t.same(renewals('2026-03-01'), ['2026-05-23 renew 0'], '31 days before: moved');
  t.same(renewals('2026-03-02'), ['2026-03-25 renew 0 done', '2026-05-24 renew 1'], '30: renewed');
});

t.test('whoever uses the phone every day gets no ticks', async (t) => {
  const daily = Array.from({ length: 60 }, (_, day) =>
    used(new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)),
  );
  const entries = agendaOf(lineOf(daily));
  t.equal(entries.filter(({ done }) => done).length, 0);
  t.same(brief(of(entries, 'renew')), ['2026-05-23 renew 0']);
});

t.test('made good after it was missed', async (t) => {
  const entries = agendaOf(lineOf([...LINE, used('2026-04-20')]));
  t.same(brief(of(entries, 'renew', 'overdue')).slice(0, 2), [
    '2026-03-25 renew 0 done',
    '2026-07-12 renew 1',
  ]);
  t.equal(of(entries, 'overdue')[0]?.key.cycle, '1/1');
});

t.test(
  'accounts are moved before the next stage that receives nothing, not before one that is over',
  async (t) => {
    const back = lineOf([used('2026-01-01'), used('2026-08-01')], { booked: doubtful });
    t.ok(
      back.timeline.stages.some(
        ({ stage, from }) => stage === 'lost' && (from as number) < back.timeline.as_of,
      ),
    );
    t.same(brief(of(agendaOf(back), 'backup')), ['2027-01-07 backup 1']);
  },
);

t.test('a payment asks for its proof, whether it came, and for support, ever less often', async (t) => {
  type State = 'pending' | 'confirmed' | 'failed' | 'refunded';
  const told = (kind: AgendaEntry['kind'], state: State, created_on = '2026-01-01', said = {}) => {
    const amount = { amount: '100', currency: 'RUB' };
    const made = { id: 'p', paid_at: '2026-03-20', amount, channel: 'app' as const, reference: null };
    const rest = { state, record: null, proved: false, since: '2026-03-25T09:00:00.000Z' };
    const payments = [{ ...made, ...rest, ...said }];
    return of(agendaOf(lineOf(LINE, { payments, created_on })), kind).map(({ on, alarms }) =>
      [on.slice(2), ...alarms].join(' '),
    );
  };
  const proof = '26-03-20 26-03-23 26-03-27 26-04-03 26-04-19 26-05-19 26-07-18 26-11-15 27-03-15'.split(' ');
  t.same(told('save_proof', 'pending'), proof, 'which rings never');
  t.same(told('save_proof', 'confirmed'), proof);
  t.same(told('save_proof', 'failed'), proof);
  t.same(told('save_proof', 'refunded'), []);
  const check = told('check_payment', 'pending');
  t.same(check.slice(0, 4), ['26-03-21', '26-03-23 15', '26-03-26 15', '26-04-02 15'], 'then weekly');
  t.same(check.slice(14, 16), ['26-06-18 15', '26-07-16 15'], 'then every four weeks');
  t.same([check.length, check.at(-1)], [41, '28-06-15 15'], 'for two years');
  t.same(told('contact_support', 'pending'), ['26-03-28', '26-04-11 15']);
  t.same(told('contact_support', 'failed'), [
    '26-03-25',
    '26-03-28 15',
    '26-04-01 15',
    '26-04-08 15',
    '26-04-22 15',
  ]);

  for (const [created, first] of [
    ['2026-03-26', '26-03-26 26-03-27'],
    ['2026-03-27', '26-03-27 26-04-03'],
    ['2026-03-28', '26-03-28 26-04-03'],
  ] as const)
    t.match(
      told('save_proof', 'pending', created).join(' '),
      first,
      'at once on a line that is entered late',
    );
  t.same(told('save_proof', 'pending', '2028-01-01'), ['28-01-01'], 'and once, however late');
  const night = { paid_at: '2026-03-20T17:00:00.000Z', since: '2026-03-25T17:00:00.000Z' };
  const first = (kind: AgendaEntry['kind'], state: State) => told(kind, state, '2026-01-01', night)[0];
  t.equal(first('save_proof', 'pending'), '26-03-21', "by the payer's own midnight");
  t.equal(first('check_payment', 'pending'), '26-03-22');
  t.equal(first('contact_support', 'failed'), '26-03-26');
});

t.test('a short cycle is closed in its last third', async (t) => {
  const renewals = (...dates: string[]) =>
    brief(
      of(
        agendaOf(lineOf(dates.map(planRenewed), { booked: monthly, time_zone: 'America/New_York' })),
        'renew',
      ),
    );
  t.same(renewals('2026-01-01', '2026-01-20'), ['2026-02-23 renew 0'], 'eleven days before: moved');
  t.same(
    renewals('2026-01-01', '2026-01-21'),
    ['2026-01-24 renew 0 done', '2026-02-23 renew 1'],
    'ten: closed',
  );
});

t.test('what does not answer the deadline leaves it standing', async (t) => {
  const before = agendaOf(lineOf(LINE));
  const after = agendaOf(lineOf([...LINE, toppedUp('2026-04-10')]));
  const stand = (entries: AgendaEntry[]) => brief(of(entries, 'renew', 'last_safe_day', 'overdue'));
  const all = stand(before);
  t.same(stand(after).slice(0, all.length), all, 'the same obligations on the same days');
});

t.test('an earlier balance changes no reminder', async (t) => {
  const reminders = (entries: AgendaEntry[]) =>
    brief(of(entries, 'check_account', 'backup', 'renew', 'last_safe_day'));
  t.same(
    reminders(agendaOf(lineOf([...LINE, balance('2026-03-28', '290')]))),
    reminders(agendaOf(lineOf(LINE))),
    'a few days before the deadline all reminders still stand',
  );
});

t.test('a void equals never having written the record', async (t) => {
  const wrong = used('2025-10-20');
  const line = lineOf([wrong, { type: 'void', at: '2026-01-02', record: 'r1' }, ...LINE], {
    created_on: '2026-01-01',
  });
  t.same(brief(agendaOf(line)), brief(agendaOf(lineOf(LINE))));
});

t.test('a line entered late', async (t) => {
  const near = agendaOf(lineOf(LINE, { created_on: '2026-03-29' }));
  t.same(brief(of(near, 'renew', 'backup', 'check_account', 'last_safe_day')), [
    '2026-03-29 renew 0',
    '2026-03-29 backup 0',
    '2026-04-01 last_safe_day 0',
  ]);
  const late = of(agendaOf(lineOf(LINE, { created_on: '2026-04-20' })), 'overdue');
  t.same([late[0]?.on, late[0]?.days, late[0]?.tone, late[1]?.on], ['2026-04-20', 19, 3, '2026-04-23']);
  const gone = agendaOf(lineOf([used('2024-01-01')], { booked: doubtful, created_on: '2026-03-29' }));
  t.same(brief(of(gone, 'check_account')), ['2026-03-30 check_account 0/lost']);
  t.same(of(gone, 'overdue', 'backup'), []);
});

t.test(
  'what is not known is asked at once, and monthly where nothing else reminds of the line',
  async (t) => {
    const asked = agendaOf(lineOf([balance('2026-01-10', '5')], { booked: doubtful }));
    t.same(
      asked.slice(0, 3).map(({ alarms }) => alarms),
      [[], [15], [15]],
    );
    const unknown = brief(asked);
    t.same(unknown.slice(0, 3), [
      '2026-01-11 check_account 0/missing',
      '2026-02-08 check_account 0/missing/1',
      '2026-03-08 check_account 0/missing/2',
    ]);
    t.equal(unknown.length, 27, 'for two years');
    t.equal(
      brief(agendaOf(lineOf([], { booked: doubtful, created_on: '2026-02-01' })))[0],
      '2026-02-02 check_account 0/missing',
    );
    const dated = agendaOf(lineOf([balance('2026-01-10', '0')], { booked: watched }));
    t.same(
      brief(dated.filter(({ variant }) => variant === 'missing')),
      ['2026-01-11 check_account 0/missing'],
      'once where a deadline stands',
    );
  },
);

t.test('identity: two months ahead, on its last day, and overdue until it is done', async (t) => {
  const foreign = { facts: { nationality: 'foreign' } };
  const entries = agendaOf(lineOf([used('2026-10-20'), balance('2026-10-20', '300')], foreign));
  t.same(brief(of(entries, 'identity')), [
    '2026-11-01 identity identity/0/first',
    '2026-12-31 identity identity/0/last',
  ]);
  t.same(of(entries, 'identity')[0]?.asks, [['visit']]);
  const overdue = of(entries, 'overdue').filter(({ variant }) => variant === 'identity');
  t.equal(overdue[0]?.on, '2027-01-01');
  t.same(brief(of(entries, 'renew')), ['2027-01-11 renew 0'], 'use has a deadline of its own');
  const proved = agendaOf(
    lineOf(
      [used('2026-10-20'), balance('2026-10-20', '300'), { type: 'identity', at: '2026-12-20' }],
      foreign,
    ),
  );
  t.same(brief(of(proved, 'identity')), ['2026-12-31 identity identity/0/last done']);
});

t.test('a missed identity duty hides no deadline of use', async (t) => {
  const late = agendaOf(
    lineOf([used('2027-02-01'), balance('2027-02-01', '300')], { facts: { nationality: 'foreign' } }),
  );
  t.same(brief(of(late, 'renew', 'last_safe_day')), ['2027-04-25 renew 0', '2027-05-02 last_safe_day 0']);
  const overdue = of(late, 'overdue').filter(({ variant }) => variant === 'identity');
  t.match(overdue[0], {
    on: '2027-02-01',
    days: 32,
    tone: 3,
    asks: [['visit']],
    because: { clock: 'identity' },
  });
});

t.test('a certain loss ends it all', async (t) => {
  const empty = agendaOf(lineOf([balance('2026-01-01', '0'), used('2026-05-01')]));
  t.same(
    brief(of(empty, 'stage')).filter((stage) => stage > '2026-06'),
    ['2026-06-30 stage 0/lost/certain/empty', '2026-09-29 stage 0/reissuable/may/law'],
    'what the law allows a month later can take nothing any more',
  );
  const [last] = of(empty, 'last_safe_day');
  const { text } = entryText(last as AgendaEntry, 'en');
  t.match(text, 'From 30 June 2026');
  t.notMatch(text, '31 July 2026');

  const gone = agendaOf(lineOf([balance('2024-01-01', '0')], { booked: watched, created_on: '2026-03-29' }));
  t.same(brief(of(gone, 'check_account')), ['2026-03-30 check_account 0/lost'], 'no other fact is asked for');

  const lost = { type: 'status' as const, at: '2026-03-01', stage: 'lost' as const };
  const foreign = agendaOf(lineOf([...LINE, lost], { facts: { nationality: 'foreign' } }));
  t.same(brief(of(foreign, 'identity')), []);
});

t.test('no account is moved by codes that do not arrive any more', async (t) => {
  const suspended = { type: 'status' as const, at: '2026-01-10', stage: 'suspended' as const };
  t.same(of(agendaOf(lineOf([...LINE, suspended])), 'backup'), []);
});

t.test('nothing yet', async (t) => {
  t.same(brief(agendaWithoutLines({ created_on: '2026-03-01' })), ['2026-03-01 nothing 0']);
  const line = lineOf([{ type: 'status', at: '2026-03-01', stage: 'lost' }], { booked: doubtful });
  const kinds = new Set(agendaOf(line).map(({ kind }) => kind));
  t.notOk(kinds.has('renew') || kinds.has('last_safe_day'));
  t.ok(agendaOf(line).length > 0);
});

t.test('promotions only where the carrier is known to have some', async (t) => {
  t.equal(of(agendaOf(lineOf(LINE)), 'promotions').length, 2);
  const without = { ...north, carrier: { ...north.carrier, promotions: [] } };
  t.equal(of(agendaOf(lineOf(LINE, { booked: without })), 'promotions').length, 0);
});

t.test('only today tells what is overdue', async (t) => {
  const entries = agendaOf(lineOf([...LINE, used('2026-03-20')]));
  const state = (kind: AgendaEntry['kind'], today: string) =>
    agendaState(of(entries, kind).find(({ done }) => !done)!, today);
  t.equal(agendaState(entries.find(({ done }) => done)!, '2027-01-01'), 'done');
  t.same([state('renew', '2026-06-18'), state('renew', '2026-06-19')], ['due', 'overdue']);
  t.same([state('last_safe_day', '2026-06-18'), state('last_safe_day', '2026-06-19')], ['due', 'overdue']);
  t.same([state('overdue', '2026-06-18'), state('overdue', '2026-06-19')], ['due', 'overdue']);
  t.same([state('stage', '2026-06-18'), state('stage', '2026-06-19')], ['due', 'overdue']);
  t.equal(state('promotions', '2027-12-01'), 'due');
});

t.test('a tick answers the deadline it was made for, not a later one of the same cycle', async (t) => {
  const marks = [
    { kind: 'last_safe_day', cycle: '0', what: 'done', on_day: '2026-04-01' },
    { kind: 'backup', cycle: '0', what: 'done', on_day: '2026-04-01' },
    { kind: 'check_account', cycle: '0', what: 'done', on_day: '2026-04-01' },
  ] as const;
  const found = (inputs: Parameters<typeof lineOf>[0]) =>
    of(agendaOf(lineOf(inputs, { marks })), 'check_account', 'backup', 'last_safe_day');
  const ticked = (inputs: Parameters<typeof lineOf>[0]) => brief(found(inputs));
  t.same(ticked(LINE), [
    '2026-03-02 check_account 0 done',
    '2026-03-11 backup 0 done',
    '2026-04-01 last_safe_day 0 done',
  ]);
  t.same(
    found(LINE).flatMap(({ alarms }) => alarms),
    [],
    'and rings no more',
  );
  t.same(
    ticked([...LINE, used('2026-01-02')]),
    ['2026-03-03 check_account 0 done', '2026-03-12 backup 0 done', '2026-04-02 last_safe_day 0'],
    'moved on by a day, the last day is another; what was looked at a little while ago holds',
  );
  t.same(
    ticked([...LINE, used('2026-01-31')]),
    ['2026-04-01 check_account 0 done', '2026-04-10 backup 0 done', '2026-05-01 last_safe_day 0'],
    'for a month',
  );
  t.same(
    ticked([...LINE, used('2026-02-01')]),
    ['2026-04-02 check_account 0', '2026-04-11 backup 0', '2026-05-02 last_safe_day 0'],
    'and no longer',
  );
  const [rings] = of(found([...LINE, used('2026-01-20')]), 'last_safe_day');
  t.not(rings?.alarms.length, 0);

  const identity = (on_day: string) =>
    of(
      agendaOf(
        lineOf([used('2026-10-20')], {
          facts: { nationality: 'foreign' },
          marks: [{ kind: 'identity', cycle: 'identity/0/last', what: 'done', on_day }],
        }),
      ),
      'identity',
    ).map(({ done }) => done);
  t.same(identity('2026-12-31'), [false, true]);
  t.same(identity('2026-12-30'), [false, false], 'nor does an earlier document answer a later day');
});

t.test('a tick that names no deadline holds for any', async (t) => {
  const marks = [{ kind: 'last_safe_day', cycle: '0', what: 'done', on_day: null }] as const;
  const last = (at: string) => brief(of(agendaOf(lineOf([...LINE, used(at)], { marks })), 'last_safe_day'));
  t.same(last('2026-01-02'), ['2026-04-02 last_safe_day 0 done']);
  t.same(last('2026-02-20'), ['2026-05-21 last_safe_day 0 done']);
});

t.test('put off, an entry says what is due on the day on which it then stands', async (t) => {
  const again = (kind: AgendaEntry['kind'], cycle: string, on_day: string, inputs = LINE) =>
    agendaOf(lineOf(inputs, { marks: [{ kind, cycle, what: 'later', on_day }] }), { alarms: 'both' }).filter(
      ({ key }) => key.kind === kind && key.cycle === `${cycle}/again/${on_day}`,
    );
  t.match(again('lead', '0/7', '2026-03-29'), [{ kind: 'lead', on: '2026-03-29', days: 3 }]);
  t.match(again('lead', '0/1', '2026-04-01'), [{ kind: 'last_safe_day', on: '2026-04-01' }]);
  for (const [kind, cycle] of [
    ['lead', '0/1'],
    ['renew', '0'],
    ['last_safe_day', '0'],
  ] as const)
    t.match(again(kind, cycle, '2026-04-03'), [{ kind: 'overdue', on: '2026-04-03', days: 2, tone: 1 }]);
  t.match(again('overdue', '0/1', '2026-04-05'), [{ kind: 'overdue', on: '2026-04-05', days: 4 }]);
  t.match(again('overdue', '0/3', '2026-04-11'), [{ kind: 'overdue', days: 10, tone: 2 }]);
  t.match(
    again('overdue', '0/1', '2026-03-20'),
    [{ kind: 'renew', on: '2026-03-20' }],
    'before it is overdue',
  );
  t.match(again('overdue', '0/1', '2026-04-01'), [{ kind: 'last_safe_day', on: '2026-04-01' }]);
  t.match(again('backup', '0', '2026-04-03'), [{ kind: 'backup', on: '2026-04-03' }]);
  t.match(again('renew', '0', '2026-04-02'), [{ kind: 'overdue', days: 1 }], 'from its first day on');
  t.equal(again('overdue', '0/1', '2027-02-03').length, 1);
  t.same(again('overdue', '0/1', '2027-02-05'), [], 'of what is lost nobody is reminded');
  t.same(again('renew', '0', '2026-03-30', [...LINE, used('2026-03-20')]), [], 'nor of what is done since');
});

t.test('put off, an entry speaks of its own deadline, by the days of the person', async (t) => {
  const again = (
    kind: AgendaEntry['kind'],
    cycle: string,
    on_day: string,
    terms: Parameters<typeof lineOf>[1],
    inputs = LINE,
  ) =>
    agendaOf(lineOf(inputs, { ...terms, marks: [{ kind, cycle, what: 'later', on_day }] }), {
      alarms: 'both',
    }).find(({ key }) => key.kind === kind && key.cycle === `${cycle}/again/${on_day}`);
  const west = { time_zone: 'America/New_York' };
  t.match(again('lead', '0/7', '2026-03-29', west), { kind: 'lead', days: 2 }, 'the last one is the 31st');

  const foreign = { facts: { nationality: 'foreign' } };
  const document = (on_day: string) =>
    again('identity', 'identity/0/first', on_day, foreign, [used('2026-10-20')]);
  t.match(document('2026-12-20'), { kind: 'identity', variant: 'first' });
  t.match(document('2026-12-31'), { kind: 'identity', variant: 'last' });
  t.match(
    document('2027-01-27'),
    { kind: 'overdue', variant: 'identity', days: 27 },
    'also where the use is overdue as well',
  );

  const payment = {
    id: 'p',
    state: 'failed' as const,
    paid_at: '2026-03-20',
    amount: { amount: '100', currency: 'RUB' },
    channel: 'app' as const,
    reference: null,
    record: null,
    proved: false,
    since: '2026-03-25T09:00:00.000Z',
  };
  const proof = again('save_proof', 'p/0', '2027-02-06', { payments: [payment] });
  t.equal(proof?.on, '2027-02-06', 'of money that was paid one is reminded when the number is lost, too');
});
