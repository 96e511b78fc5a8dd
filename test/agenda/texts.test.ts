/**
 * What people read, word for word. `UPDATE_GOLDEN=1 npx tap run test/agenda/texts.test.ts` writes the files anew;
 * then read the difference as the person would who finds it in a calendar.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { agendaItemJson, agendaOf, entryText } from '../../src/agenda/index.ts';
import type { RecordInput } from '../../src/retention/record.ts';
import { LOCALES } from '../../src/wording/index.ts';
import { credited, doubtful, harder, north, watched } from './carriers.ts';
import { balance, lineOf, NUMBER, toppedUp, used } from './lines.ts';
import { LINES, printAgenda, printAll, printNobody } from './texts.ts';

for (const locale of LOCALES) {
  t.test(`in ${locale}`, async (t) => {
    for (const [name, line] of Object.entries(LINES)) {
      const file = new URL(`../golden/agenda/${name}.${locale}.txt`, import.meta.url);
      const printed = printAgenda(line, locale);
      if (process.env.UPDATE_GOLDEN) writeFileSync(file, printed);
      t.equal(printed, readFileSync(file, 'utf8'), name);
    }
    t.match(printNobody(locale), /Keepline.*\n\n.*Keepline/);
  });
}

t.test('the same in any time zone of the process', async (t) => {
  const script = fileURLToPath(new URL('./print-texts.ts', import.meta.url));
  const expected = printAll();
  for (const TZ of ['Pacific/Apia', 'America/New_York']) {
    const printed = execFileSync(process.execPath, [script], {
      env: { ...process.env, TZ },
      encoding: 'utf8',
    });
    t.equal(printed, expected, TZ);
  }
});

const line = LINES.drawer!;
const entries = agendaOf(line, { alarms: 'both' });
const all = (options: Parameters<typeof entryText>[2]) =>
  LOCALES.flatMap((locale) =>
    entries.map((entry) => Object.values(entryText(entry, locale, options)).join('\n')),
  );

t.test('how much is told', async (t) => {
  const words = {
    full: all({ detail: 'full' }),
    masked: all({ detail: 'masked' }),
    neutral: all({ detail: 'neutral' }),
  };
  t.ok(words.full.every((text) => text.includes('…4567') && text.includes('Grandmother')));
  t.ok(words.masked.every((text) => text.includes('…4567') && !text.includes('Grandmother')));
  for (const secret of ['4567', 'Grandmother', 'Northline', 'Северная', '北线', '100']) {
    t.notOk(
      words.neutral.some((text) => text.includes(secret)),
      `neutral is silent on ${secret}`,
    );
  }
  t.notOk(
    [...words.full, ...words.masked].some((text) => text.includes(NUMBER) || text.includes('91612345')),
  );
  const balance = /Balance|Баланс по записям|余额：300/;
  t.notOk(
    words.full.some((text) => balance.test(text)),
    'no balance unless asked for',
  );
  t.ok(all({ detail: 'full', showBalance: true }).some((text) => balance.test(text)));
  t.notOk(all({ detail: 'masked', showBalance: true }).some((text) => balance.test(text)));
});

t.test('a phone that cuts a title at forty characters still tells whose day it is, and which', async (t) => {
  const first = (title: string) => Array.from(title).slice(0, 40).join('');
  const payment = { id: 'p1', paid_at: '2026-03-20', amount: { amount: '300', currency: 'RUB' } };
  const paid = (state: 'pending' | 'failed', record: string | null) => ({
    ...{ ...payment, state, record, channel: 'app' as const, reference: null },
    ...{ proved: false, since: '2026-03-22T08:00:00Z' },
  });
  const awaited = lineOf([used('2026-01-01'), balance('2026-01-01', '300'), used('2026-03-20')]);
  const pending = awaited.records.map((one) => (one.id === 'r3' ? { ...one, pending: true } : one));
  const lines = [
    LINES.identity!,
    LINES.drawer!,
    { ...awaited, records: pending, payments: [paid('pending', 'r3')] },
    { ...awaited, payments: [paid('failed', null)] },
  ];
  for (const entry of lines.flatMap((given) => agendaOf(given, { alarms: 'both' }))) {
    for (const locale of LOCALES) {
      const { title } = entryText(entry, locale);
      t.match(first(title), '4567', `${locale} ${title}`);
      if (!['last_safe_day', 'renew'].includes(entry.kind) && entry.variant !== 'last') continue;
      t.match(first(title), /\d+月\d+日|\d [A-Zа-я][a-zа-я]{2}/, `${locale} ${title}`);
    }
  }
});

t.test('a loss that was feared and did not come leaves no doubt of a later one', async (t) => {
  const back = [
    { type: 'activated' as const, at: '2026-01-01' },
    toppedUp('2026-03-01'),
    balance('2026-03-01', '100'),
    { type: 'validity' as const, at: '2026-03-01', until: '2026-04-01' },
  ];
  const overdue = agendaOf(lineOf(back, { booked: watched })).find(({ kind }) => kind === 'overdue')!;
  t.match(entryText(overdue, 'en').text, 'What still saves the number, until 1 May 2026:');
});

t.test('what one reading alone reaches, or reaches sooner, is told as what may come', async (t) => {
  const title = (booked: typeof doubtful, record: RecordInput, certainty = 'certain') => {
    const stages = agendaOf(lineOf([record], { booked })).filter(({ kind }) => kind === 'stage');
    return entryText(
      stages.find(({ stage }) => stage!.stage === 'lost' && stage!.certainty === certainty)!,
      'en',
    ).title;
  };
  const unclear = { ...used('2026-01-01'), charged: undefined } as RecordInput;
  t.match(title(harder, toppedUp('2026-01-01')), /number lost/, 'both, on one day');
  t.match(title(doubtful, used('2026-01-01')), /number perhaps lost/, 'both, on two days');
  t.match(title(doubtful, unclear), /number perhaps lost/, 'one');
  const chosen = title(north, used('2026-01-01'), 'may');
  t.match(chosen, /may be cut off for good/, 'what the carrier may choose is told apart');
});

t.test('a number that what came since may have brought back is not given up', async (t) => {
  const doubted = [{ type: 'activated' as const, at: '2026-01-01' }, toppedUp('2026-09-01')];
  const overdue = agendaOf(lineOf(doubted, { booked: credited, created_on: '2026-09-01' })).find(
    ({ kind }) => kind === 'overdue',
  )!;
  const { text } = entryText(overdue, 'en');
  t.match(text, 'State of the line: perhaps already “lost”, that is not certain.');
  t.match(text, 'As long as the carrier has not cut the number off, this saves it:');
  t.match(text, 'Send a text that costs money.');
});

t.test('what works from abroad comes first, with its cautions', async (t) => {
  const renew = entries.find(({ kind }) => kind === 'renew')!;
  const { text } = entryText(renew, 'en');
  const place = (needle: string) => text.indexOf(needle);
  t.ok(place('Send a text') < place('Use mobile data'), 'actions');
  t.ok(place('• The app') < place('• Top-up services'), 'channels');
  t.ok(place('• Top-up services') < place('⚠ Keep the receipt.'));
  t.ok(place('⚠ Keep the receipt.') < place('• Shop'));
  t.match(text, 'costs 5\u00a0₽');
});

t.test('what a person typed is one short line, and no message of its own', async (t) => {
  const label = `Mum's {who} '{' <b>SIM</b>\r\nBEGIN:VEVENT ${'x'.repeat(200)}`;
  const hostile = lineOf([used('2026-01-01')], { label, number: null });
  for (const entry of agendaOf(hostile)) {
    const { title, text } = entryText(entry, 'ru');
    t.match(title, "Mum's {who} '{' <b>SIM</b>", 'as it was typed');
    t.notMatch(title, /[\r\n]/);
    t.ok(Array.from(title).length <= 80);
    t.notMatch(text, /^BEGIN/m);
  }
});

t.test('as the API tells it', async (t) => {
  const entry = entries.find(({ kind }) => kind === 'last_safe_day')!;
  const item = agendaItemJson(entry, 'en', { uid: 'u1', today: '2026-04-01' });
  t.match(item, {
    uid: 'u1',
    kind: 'last_safe_day',
    on: '2026-03-31',
    state: 'overdue',
    act_by: '2026-04-01',
  });
  t.match(item.because, { clock: 'law', record: 'r1', evidence: ['law'] });
  t.match(item.because?.text, 'counted from the text message on 1 January 2026');
  t.same(
    item.cures.map(({ action, from_abroad }) => [action, from_abroad]),
    [
      ['send_text', true],
      ['use_data', false],
    ],
  );
  const backup = entries.find(({ kind }) => kind === 'promotions')!;
  t.match(agendaItemJson(backup, 'en', { uid: 'u2', today: '2026-04-01' }), {
    because: null,
    cures: [],
    act_by: null,
  });
});

t.test('a balance that fell unexplained is told until another is seen', async (t) => {
  const texts = (inputs: Parameters<typeof lineOf>[0], options: Parameters<typeof entryText>[2]) =>
    agendaOf(lineOf(inputs))
      .filter(({ kind, done }) => kind === 'renew' && !done)
      .map((entry) => entryText(entry, 'en', options).text);
  const fell = [used('2026-01-01'), balance('2026-01-01', '300'), balance('2026-02-01', '212.50')];
  const told = texts(fell, { showBalance: true });
  t.ok(told.length > 0);
  for (const text of told) {
    t.match(
      text,
      /The balance seen on 1 February 2026 was \S*87\.50(\s?\S+)? less than what is recorded explains/,
    );
  }
  const hidden = texts(fell, { showBalance: false });
  for (const text of hidden) {
    t.match(text, /The balance seen on 1 February 2026 was less than what is recorded explains/);
    t.notMatch(text, '87.50');
  }
  t.notMatch(texts([...fell, balance('2026-02-10', '212.50')], { showBalance: true }).join(), 'explains');
  const rose = [used('2026-01-01'), balance('2026-01-01', '300'), balance('2026-02-01', '312.50')];
  t.notMatch(texts(rose, { showBalance: true }).join(), 'explains', 'more than expected is no loss');
});

t.test('a line that is called as its carrier is says so once', async (t) => {
  const told = (label: string) => {
    const line = lineOf([used('2026-01-01')], { number: null, label });
    return entryText(agendaOf(line).find(({ kind }) => kind === 'last_safe_day')!, 'en');
  };
  t.equal(told('Northline').title, 'Last safe day for Northline: 1 April');
  t.match(told('northline').text, /^Number: northline\n/);
  t.match(told('Northline 2').title, '· Northline');
});

t.test('to ask support stands in front where a phone would cut it', async (t) => {
  const since = '2026-03-20T08:00:00Z';
  const paid = {
    id: 'p1',
    paid_at: '2026-03-20',
    amount: { amount: '300', currency: 'RUB' },
    record: null,
    since,
  };
  const payment = {
    ...paid,
    channel: 'app' as const,
    reference: null,
    proved: false,
    state: 'pending' as const,
  };
  const line = lineOf([used('2026-01-01')], { payments: [payment] });
  const entry = agendaOf(line).find(
    ({ kind, variant }) => kind === 'contact_support' && variant !== 'failed',
  )!;
  for (const [locale, ask] of [
    ['en', 'Ask support'],
    ['ru', 'Спросить'],
    ['zh', '客服'],
  ] as const) {
    const { title } = entryText(entry, locale);
    t.match(Array.from(title).slice(0, 40).join(''), ask, title);
  }
});
