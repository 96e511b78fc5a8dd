/** Sheets with their usual mess: what is right goes in, what is wrong is told with its row, nothing is guessed. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { startPostgres } from '../support/postgres.ts';
import { addPerson, type Fixture, serve } from './service.ts';

const postgres = await startPostgres();
t.teardown(() => postgres.stop());

for (const engine of ['sqlite', 'postgres'] as const) {
  await t.test(engine, async (t) => {
    const environment: Record<string, string> =
      engine === 'postgres' ? { DATABASE_URL: await postgres.database() } : {};
    await sheetsOf(t, await serve(t, { environment }));
  });
}

async function sheetsOf(t: Test, service: Fixture) {
  const person = async (name: string) => {
    const { id, line, write } = await addPerson(service, name);
    const api = service.as(write);
    await api('DELETE', `/v1/lines/${line}`);
    const send = (sheet: string, text: string | Buffer, query = '', headers = {}) =>
      api('POST', `/v1/users/${id}/import?sheet=${sheet}${query}`, text, {
        'content-type': 'text/csv',
        ...headers,
      });
    const lines = async () => (await api('GET', `/v1/users/${id}/lines?limit=200`)).json().items;
    const records = async (of: string) =>
      (await api('GET', `/v1/lines/${of}/records?limit=200`)).json().items;
    return { id, api, send, lines, records };
  };

  await t.test('a column of a fact that nobody asks for is told, whatever it is called', async (t) => {
    const una = await person('Una');
    for (const name of ['shoe_size', 'days/counts', 'a~b', '__proto__', 'constructor']) {
      const told = (await una.send('lines', `rule,label,facts.${name}\nru/t2/prepaid,Home,43\n`)).json();
      const errors = [
        { row: 2, column: `facts.${name}`, mend: /^(It asks for `nationality`|Leave it out)\.$/ },
      ];
      t.match(told, { made: 0, errors }, `${name}: ${JSON.stringify(told)}`);
    }
  });

  await t.test('a row that stands in a sheet twice goes in once', async (t) => {
    const tom = await person('Tom');
    await tom.send('lines', 'rule,label,external_id\nru/t2/prepaid,Home,t2\n');
    const row = 't2,2026-03-01,50,one\n';
    const sheet = `line,at,amount,external_id\n${row}${row}${row.replace('50', '60')}`;
    const first = (await tom.send('topups', sheet)).json();
    t.match(first, { rows: 3, made: 1, unchanged: 1, refused: 1 });
    t.match((await tom.send('topups', sheet)).json(), { rows: 3, made: 0, unchanged: 2, refused: 1 });
  });

  await t.test(
    'a top-up that a payment makes counts once, one that it came to nothing of does not',
    async (t) => {
      const ben = await person('Ben');
      await ben.send('lines', 'rule,label\nru/t2/prepaid,Home\n');
      const [{ id }] = await ben.lines();
      const amount = { amount: '300', currency: 'RUB' };
      const paid = { paid_at: '2026-03-01', amount, channel: 'app' };
      const payment = (await ben.api('POST', `/v1/lines/${id}/payments`, paid)).json().id;
      const sheet = 'line,at,amount\nHome,2026-03-01,300\n';
      t.match((await ben.send('topups', sheet)).json(), { made: 0, unchanged: 1 });
      await ben.api('POST', `/v1/payments/${payment}/fail`, { reason: 'x' });
      t.match((await ben.send('topups', sheet)).json(), { made: 1, unchanged: 0 });
      t.match((await ben.send('topups', sheet)).json(), { made: 0, unchanged: 1 });
      const [, , made] = await ben.records(id);
      await ben.api('POST', `/v1/lines/${id}/records`, { type: 'void', at: '2026-03-02', record: made.id });
      t.match((await ben.send('topups', sheet)).json(), { made: 0, unchanged: 1 }, 'it was taken back');
    },
  );

  await t.test('rows that all have one external_id are told in one pass', async (t) => {
    const uli = await person('Uli');
    await uli.send('lines', 'rule,label,external_id\nru/t2/prepaid,Home,t2\n');
    const rows = Array.from({ length: 10_000 }, (_, i) => `t2,2026-03-01,${i + 1},same\n`).join('');
    const begun = performance.now();
    const answer = (await uli.send('topups', `line,at,amount,external_id\n${rows}`)).json();
    t.match(answer, { rows: 10_000, made: 1, refused: 9_999 });
    const detail = 'Row 2 has this external_id with other contents.';
    t.match(answer.errors.slice(0, 1), [{ row: 3, column: 'external_id', detail }]);
    // Gone through once for every hundred of them, it took half a minute.
    t.ok(performance.now() - begun < 10_000);
  });

  await t.test('lines and top-ups of a sheet from another country', async (t) => {
    const anna = await person('Anna');
    const sheet =
      '\ufeffRule;Label;Number;External_ID;Facts.nationality\r\nru/t2/prepaid;"Банк; ""старый""";+7 952 555-01-34;t2;russian\r\n;;;;\r\ngb/giffgaff/prepaid;"Two\nlines";;giff;\r\n';
    const dry = await anna.send('lines', sheet, '&dry_run=true');
    t.match(dry.json(), { dry_run: true, rows: 2, made: 2, refused: 0 }, dry.body);
    t.same(await anna.lines(), [], 'a dry run does nothing');
    const first = await anna.send('lines', sheet);
    t.match(first.json(), { dry_run: false, made: 2, changed: 0, unchanged: 0, errors: [] });
    t.match(await anna.lines(), [
      { label: 'Банк; "старый"', number: '+79525550134' },
      { label: 'Two\nlines', number: null },
    ]);
    t.match(
      (await anna.send('lines', sheet)).json(),
      { made: 0, changed: 0, unchanged: 2 },
      'twice without harm',
    );
    t.match((await anna.send('lines', 'external_id,rule,label\nt2,ru/t2/prepaid,Bank\n')).json(), {
      changed: 1,
    });
    t.match(
      (await anna.lines())[0],
      { label: 'Bank', number: '+79525550134' },
      'what the sheet says nothing of stays',
    );

    const topups =
      'line;at;amount;method\nt2;01.02.2026;1 234,50;card\n+7 952 555 01 34;03.02.2026;300;\nBank;2026-02-04;50,00 RUB;cash\n';
    const asked = (await anna.send('topups', topups)).json();
    t.match(asked, { made: 1, refused: 2 });
    t.match(asked.errors, [
      { row: 2, column: 'at', detail: /unclear/, mend: /dates=dmy/ },
      { row: 3, column: 'at' },
    ]);
    t.match((await anna.send('topups', topups, '&dates=dmy')).json(), { made: 2, unchanged: 1, refused: 0 });
    t.match((await anna.send('topups', topups, '&dates=dmy')).json(), { made: 0, unchanged: 3 });
    const [{ id }] = await anna.lines();
    t.same(
      (await anna.records(id))
        .map(({ at, amount }: { at: string; amount: { amount: string } }) => [at, amount.amount])
        .sort(),
      [
        ['2026-02-01', '1234.50'],
        ['2026-02-03', '300'],
        ['2026-02-04', '50.00'],
      ],
    );
    const american = (await anna.send('topups', 'line,at,amount\nt2,02/05/2026,10\n', '&dates=mdy')).json();
    t.match(american, { made: 1 });
    t.ok((await anna.records(id)).some(({ at }: { at: string }) => at === '2026-02-05'));
  });

  await t.test('which of several lines a row means is asked for, never guessed', async (t) => {
    const max = await person('Max');
    const three = 'rule,label,number\nru/t2/prepaid,SIM,+79525550134\nru/t2/prepaid,SIM,+79525550135\n';
    t.match((await max.send('lines', three)).json(), { made: 2, refused: 0 });
    const before = await max.lines();
    for (const row of ['ru/t2/prepaid,SIM,,5 RUB', 'ru/t2/prepaid,SIM,x,5 RUB']) {
      const told = (await max.send('lines', `rule,label,external_id,plan_price\n${row}\n`)).json();
      const error = { row: 2, column: 'label', detail: /^Several lines/, mend: /external_id/ };
      t.match(told, { made: 0, changed: 0, refused: 1, errors: [error] }, row);
    }
    t.same(await max.lines(), before);
    const named = 'rule,label,number,external_id\nru/t2/prepaid,SIM,+79525550135,x\n';
    t.match((await max.send('lines', named)).json(), { changed: 1, refused: 0 });
    const left = (await max.send('lines', 'rule,label,external_id\nru/t2/prepaid,SIM,y\n')).json();
    t.match(left, { changed: 1, refused: 0 }, 'of the others only one is without an external_id');
    t.match(await max.lines(), [{ external_id: 'y' }, { external_id: 'x' }]);
  });

  await t.test('as spreadsheets write them', async (t) => {
    const cleo = await person('Cleo');
    await cleo.send('lines', 'rule,label,external_id\nru/t2/prepaid,Bank,t2\n');
    const sheets: [string, string, number][] = [
      ['a line that says what parts the cells', 'sep=;\r\nline;at;amount\r\nt2;2026-02-01;five\r\n', 3],
      ['what parts them, though it would not be guessed', 'sep=|\nline|at|amount\nt2|2026-02-01|five\n', 3],
      ['empty lines above', '\n;;\nline;at;amount\nt2;2026-02-01;five\n', 4],
      ['line ends of two kinds', 'line,at,amount\nt2,"2026-02-01",five\r\n', 2],
      ['line ends of old', 'line,at,amount\rt2,2026-02-01,five\r', 2],
    ];
    for (const [what, sheet, row] of sheets) {
      const told = (await cleo.send('topups', sheet)).json();
      t.match(told, { rows: 1, refused: 1, errors: [{ row, column: 'amount', detail: /no amount/ }] }, what);
    }
    t.match((await cleo.send('topups', '\n\n')).json().errors, [{ detail: /empty/ }]);
    const told = await cleo.send('topups', 'line\n', '', { 'content-type': 'text/plain' });
    t.match(told.json(), { code: 'media_type', mend: /a sheet, `text\/csv`/ });
  });

  await t.test('columns by their names, however they are written, and blank ones', async (t) => {
    const hana = await person('Hana');
    const quoted = '"Rule";"Label";" External  ID ";;"Number"\nru/t2/prepaid;"A, B";t2;;\n';
    t.match((await hana.send('lines', quoted)).json(), { made: 1, refused: 0 });
    t.match(await hana.lines(), [{ label: 'A, B', external_id: 't2' }]);
    const blank = (await hana.send('lines', 'rule,label,,\nru/t2/prepaid,C,,here\n')).json();
    t.match(blank, {
      status: 422,
      errors: [{ detail: 'There is no column "" here.', mend: /^Known are: / }],
    });
    t.equal(blank.errors.length, 1, 'only that in which something stands');
    const twice = (await hana.send('lines', 'rule,label,x,x\nru/t2/prepaid,C,,\n')).json();
    t.same(
      twice.errors.map(({ detail }: { detail: string }) => detail),
      ['There is no column "x" here.', 'There is no column "x" here.'],
    );
  });

  await t.test('money in the currency of its cell, of its column, or of the rule', async (t) => {
    const ivan = await person('Ivan');
    await ivan.send('lines', 'rule,label,external_id\nru/t2/prepaid,Bank,t2\n');
    const sheet =
      'line,at,amount,currency\nt2,2026-02-01,5,rub\nt2,2026-02-02,5,EUR\nt2,2026-02-03,5 RUB,EUR\nt2,2026-02-04,5,\n';
    const errors = [{ row: 3, column: 'currency', detail: /EUR is not the currency/ }];
    const told = (await ivan.send('topups', sheet)).json();
    t.match(told, { made: 3, refused: 1, errors }, JSON.stringify(told));
  });

  await t.test('a long sheet comes in again, also when every row says something else', async (t) => {
    const fay = await person('Fay');
    await fay.send('lines', 'rule,label,external_id\nru/t2/prepaid,Bank,t2\n');
    const sheet = (amount: number) =>
      `line,at,amount,external_id\n${Array.from({ length: 5_000 }, (_, i) => `t2,2026-02-01,${amount},x${i}\n`).join('')}`;
    t.match((await fay.send('topups', sheet(5))).json(), { made: 5_000 });
    t.match((await fay.send('topups', sheet(5))).json(), { unchanged: 5_000 });
    const other = (await fay.send('topups', sheet(6))).json();
    t.match(other, { made: 0, refused: 5_000, errors: [{ row: 2, detail: /other contents/ }] });
    const last = `${sheet(5)}t2,2026-02-01,five,\n`;
    for (const end of ['\n', '\r\n', '\r']) {
      const told = (await fay.send('topups', last.replaceAll('\n', end), '&dry_run=true')).json();
      t.match(told, { unchanged: 5_000, errors: [{ row: 5_002, column: 'amount' }] }, 'numbered to its end');
    }
  });

  await t.test('a row that is wrong is told, the others go in', async (t) => {
    const bob = await person('Bob');
    await bob.send(
      'lines',
      'rule,label,external_id\nru/t2/prepaid,Bank,t2\nru/megafon/prepaid,Two,m\nru/mts/prepaid,Two,n\n',
    );
    const wrong: [string, string, string | null, RegExp][] = [
      ['none,2026-02-01,5', '', 'line', /no such line/],
      ['Two,2026-02-01,5', '', 'line', /Several/],
      ['t2,31.02.2026,5', '&dates=dmy', 'at', /does not exist/],
      ['t2,02.13.2026,5', '&dates=dmy', 'at', /does not exist/],
      ['t2,1.2.26,5', '&dates=dmy', 'at', /two digits/],
      ['t2,01.02.2026 10:30,5', '&dates=dmy', 'at', /no date/],
      ['t2,yesterday,5', '', 'at', /no date/],
      ['t2,44958,5', '', 'at', /no date/],
      ['t2,2030-01-01,5', '', 'at', /not come yet/],
      ['t2,2026-02-01,"1,234"', '', 'amount', /unclear/],
      ['t2,2026-02-01,1.234', '', 'amount', /unclear/],
      ['t2,2026-02-01,five', '', 'amount', /no amount/],
      ['t2,2026-02-01,"300,00"', '&decimal=point', 'amount', /no amount/],
      ['t2,2026-02-01,300.00', '&decimal=comma', 'amount', /no amount/],
      ['t2,2026-02-01,"1,234.5"', '&decimal=comma', 'amount', /no amount/],
      ['t2,2026-02-01,"1.234,5"', '&decimal=point', 'amount', /no amount/],
      ['t2,2026-02-01,1.2.3', '', 'amount', /no amount/],
      ['t2,2026-02-01,', '', 'amount', /missing/],
      ['t2,2026-02-01,-5', '', 'amount', /./],
      ['t2,2026-02-01,5 EUR', '', 'currency', /currency/],
      ['t2,2026-02-01,=1+1', '', 'amount', /no amount/],
    ];
    for (const [row, query, column, detail] of wrong) {
      const told = (await bob.send('topups', `line,at,amount\nt2,2026-01-01,7\n${row}\n`, query)).json();
      t.match(told, { refused: 1, errors: [{ row: 3, column, detail }] }, `${row}: ${JSON.stringify(told)}`);
      t.match(told.errors, [{ detail: /\.$/, mend: /\.$/ }], 'whole sentences');
      t.equal(told.made + told.unchanged, 1, 'the other went in');
    }
    for (const [decimal, amount, mend] of [
      ['comma', '300.50', /^Write it as 1234,50,/],
      ['point', '"300,50"', /^Write it as 1234\.50,/],
    ] as const) {
      const sheet = `line,at,amount\nt2,2026-02-01,${amount}\n`;
      t.match((await bob.send('topups', sheet, `&decimal=${decimal}`)).json(), { errors: [{ mend }] });
    }
    t.match((await bob.send('topups', 'line,at,amount\nt2,2026-02-01,"1.234"\n', '&decimal=comma')).json(), {
      made: 1,
    });
    const grouped = 'line;at;amount\nt2;2026-02-05;1,23,456.50\nt2;2026-02-06;12,345,678\n';
    t.match(
      (await bob.send('topups', grouped, '&decimal=point')).json(),
      { made: 2 },
      'thousands, and lakhs',
    );
    t.match((await bob.send('topups', 'line,at,amount,external_id\nt2,2026-02-02,5,x\n')).json(), {
      made: 1,
    });
    const other = (
      await bob.send('topups', 'line,at,amount,external_id\nt2,2026-02-03,9,\nt2,2026-02-02,6,x\n')
    ).json();
    const detail = /^The ledger has this record/;
    t.match(other, { made: 1, refused: 1, errors: [{ row: 3, column: null, detail }] });

    const lines: [string, string, RegExp][] = [
      ['ru/nobody/prepaid,X,', 'rule', /./],
      ['ru/t2/prepaid,X,7.9525550134E+10', 'number', /lost its digits/],
      ['ru/t2/prepaid,X,"7,9525550134e10"', 'number', /lost its digits/],
      ['ru/t2/prepaid,X,12', 'number', /./],
      [`ru/t2/prepaid,${'x'.repeat(300)},`, 'label', /./],
      ['ru/t2/prepaid,,', 'label', /./],
    ];
    for (const [row, column, detail] of lines) {
      const told = (await bob.send('lines', `rule,label,number\n${row}\n`)).json();
      t.match(
        told,
        { refused: 1, made: 0, errors: [{ row: 2, column, detail }] },
        `${row}: ${JSON.stringify(told)}`,
      );
    }
  });

  await t.test('a fact that is a number is read as amounts are, and what is none is told', async (t) => {
    const nina = await person('Nina');
    const send = (days: string, query = '') =>
      nina.send('lines', `rule;label;facts.days\nzz/any/days;L${days};${days}\n`, query);
    for (const days of ['ninety', '0x10', '1e3', '1e999', 'NaN', 'Infinity', '30 RUB', '1.500']) {
      const told = (await send(days)).json();
      const errors = [{ row: 2, column: 'facts.days', detail: 'It is no number.', mend: /^Give a number: / }];
      t.match(told, { made: 0, refused: 1, errors }, `${days}: ${JSON.stringify(told)}`);
    }
    t.match((await send('30.5', '&decimal=comma')).json(), { made: 0, refused: 1 });
    for (const [days, query] of [['90'], ['30,5'], ['1.500', '&decimal=comma']] as const)
      t.match((await send(days, query)).json(), { made: 1 }, days);
    t.same(
      (await nina.lines()).map(({ facts }: { facts: object }) => facts),
      [{ days: 90 }, { days: 30.5 }, { days: 1500 }],
    );
    const beyond = '{"rule":"zz/any/days","label":"x","facts":{"days":1e999}}';
    const answer = await nina.api('POST', `/v1/users/${nina.id}/lines`, beyond, {
      'content-type': 'application/json',
    });
    t.match(
      answer.json(),
      { status: 422, errors: [{ pointer: '/facts/days', detail: /infinite/ }] },
      answer.body,
    );
    const rows = (await nina.api('GET', '/v1/export')).body;
    const again = await nina.api('POST', '/v1/import', rows, { 'content-type': 'application/x-ndjson' });
    t.match(again.json(), { lines: { unchanged: 3 } }, 'what is stored goes out and in');
  });

  await t.test('top-ups of a line whose rule is gone are told, the others go in', async (t) => {
    const gil = await person('Gil');
    await gil.send('lines', 'rule,label\nru/t2/prepaid,Bank\nru/mts/prepaid,Old\n');
    const { rules } = service.app.rulebook as unknown as { rules: Map<string, never> };
    const booked = rules.get('ru/mts/prepaid') as never;
    t.teardown(() => rules.set('ru/mts/prepaid', booked));
    rules.delete('ru/mts/prepaid');
    const told = (await gil.send('topups', 'line,at,amount\nOld,2026-02-01,5\nBank,2026-02-01,5\n')).json();
    const errors = [{ row: 2, column: 'line', detail: /no longer there/, mend: /rulebook, or erase/ }];
    t.match(told, { made: 1, refused: 1, errors }, JSON.stringify(told));
  });

  await t.test('the widest, the longest and the emptiest sheets hold up nobody', async (t) => {
    const max = await person('Max');
    const wide = Array.from({ length: 50_000 }, (_, i) => `facts.a${i}`).join(',');
    const facts = wide.split(',').slice(0, 2_000).join(',');
    const row = `ru/t2/prepaid,x${',1'.repeat(2_000)}\n`;
    const sheets: [what: string, sheet: string, answer: object][] = [
      ['blank columns', `rule,label${','.repeat(20_000)}\n${'a,b\n'.repeat(20_000)}`, { status: 422 }],
      ['columns of facts', `rule,label,${wide}\nx,y\n`, { status: 422 }],
      ['a line without an end', `rule,label\n${','.repeat(9_000_000)}`, { status: 422 }],
      ['a header without an end', `rule,label${','.repeat(9_000_000)}`, { status: 422 }],
      ['blank rows', `rule,label\n${'\n'.repeat(9_000_000)}`, { status: 422 }],
      ['wrong facts', `rule,label,${facts}\n${row.repeat(20)}`, { rows: 20, refused: 20 }],
    ];
    for (const [what, sheet, answer] of sheets) {
      let [longest, before] = [0, process.threadCpuUsage().user];
      const timer = setInterval(() => {
        const now = process.threadCpuUsage().user;
        [longest, before] = [Math.max(longest, now - before), now];
      });
      const told = (await max.send('lines', sheet)).json();
      clearInterval(timer);
      t.match(told, answer, what);
      t.ok(told.errors.length <= 1_000, what);
      t.ok(longest < 1_000_000, `${what}: ${longest} µs at once`);
    }
  });

  await t.test('a sheet of which nothing can be read', async (t) => {
    const cleo = await person('Cleo');
    const nothing: [string | Buffer, RegExp][] = [
      ['', /empty/],
      ['\n\n', /empty/],
      ['label\nx\n', /column rule is missing/],
      ['rule,label,numbr\n', /no column "numbr"/],
      ['rule,label,label\n', /Two columns/],
      ['rule,label\n"ru/t2/prepaid,x\n', /quote/],
      [Buffer.from('rule,label\nru/t2/prepaid,\u0411\n', 'latin1').fill(0xe9, 26, 27), /not UTF-8/],
      [Buffer.from([0x50, 0x4b, 3, 4, 0xff]), /./],
    ];
    for (const [bytes, detail] of nothing) {
      const told = (await cleo.send('lines', bytes)).json();
      t.match(told, { status: 422, errors: [{ detail, mend: /./ }] }, JSON.stringify(told).slice(0, 200));
    }
    t.equal((await cleo.send('people', 'rule,label\n')).statusCode, 422);
    t.equal((await cleo.send('lines', 'rule,label\n', '&dates=ymd')).statusCode, 422);
    t.equal((await cleo.send('lines', Buffer.alloc(10_000_001, 'a'))).statusCode, 413);
    t.equal(
      (await cleo.send('lines', 'rule,label\n', '', { 'content-type': 'application/pdf' })).statusCode,
      415,
    );
    t.same(await cleo.lines(), []);
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('rule\tlabel\nru/t2/prepaid\tБанк\n', 'utf16le'),
    ]);
    t.match((await cleo.send('lines', utf16)).json(), { made: 1 });
    const swapped = Buffer.from('\ufeffrule\tlabel\nru/t2/prepaid\tДом\n', 'utf16le').swap16();
    t.match((await cleo.send('lines', swapped)).json(), { made: 1 });
    t.match(await cleo.lines(), [{ label: 'Банк' }, { label: 'Дом' }]);
    const key = { 'idempotency-key': 'k' };
    const once = await cleo.send('lines', 'rule,label\nru/mts/prepaid,Once\n', '', key);
    t.equal((await cleo.send('lines', 'rule,label\nru/mts/prepaid,Once\n', '', key)).body, once.body);
    t.equal(
      (await cleo.send('lines', 'rule,label\nru/mts/prepaid,Other\n', '', key)).json().code,
      'idempotency_key_reused',
    );
  });

  await t.test(
    'a row with more cells than names is refused: a number may have been taken apart',
    async (t) => {
      const emil = await person('Emil');
      t.match((await emil.send('lines', 'rule,label,external_id\nru/t2/prepaid,Home,e,\n')).json(), {
        made: 1,
      });
      const wrong = (await emil.send('lines', 'rule,label\nru/t2/prepaid,Home, sweet home\n')).json();
      t.match(wrong, { made: 0, errors: [{ row: 2, column: null, detail: /more cells/ }] });
      const beside = (await emil.send('lines', 'rule,label\n,,Home\n')).json();
      t.match(beside, { rows: 1, refused: 1, errors: [{ row: 2, column: null, detail: /more cells/ }] });
      const sums = 'line,at,amount\ne,2026-02-01,1,234.50\ne,2026-02-02,"1,234.50"\ne,2026-02-03,300,50\n';
      const told = (await emil.send('topups', sums)).json();
      t.match(told, { made: 1, refused: 2, errors: [{ row: 2, detail: /more cells/ }, { row: 4 }] });
    },
  );

  await t.test('numbers as sheets keep them name their line, and no other', async (t) => {
    const fritz = await person('Fritz');
    await fritz.send('lines', 'rule,label,number,external_id\nru/t2/prepaid,A,+79525550134,sim11\n');
    const topups = (...names: string[]) =>
      fritz.send(
        'topups',
        `line,at,amount\n${names.map((name, index) => `${name},2026-02-0${index + 1},${index + 10}`).join('\n')}\n`,
      );
    const written = [
      '79525550134',
      '89525550134',
      '8 (952) 555-01-34',
      '+7 952 555 01 34',
      "'79525550134",
      '8\u00a0952\u202f555\u00a001\u00a034',
      '79525550134.00',
      '79525550134.0',
    ];
    const found = await topups(...written);
    t.match(found.json(), { made: written.length, refused: 0 }, found.body);
    const two =
      'rule,label,number\nde/telekom/prepaid,B,+491701234567\nde/telekom/prepaid,C,+49491701234567\n';
    t.match((await fritz.send('lines', two)).json(), { made: 2 });
    const several = (await topups('491701234567', '+491701234567')).json();
    t.match(several, { made: 1, errors: [{ row: 2, detail: /Several/ }] });
    t.match((await topups('sim1-1', '9525550')).json(), {
      made: 0,
      errors: [{ detail: /no such line/ }, { detail: /no such line/ }],
    });
  });

  await t.test(
    'a number that a spreadsheet has changed is mended or asked for, never made another',
    async (t) => {
      const olga = await person('Olga');
      const sheet = [
        'rule,label,number',
        'de/telekom/prepaid,A,491701234567',
        'de/telekom/prepaid,B,"4915112345678,0"',
        'de/telekom/prepaid,C,01701234569.0',
        'ru/t2/prepaid,D,="79525550134"',
        'de/telekom/prepaid,E,+491701234568',
      ].join('\n');
      const { errors } = (await olga.send('lines', sheet)).json();
      t.match(errors, [
        { row: 2, column: 'number', mend: 'Write it as +491701234567 or +49491701234567.' },
        { row: 3, column: 'number', mend: 'Write it as +4915112345678 or +494915112345678.' },
      ]);
      t.match(await olga.lines(), [
        { label: 'C', number: '+491701234569' },
        { label: 'D', number: '+79525550134' },
        { label: 'E', number: '+491701234568' },
      ]);
    },
  );

  await t.test('a quote that does not end makes nothing of what follows it', async (t) => {
    const rita = await person('Rita');
    for (const sheet of [
      'rule,label\nru/t2/prepaid,"Mum\nru/t2/prepaid,Dad\nru/t2/prepaid,"Aunt"\nru/t2/prepaid,Bob\n',
      'rule,label,external_id\nru/t2/prepaid, "Smith, Ann"\n',
      'rule,label,external_id\nru/t2/prepaid,"Mum "the boss, home"\n',
    ]) {
      const answer = await rita.send('lines', sheet);
      t.equal(answer.statusCode, 422, answer.body);
      t.match(answer.json().errors[0].detail, /cannot be read at line \d/);
    }
    t.same(await rita.lines(), []);
  });

  await t.test('a day with a time: midnight is the day, all else needs its zone', async (t) => {
    const pavel = await person('Pavel');
    await pavel.send('lines', 'rule,label\nru/t2/prepaid,Bank\n');
    const sheet = [
      'line;at;amount',
      'Bank;03.02.2026 0:00;100',
      'Bank;2026-02-04T00:00:00;100',
      'Bank;2026-02-05 10:00;100',
      'Bank;2026-02-06 10:00+03:00;100',
      'Bank;2026-02-07T10:00:30Z;100',
    ].join('\r\n');
    const { made, errors } = (await pavel.send('topups', sheet, '&dates=dmy')).json();
    t.equal(made, 4);
    t.match(errors, [
      { row: 4, column: 'at', detail: /has a time/, mend: /^Leave the time out, or give its zone/ },
    ]);
    const [{ id }] = await pavel.lines();
    t.same((await pavel.records(id)).map(({ at }: { at: string }) => at).sort(), [
      '2026-02-03',
      '2026-02-04',
      '2026-02-06T10:00:00+03:00',
      '2026-02-07T10:00:30Z',
    ]);
  });

  await t.test('an external_id given later is given to the line that is there', async (t) => {
    const gesa = await person('Gesa');
    await gesa.send('lines', 'rule,label,number\nru/t2/prepaid,Bank,+79525550135\n');
    const named = 'rule,label,number,external_id\nru/t2/prepaid,Bank,+79525550135,bank\n';
    t.match((await gesa.send('lines', named)).json(), { made: 0, changed: 1 });
    t.match(await gesa.lines(), [{ external_id: 'bank' }]);
    t.match((await gesa.send('lines', named)).json(), { unchanged: 1 });
  });

  await t.test('which line a row means', async (t) => {
    const jana = await person('Jana');
    const head = 'rule,label,number,external_id\n';
    await jana.send('lines', `${head}ru/t2/prepaid,A,+79525550136,one\nru/t2/prepaid,B,,two\n`);
    const send = async (rows: string) => (await jana.send('lines', `${head}${rows}`)).json();
    t.match(
      await send('ru/t2/prepaid,C,+79525550136,\n'),
      { made: 0, changed: 1 },
      'its number, not its label',
    );
    t.match(
      await send('ru/t2/prepaid,B,,\n'),
      { made: 0, unchanged: 1 },
      'its label, where it has no number',
    );
    t.match(await send('ru/t2/prepaid,B,,three\n'), { made: 1 }, 'none that has another external_id');
    const renamed = ['D,,two', 'D,,', 'E,,', 'E,,', 'G,,one', 'C,,'].map((row) => `ru/t2/prepaid,${row}\n`);
    t.match(await send(renamed.join('')), { made: 2, changed: 2, unchanged: 2 }, 'as it is called by then');
    const other = await send('ru/mts/prepaid,D,,two\n');
    t.match(other, { refused: 1, errors: [{ row: 2, column: 'rule', detail: /under another rule/ }] });
    t.same(
      (await jana.lines()).map(({ label, external_id }: Record<string, string>) => [label, external_id]),
      [
        ['G', 'one'],
        ['D', 'two'],
        ['B', 'three'],
        ['E', null],
        ['C', null],
      ],
    );
  });

  await t.test('a fact that the sheet has no column for stays', async (t) => {
    const kurt = await person('Kurt');
    const all = 'rule,label,facts.days,facts.counts\nzz/any/days,L,90,use\n';
    t.match((await kurt.send('lines', all)).json(), { made: 1 });
    const some = 'rule,label,facts.days\nzz/any/days,L,60\n';
    t.match((await kurt.send('lines', some)).json(), { changed: 1 });
    t.match((await kurt.send('lines', some)).json(), { unchanged: 1 });
    t.match(await kurt.lines(), [{ facts: { days: 60, counts: 'use' } }]);
  });

  await t.test('what a sheet brings moves the deadlines and is compared with the rule', async (t) => {
    const lena = await person('Lena');
    const lines = (days: number) =>
      lena.send('lines', `rule,label,facts.days,facts.counts\nzz/any/days,L,${days},topup\n`);
    await lines(90);
    t.match((await lena.send('topups', 'line,at,amount\nL,2026-01-10,5\n')).json(), { made: 1 });
    const due = async () =>
      (await lena.api('GET', '/v1/deadlines')).json().items.map(({ act_by }: { act_by: string }) => act_by);
    t.same(await due(), ['2026-04-10']);
    await lines(120);
    t.same(await due(), ['2026-05-10']);

    await lena.send('lines', 'rule,label,external_id\nru/t2/prepaid,Bank,t2\n');
    const bank = (await lena.lines()).find((line: { label: string }) => line.label === 'Bank');
    const seen = (at: string) => ({ type: 'balance', at, amount: { amount: '300', currency: 'RUB' } });
    await lena.api('POST', `/v1/lines/${bank.id}/records`, {
      items: [seen('2026-03-01'), seen('2026-03-05')],
    });
    const told = async () => (await lena.api('GET', '/v1/rules/ru/t2/prepaid/contradictions')).json().items;
    t.same(await told(), []);
    await lena.send('topups', 'line,at,amount\nt2,2026-03-03,100\n');
    t.match(await told(), [{ kind: 'balance', expected: { amount: '400.00' }, seen: { amount: '300.00' } }]);
  });

  await t.test('errors stand in the order of the rows, and each row is refused once', async (t) => {
    const mara = await person('Mara');
    await mara.send('lines', 'rule,label\nru/t2/prepaid,A\nru/mts/prepaid,B\n');
    const rows = 'A,2026-02-01,5\nB,2030-01-01,5\nA,2030-01-01,5\nnone,2026-02-01,5\nA,soon,much\n';
    const told = (await mara.send('topups', `line,at,amount\n${rows}`)).json();
    t.match(told, { made: 1, refused: 4 });
    t.same(
      told.errors.map(({ row, column }: { row: number; column: string }) => [row, column]),
      [
        [3, 'at'],
        [4, 'at'],
        [5, 'line'],
        [6, 'at'],
        [6, 'amount'],
      ],
    );
  });

  await t.test('whatever top-ups a proper sheet holds come in whole', async (t) => {
    const dora = await person('Dora');
    await dora.send('lines', 'rule,label,external_id\nru/t2/prepaid,Bank,t2\n');
    const [{ id }] = await dora.lines();
    const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const day = fc
      .integer({ min: 0, max: 900 })
      .map((days) => new Date(Date.UTC(2023, 0, 1 + days)).toISOString().slice(0, 10));
    const product = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).map((text) => `p${text}p`);
    const row = fc.record({ day, amount: fc.integer({ min: 1, max: 9_999_999 }), product });
    const sheet = fc.record({
      rows: fc.uniqueArray(row, { minLength: 1, maxLength: 15, selector: (one) => JSON.stringify(one) }),
      mark: fc.constantFrom(',', ';', '\t'),
      decimal: fc.constantFrom('point', 'comma'),
      dates: fc.constantFrom('iso', 'dmy', 'mdy'),
      bom: fc.constantFrom('', '\ufeff'),
      end: fc.constantFrom('\n', '\r\n'),
    });
    let number = 0;
    const nextId = () => {
      number += 1;
      return `x-${number}`;
    };
    const written = (date: string, dates: string) => {
      const [y, m, d] = date.split('-');
      return dates === 'iso' ? date : dates === 'dmy' ? `${d}.${m}.${y}` : `${m}/${d}/${y}`;
    };
    await fc.assert(
      fc.asyncProperty(sheet, async ({ rows, mark, decimal, dates, bom, end }) => {
        const ids = rows.map(nextId);
        const lines = rows.map((one, index) => {
          const amount = (one.amount / 100).toFixed(2).replace('.', decimal === 'comma' ? ',' : '.');
          return [
            cell('t2'),
            cell(written(one.day, dates)),
            cell(amount),
            cell(one.product),
            cell(ids[index] as string),
          ].join(mark);
        });
        const text = `${bom}${[['line', 'at', 'amount', 'product', 'external_id'].join(mark), ...lines].join(end)}${end}`;
        const told = (await dora.send('topups', text, `&dates=${dates}&decimal=${decimal}`)).json();
        t.match(told, { made: rows.length, refused: 0 }, JSON.stringify(told).slice(0, 300));
        const kept = await service.app.store.records.ofLine(id);
        for (const [index, one] of rows.entries()) {
          const record = kept.find(({ external_id }) => external_id === ids[index]);
          const expected = {
            at: one.day,
            amount: { amount: (one.amount / 100).toFixed(2) },
            product: one.product.trim(),
          };
          t.match(record?.body, expected);
        }
      }),
      { numRuns: 15 },
    );
  });
}
