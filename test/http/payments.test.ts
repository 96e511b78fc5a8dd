/** A payment's life, from "I paid" to "the carrier shows it", on both engines. */
import t, { type Test } from 'tap';
import { startPostgres } from '../support/postgres.ts';
import { ADMIN, addPerson, call, type Fixture, roubles, serve } from './service.ts';

type Item = { kind: string; on: string; state: string; title: string; text: string; payment: string | null };

const postgres = await startPostgres();
t.teardown(() => postgres.stop());

for (const engine of ['sqlite', 'postgres'] as const) {
  await t.test(engine, async (t) => {
    const environment: Record<string, string> =
      engine === 'postgres' ? { DATABASE_URL: await postgres.database() } : {};
    await lifeOf(t, await serve(t, { environment, now: '2026-03-28T09:00:00.000Z' }));
  });
}

async function lifeOf(t: Test, service: Fixture) {
  const admin = service.as(ADMIN);
  const person = async (name: string) => {
    const made = await addPerson(service, name);
    return { ...made, api: service.as(made.write) };
  };
  type Person = Awaited<ReturnType<typeof person>>;
  const timeline = async ({ api, line }: Person) => (await api('GET', `/v1/lines/${line}/timeline`)).json();
  const agenda = async ({ api, line }: Person): Promise<Item[]> =>
    (await api('GET', `/v1/lines/${line}/agenda`)).json().items;
  const kinds = async (whose: Person, kind: string) =>
    (await agenda(whose)).filter((item) => item.kind === kind);
  const records = async ({ api, line }: Person) =>
    (await api('GET', `/v1/lines/${line}/records`)).json().items;

  /** A T2 line, last used on 1 January: to be used by 1 April. */
  const withLine = async (name: string) => {
    const made = await person(name);
    await made.api('POST', `/v1/lines/${made.line}/records`, {
      items: [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }],
    });
    return made;
  };
  /** giffgaff: a top-up is what keeps it. */
  const giffgaff = async (name: string) => {
    const made = await person(name);
    const line = await made.api('POST', `/v1/users/${made.id}/lines`, {
      rule: 'gb/giffgaff/prepaid',
      label: 'UK',
    });
    const own = { ...made, line: line.json().id as string };
    await own.api('POST', `/v1/lines/${own.line}/records`, {
      type: 'topup',
      at: '2025-10-10',
      amount: { amount: '10.00', currency: 'GBP' },
    });
    return own;
  };
  const pounds = (amount: string) => ({ amount, currency: 'GBP' });

  await t.test('pending, failed, confirmed: dates move, fall back, and stay', async (t) => {
    const anna = await giffgaff('Anna');
    const before = await timeline(anna);
    t.ok(before.act_by);
    const due = async () => {
      const { items } = (await anna.api('GET', '/v1/deadlines')).json();
      return items.find(({ line }: { line: string }) => line === anna.line);
    };
    t.match(await due(), { act_by: before.act_by, provisional: false });
    const paid = await anna.api('POST', `/v1/lines/${anna.line}/payments`, {
      paid_at: '2026-03-28',
      amount: { amount: '11.90', currency: 'EUR' },
      credited: pounds('10'),
      channel: 'third_party',
      reference: 'R-77',
    });
    t.equal(paid.statusCode, 201, paid.body);
    const payment = paid.json();
    t.match(payment, { id: /^payment_/, state: 'pending', makes: 'topup', proofs: 0, warnings: [] });
    t.match(payment.changes, [{ state: 'pending', by: /^key_/ }]);
    t.match(await records(anna), [
      {},
      { id: payment.record, type: 'topup', amount: pounds('10'), payment: payment.id },
    ]);

    const pending = await timeline(anna);
    t.equal(pending.provisional, true);
    t.equal(pending.confirmed_act_by, before.act_by, 'without it, the old date');
    t.ok(pending.act_by > before.act_by, 'with it, a later one');
    t.match(await due(), { act_by: pending.act_by, provisional: true }, 'so among the deadlines');
    const [check, again] = await kinds(anna, 'check_payment');
    t.match([check?.title, again?.title], [/€11.90 for .* go through/, /€11.90 go through\? Still to check/]);
    t.match(check, { on: '2026-03-29', payment: payment.id });
    t.match(check?.title, '€11.90');
    t.match(check?.text, 'R-77');
    t.ok((await kinds(anna, 'check_payment')).length > 5, 'repeated until answered');
    t.match(await kinds(anna, 'save_proof'), [{ on: '2026-03-28' }]);
    const waiting = (await kinds(anna, 'last_safe_day')).find((item) => item.payment === payment.id);
    t.match(waiting?.title, 'unless your payment is confirmed', 'the old deadline stands until it is');
    t.match((await kinds(anna, 'contact_support'))[0]?.text, 'should have been posted long ago');

    const failed = await anna.api('POST', `/v1/payments/${payment.id}/fail`, {
      reason: 'The seller vanished',
    });
    t.match(failed.json(), { state: 'failed', record: null });
    t.match(failed.json().changes, [{}, { state: 'failed', reason: 'The seller vanished' }]);
    const fallen = await timeline(anna);
    t.equal(fallen.act_by, before.act_by);
    t.equal(fallen.provisional, false);
    t.match(await due(), { act_by: before.act_by, provisional: false });
    t.match((await records(anna)).at(-1), { type: 'void', reason: 'The seller vanished' });
    t.same(await kinds(anna, 'check_payment'), []);
    const [support] = await kinds(anna, 'contact_support');
    for (const told of [
      '€11.90',
      '28 March 2026',
      'R-77',
      'third party',
      'support is known',
      'moves no date any more',
    ])
      t.match(support?.text, told);

    const confirmed = await anna.api('POST', `/v1/payments/${payment.id}/confirm`);
    t.equal(confirmed.statusCode, 200, confirmed.body);
    t.match(confirmed.json(), { state: 'confirmed' });
    const after = await timeline(anna);
    t.equal(after.act_by, pending.act_by);
    t.equal(after.provisional, false);
    t.equal(after.confirmed_act_by, after.act_by);
    t.match(await due(), { act_by: after.act_by, provisional: false });
    const twice = await anna.api('POST', `/v1/payments/${payment.id}/confirm`);
    t.match(twice.json(), { status: 409, code: 'payment_state', state: 'confirmed' });
    t.same(await kinds(anna, 'contact_support'), []);
    t.match(
      (await agenda(anna)).filter(({ state }) => state === 'done'),
      [{ title: /^✅/ }],
      'the renewal is ticked',
    );
    t.equal(
      (await records(anna)).filter((r: { voided_by: null }) => r.voided_by === null).length,
      3,
      'money counts once',
    );
    await anna.api('PATCH', `/v1/payments/${payment.id}`, { no_proof: true });
    t.same(await kinds(anna, 'save_proof'), [], 'there is none, so nothing asks for it');

    const say = async (patch: object) => {
      const answer = await anna.api('PATCH', `/v1/payments/${payment.id}`, patch);
      const { errors, no_proof, proof_elsewhere } = answer.json();
      return errors?.[0]?.pointer ?? { no_proof, proof_elsewhere };
    };
    t.same(await say({ proof_elsewhere: true }), { no_proof: false, proof_elsewhere: true });
    t.same(await kinds(anna, 'save_proof'), [], 'it is kept elsewhere, so nothing asks for it either');
    t.same(await say({ note: 'x' }), { no_proof: false, proof_elsewhere: true });
    t.same(await say({ no_proof: true, proof_elsewhere: true }), '/proof_elsewhere');
    t.same(await say({ no_proof: true }), { no_proof: true, proof_elsewhere: false });
    t.same(await say({ no_proof: false }), { no_proof: false, proof_elsewhere: false });
    t.ok((await kinds(anna, 'save_proof')).length > 0);
  });

  await t.test('of several that are awaited, one that saves no day is not said to', async (t) => {
    const made = await person('Farid');
    const terms = { rule: 'my/buzzme/prepaid', label: 'KL' };
    const line = (await made.api('POST', `/v1/users/${made.id}/lines`, terms)).json().id as string;
    const farid = { ...made, line };
    await farid.api('POST', `/v1/lines/${line}/records`, {
      type: 'validity',
      at: '2026-03-01',
      until: '2026-04-10',
    });
    const pay = async (paid_at: string, product: string) => {
      const amount = { amount: '38', currency: 'MYR' };
      const paid = { paid_at, amount, channel: 'app', makes: 'purchase', product };
      return (await farid.api('POST', `/v1/lines/${line}/payments`, paid)).json().id as string;
    };
    const [idle, saving] = [await pay('2026-03-26', 'a ring tone'), await pay('2026-03-27', '365 days')];
    const told = async (payment: string) =>
      (await kinds(farid, 'check_payment')).find((item) => item.payment === payment)?.text;
    t.match(await told(saving), 'Without this payment the last day is');
    t.notMatch(await told(idle), 'Without this payment');
    const another = await pay('2026-03-28', '365 days');
    const none = 'If none of the payments that are awaited arrives, the last day is';
    t.match(await told(saving), none, 'each of two would do');
    t.match(await told(another), none);
    t.notMatch(await told(idle), 'the last day is');
  });

  await t.test('nothing, or less, is paid by no payment and no top-up', async (t) => {
    const nils = await withLine('Nils');
    const url = `/v1/lines/${nils.line}`;
    const wrong = async (path: string, body: object) => {
      const { status, errors } = (await nils.api('POST', path, body)).json();
      return [status, ...(errors ?? []).map(({ pointer }: { pointer: string }) => pointer)];
    };
    const paid = { paid_at: '2026-03-20', amount: roubles('100'), channel: 'app' };
    for (const amount of ['0', '0.00', '-5']) {
      const of = { ...paid, amount: roubles(amount) };
      t.same(await wrong(`${url}/payments`, of), [422, '/amount/amount'], amount);
      const renewed = { ...of, makes: 'plan_renewed', credited: roubles('5') };
      t.same(await wrong(`${url}/payments`, renewed), [422, '/amount/amount'], 'whatever it makes');
      const nothing = { ...paid, credited: roubles(amount) };
      t.same(await wrong(`${url}/payments`, nothing), [422, '/credited/amount'], amount);
      const topup = { type: 'topup', at: '2026-03-20', amount: roubles(amount) };
      t.same(await wrong(`${url}/records`, topup), [422, '/amount/amount']);
      t.same(await wrong(`${url}/records`, { items: [call('2026-03-20'), topup] }), [
        422,
        '/items/1/amount/amount',
      ]);
      const row = { object: 'record', line: nils.line, ...topup };
      const brought = await nils.api('POST', '/v1/import', JSON.stringify(row), {
        'content-type': 'application/x-ndjson',
      });
      t.match(brought.json(), { status: 422, errors: [{ pointer: '/0/amount/amount' }] });
      const sheet = await nils.api(
        'POST',
        `/v1/users/${nils.id}/import?sheet=topups`,
        `line,at,amount\n${nils.line},2026-03-20,${amount}\n`,
        { 'content-type': 'text/csv' },
      );
      t.match(sheet.json(), { made: 0, errors: [{ row: 2, column: 'amount' }] }, sheet.body);
    }
    const { id } = (await nils.api('POST', `${url}/payments`, paid)).json();
    t.same(await wrong(`/v1/payments/${id}/confirm`, { credited: roubles('0') }), [422, '/credited/amount']);
    t.equal(
      (await nils.api('POST', `/v1/payments/${id}/confirm`, { balance: roubles('0') })).statusCode,
      200,
    );
  });

  await t.test('a payment and a top-up of nothing that were let in once go out and in', async (t) => {
    const otto = await withLine('Otto');
    const topup = { type: 'topup' as const, at: '2026-03-20', amount: roubles('0') };
    const told = {
      paid_at: '2026-03-20',
      amount: roubles('0'),
      channel: 'app' as const,
      makes: 'topup' as const,
    };
    await service.app.store.write(null, async (q) => {
      await q.records.append(otto.line, [{ body: topup }]);
      const step = { state: 'pending' as const, at: '2026-03-20T00:00:00.000Z', by: 'key_1' };
      const { id } = await q.payments.create({ line: otto.line, body: told }, step);
      const [record] = await q.records.append(otto.line, [{ body: topup, payment: id }]);
      await q.payments.update(id, { record: record?.id ?? null });
    });
    const exported = (await otto.api('GET', '/v1/export')).body;
    const fresh = (await serve(t, { now: '2026-03-28T09:00:00.000Z' })).as(ADMIN);
    const brought = await fresh('POST', '/v1/import', exported, { 'content-type': 'application/x-ndjson' });
    t.equal(brought.statusCode, 200, brought.body);
    t.equal((await fresh('GET', '/v1/export')).body, exported);
    const [{ id }] = (await otto.api('GET', `/v1/lines/${otto.line}/payments`)).json().items;
    t.equal((await otto.api('POST', `/v1/payments/${id}/confirm`)).statusCode, 200);
  });

  await t.test('a confirmation makes the record anew that stands no more', async (t) => {
    const cleo = await withLine('Cleo');
    const paid = { paid_at: '2026-03-20', amount: roubles('100'), channel: 'app' };
    const { id, record } = (await cleo.api('POST', `/v1/lines/${cleo.line}/payments`, paid)).json();
    // As an import of a version before could leave it.
    const gone = { type: 'void' as const, at: '2026-03-21', record };
    await service.app.store.write(null, (q) => q.records.append(cleo.line, [{ body: gone }]));
    const confirmed = (await cleo.api('POST', `/v1/payments/${id}/confirm`, {})).json();
    t.not(confirmed.record, record);
    const made = (await records(cleo)).find((one: { id: string }) => one.id === confirmed.record);
    t.match(made, { type: 'topup', amount: roubles('100'), voided_by: null });
  });

  await t.test('a payment is as good as what it makes', async (t) => {
    const boris = await withLine('Boris');
    const before = await timeline(boris);
    const paid = { paid_at: '2026-03-28', amount: roubles('300'), channel: 'app' };
    const { id } = (await boris.api('POST', `/v1/lines/${boris.line}/payments`, paid)).json();
    await boris.api('POST', `/v1/payments/${id}/confirm`, { balance: roubles('600') });
    const after = await timeline(boris);
    const failed = (await boris.api('POST', `/v1/lines/${boris.line}/payments`, paid)).json().id;
    await boris.api('POST', `/v1/payments/${failed}/fail`, { reason: 'x' });
    t.match(
      (await kinds(boris, 'contact_support'))[0]?.text,
      /Support: .*\(works from abroad/,
      'whom to call from abroad',
    );
    t.equal(after.act_by, before.act_by, 'the law asks for use, not for money');
    t.equal(after.balance.amount, '600.00');
    t.ok(
      (await kinds(boris, 'last_safe_day')).some(({ state }) => state !== 'done'),
      '“use it once” stands',
    );
    t.same(
      (await agenda(boris)).filter(({ state }) => state === 'done'),
      [],
    );
  });

  await t.test('what was seen at a confirmation goes with it', async (t) => {
    const gina = await withLine('Gina');
    const { amount: before } = (await timeline(gina)).balance;
    const paid = { paid_at: '2026-03-28', amount: roubles('300'), channel: 'app' };
    for (const step of ['cancel', 'fail', 'refund', 'reopen']) {
      const { id } = (await gina.api('POST', `/v1/lines/${gina.line}/payments`, paid)).json();
      await gina.api('POST', `/v1/payments/${id}/confirm`, { balance: roubles('6000') });
      t.equal((await timeline(gina)).balance.amount, '6000.00');
      const reason = step === 'reopen' ? {} : { reason: 'a slip' };
      t.equal((await gina.api('POST', `/v1/payments/${id}/${step}`, reason)).statusCode, 200, step);
      t.not((await timeline(gina)).balance.amount, '6000.00', step);
      await gina.api('POST', `/v1/payments/${id}/cancel`, { reason: 'a slip' });
      t.equal((await timeline(gina)).balance.amount, before, step);
    }
  });

  await t.test('credited as it was paid, only written otherwise, makes no other record', async (t) => {
    const emil = await giffgaff('Emil');
    const payment = { paid_at: '2026-03-28', amount: pounds('10'), channel: 'app' };
    const { id, record } = (await emil.api('POST', `/v1/lines/${emil.line}/payments`, payment)).json();
    const before = await records(emil);
    const credited = { currency: 'GBP', amount: '10.00' };
    const confirmed = await emil.api('POST', `/v1/payments/${id}/confirm`, { credited });
    t.match(confirmed.json(), { state: 'confirmed', record });
    t.same((await records(emil)).length, before.length, 'nothing is voided and told anew');
  });

  await t.test('credited, seen, contradicted', async (t) => {
    const clara = await giffgaff('Clara');
    const line = `/v1/lines/${clara.line}`;
    await clara.api('POST', `${line}/records`, { type: 'balance', at: '2025-10-10', amount: pounds('10') });
    const paid = { paid_at: '2026-03-20', amount: pounds('10'), channel: 'official_site' };
    const { id, record } = (await clara.api('POST', `${line}/payments`, paid)).json();
    const seen = { credited: pounds('9.50'), balance: pounds('12.00'), seen_on: '2026-03-27' };
    const confirmed = (await clara.api('POST', `/v1/payments/${id}/confirm`, seen)).json();
    t.not(confirmed.record, record, 'what was credited is another record');
    t.equal(confirmed.credited.amount, '9.50');
    t.equal(confirmed.amount.amount, '10', 'both are kept');
    const told = await timeline(clara);
    t.equal(told.balance.amount, '12.00', 'what the person sees wins');
    t.match(told.drift, [{ expected: { amount: '19.50' }, seen: { amount: '12.00' } }], 'and is told');
    const url = '/v1/rules/gb/giffgaff/prepaid/contradictions';
    const one = { kind: 'balance', expected: pounds('19.50'), seen: pounds('12.00') };
    t.match((await admin('GET', url)).json().items, [{ ...one, line: clara.line }]);
    t.match((await clara.api('GET', url)).json().items, [one]);
    const other = await giffgaff('Dora');
    t.same((await other.api('GET', url)).json().items, [], "another's are not told");

    await clara.api('POST', `/v1/payments/${id}/reopen`);
    t.same((await admin('GET', url)).json().items, [], 'what is taken back contradicts nothing');
    t.equal((await timeline(clara)).balance.amount, '20.00', 'and what was credited is not known yet');
  });

  await t.test(
    'taken back and told again, or credited otherwise, it counts where it was first told',
    async (t) => {
      const said = { type: 'status', at: '2026-03-28', stage: 'suspended' };
      const paid = { paid_at: '2026-03-28', amount: roubles('300'), channel: 'app' };
      const told = async (...steps: [string, object?][]) => {
        const hanna = await withLine('Hanna');
        const line = `/v1/lines/${hanna.line}`;
        const { id } = (await hanna.api('POST', `${line}/payments`, paid)).json();
        await hanna.api('POST', `${line}/records`, said);
        for (const [step, body] of steps) {
          const { statusCode } = await hanna.api('POST', `/v1/payments/${id}/${step}`, body);
          t.equal(statusCode, 200, step);
        }
        const { stage, act_by, lost_on, balance } = await timeline(hanna);
        return { stage, act_by, lost_on, balance: balance.amount };
      };
      const pending = await told();
      t.equal(pending.stage, 'suspended', 'what the carrier says of that day was told later');
      t.same(await told(['fail', { reason: 'x' }], ['reopen']), pending);
      t.same(await told(['confirm', { credited: roubles('290') }], ['reopen']), pending);
      t.match(await told(['confirm', { credited: roubles('290') }]), {
        stage: 'suspended',
        balance: '590.00',
      });
    },
  );

  await t.test('money that is awaited contradicts no rule', async (t) => {
    const ivan = await withLine('Ivan');
    const line = `/v1/lines/${ivan.line}`;
    const paid = { amount: roubles('300'), channel: 'app' };
    const pay = async (paid_at: string) =>
      (await ivan.api('POST', `${line}/payments`, { ...paid, paid_at })).json().id;
    const told = async () => (await ivan.api('GET', '/v1/rules/ru/t2/prepaid/contradictions')).json().items;
    const riddles = async () => (await agenda(ivan)).filter(({ text }) => /less than/.test(text));
    const [first, second] = [await pay('2026-03-20'), await pay('2026-03-21')];
    const seen = { balance: roubles('600'), seen_on: '2026-03-21' };
    await ivan.api('POST', `/v1/payments/${second}/confirm`, seen);
    t.same(await told(), [], 'the first one has not come');
    t.same(await riddles(), []);
    await ivan.api('POST', `/v1/payments/${first}/fail`, { reason: 'never came' });
    t.same(await told(), []);

    const { id } = (
      await ivan.api('POST', `${line}/records`, { type: 'topup', at: '2026-03-22', amount: roubles('5') })
    ).json();
    await ivan.api('POST', `${line}/records`, { type: 'balance', at: '2026-03-23', amount: roubles('600') });
    t.match(await told(), [{ kind: 'balance', expected: roubles('605.00'), seen: roubles('600.00') }]);
    t.not((await riddles()).length, 0);
    await ivan.api('POST', `${line}/records`, { type: 'void', at: '2026-03-24', record: id });
    t.same(await told(), [], 'nor does what was taken back');

    await ivan.api('POST', `${line}/records`, { type: 'balance', at: '2026-03-26', amount: roubles('700') });
    t.match(await told(), [{ kind: 'balance', expected: roubles('600.00'), seen: roubles('700.00') }]);
    const paid_at = '2026-03-25';
    await ivan.api('POST', `${line}/payments`, { ...paid, paid_at, amount: roubles('100') });
    t.same(await told(), [], 'money that is told of later may explain it');
  });

  await t.test('a confirmation that tells of what was not seen is refused', async (t) => {
    const olga = await withLine('Olga');
    const paid = { paid_at: '2026-03-20', amount: roubles('100'), channel: 'app' };
    const { id } = (await olga.api('POST', `/v1/lines/${olga.line}/payments`, paid)).json();
    const wrong = async (body: object) => {
      const answer = await olga.api('POST', `/v1/payments/${id}/confirm`, body);
      const { errors = [] } = answer.json();
      return [answer.statusCode, ...errors.map(({ pointer }: { pointer: string }) => pointer)];
    };
    t.same(await wrong({ of: 'number' }), [422, '/of']);
    t.same(await wrong({ of: 'number', balance: roubles('100') }), [422, '/of']);
    t.same(await wrong({ seen_on: '2026-03-27' }), [422, '/seen_on']);
    t.same(await wrong({ seen_on: '2026-03-27', of: 'number', credited: roubles('90') }), [
      422,
      '/of',
      '/seen_on',
    ]);
    t.equal((await olga.api('GET', `/v1/payments/${id}`)).json().state, 'pending');
    t.same(await wrong({ seen_on: '2026-03-27', balance: roubles('100') }), [200]);
  });

  await t.test('what confirms a payment was seen after it was made', async (t) => {
    const julia = await withLine('Julia');
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'app' };
    const { id } = (await julia.api('POST', `/v1/lines/${julia.line}/payments`, paid)).json();
    const confirm = (seen_on: string) =>
      julia.api('POST', `/v1/payments/${id}/confirm`, { balance: roubles('600'), seen_on });
    const early = await confirm('2026-03-10');
    t.equal(early.statusCode, 422);
    t.match(early.json().errors, [{ pointer: '/seen_on', detail: /paid after/ }]);
    t.equal((await confirm('2026-03-20')).statusCode, 200);
    t.equal((await timeline(julia)).balance.amount, '600.00');

    // It is tomorrow already where the payer is.
    const ahead = await julia.api('POST', `/v1/lines/${julia.line}/payments`, {
      ...paid,
      paid_at: '2026-03-29',
    });
    const seen = { balance: roubles('900') };
    const confirmed = await julia.api('POST', `/v1/payments/${ahead.json().id}/confirm`, seen);
    t.equal(confirmed.statusCode, 200, confirmed.body);
    t.match((await records(julia)).at(-1), { type: 'balance', at: '2026-03-29' });
  });

  await t.test('a date that the carrier shows against the rule', async (t) => {
    const eva = await person('Eva');
    const made = await eva.api('POST', `/v1/users/${eva.id}/lines`, {
      rule: 'pl/orange/prepaid',
      label: 'PL',
    });
    t.equal(made.statusCode, 201, made.body);
    const line = made.json().id;
    const zloty = (amount: string) => ({ amount, currency: 'PLN' });
    await eva.api('POST', `/v1/lines/${line}/records`, { type: 'activated', at: '2026-01-10' });
    const paid = { paid_at: '2026-03-20', amount: zloty('50'), channel: 'app' };
    const { id } = (await eva.api('POST', `/v1/lines/${line}/payments`, paid)).json();
    const unsaid = await eva.api('POST', `/v1/payments/${id}/confirm`, { valid_until: '2026-04-11' });
    t.match(unsaid.json().errors, [{ pointer: '/of', mend: /outgoing/ }], 'of which of its dates?');
    const seen = { valid_until: '2026-04-11', of: 'outgoing' };
    const confirmed = await eva.api('POST', `/v1/payments/${id}/confirm`, seen);
    t.equal(confirmed.statusCode, 200, confirmed.body);
    const { items } = (await admin('GET', '/v1/rules/pl/orange/prepaid/contradictions')).json();
    t.match(items, [{ kind: 'validity', seen: '2026-04-11', expected: /^2026-\d\d-\d\d$/, line }]);
    const { clocks } = (await eva.api('GET', `/v1/lines/${line}/timeline`)).json();
    const clock = clocks.find((one: { clock: string }) => one.clock === items[0].clock);
    t.equal(clock.ends, '2026-04-11', "the person's evidence wins");
  });

  await t.test('a date that the carrier shows where its rule knows of none', async (t) => {
    const rosa = await withLine('Rosa');
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'app' };
    const { id } = (await rosa.api('POST', `/v1/lines/${rosa.line}/payments`, paid)).json();
    const seen = { valid_until: '2026-12-31' };
    const confirmed = await rosa.api('POST', `/v1/payments/${id}/confirm`, seen);
    t.equal(confirmed.statusCode, 200, confirmed.body);
    t.match((await records(rosa)).at(-1), { type: 'validity', until: '2026-12-31' }, 'is kept');
    const { clocks } = await timeline(rosa);
    const again = { type: 'validity', at: '2026-03-27', until: '2026-05-01', of: 'number' };
    t.equal((await rosa.api('POST', `/v1/lines/${rosa.line}/records`, again)).statusCode, 201);
    t.same((await timeline(rosa)).clocks, clocks, 'moves nothing');
    const { items } = (await admin('GET', '/v1/rules/ru/t2/prepaid/contradictions')).json();
    t.notOk(
      items.some(({ line }: { line: string }) => line === rosa.line),
      'and contradicts nothing',
    );
  });

  await t.test('a payment that is recorded already is told', async (t) => {
    const fred = await withLine('Fred');
    const records = `/v1/lines/${fred.line}/records`;
    const topup = { type: 'topup', at: '2026-03-28', amount: roubles('100') };
    const plain = (await fred.api('POST', records, topup)).json();
    const pay = async (rest: object) =>
      (
        await fred.api('POST', `/v1/lines/${fred.line}/payments`, {
          paid_at: '2026-03-28T09:00:00+03:00',
          amount: roubles('100.00'),
          channel: 'app',
          ...rest,
        })
      ).json();
    const paid = await pay({});
    t.match(paid.warnings, [{ code: 'recorded_twice', record: plain.id, mend: /void that record/ }]);
    const listed = await fred.api('GET', `/v1/lines/${fred.line}/payments`);
    t.same(listed.json().items[0].warnings, paid.warnings, 'in lists as well');
    t.same((await pay({ paid_at: '2026-03-27' })).warnings, [], 'not of another day');
    await fred.api('POST', records, { ...topup, at: '2026-03-26', amount: roubles('70') });
    const next = await pay({ paid_at: '2026-03-27', amount: roubles('70') });
    t.same(next.warnings, [], 'be it the day after');
    t.same((await pay({ amount: roubles('90') })).warnings, [], 'nor of another sum');
    const alike = [
      { credited: roubles('90') },
      { amount: { amount: '1', currency: 'EUR' }, credited: roubles('100') },
    ];
    for (const rest of alike) {
      const like = await pay(rest);
      t.match(like.warnings, [{ record: plain.id }], 'be it what was paid, or what was credited');
      await fred.api('POST', `/v1/payments/${like.id}/cancel`, {});
    }
    t.same((await pay({ makes: 'plan_renewed' })).warnings, [], 'nor of what is no top-up');
    t.same((await pay({ product: 'Minutes' })).warnings, [], 'nor of one that was for something');

    await fred.api('POST', records, { type: 'void', at: '2026-03-28', record: plain.id });
    const now = (await fred.api('GET', `/v1/payments/${paid.id}`)).json();
    t.same(now.warnings, [], 'nor of a record that was taken back');
    await fred.api('POST', records, topup);
    t.match((await fred.api('GET', `/v1/payments/${paid.id}`)).json().warnings, [{ code: 'recorded_twice' }]);
    const failed = await fred.api('POST', `/v1/payments/${paid.id}/fail`, { reason: 'it did not come' });
    t.same(failed.json().warnings, [], 'one that makes no record counts once');
    const all = (await fred.api('GET', `/v1/lines/${fred.line}/payments`)).json().items;
    t.same(
      all.filter(({ warnings }: { warnings: object[] }) => warnings.length > 0),
      [],
      'in lists as well',
    );
  });

  await t.test('refusals say where and what to do', async (t) => {
    const fred = await withLine('Fred');
    const url = `/v1/lines/${fred.line}/payments`;
    const paid = { paid_at: '2026-03-28', amount: roubles('100'), channel: 'app', reference: 'same' };
    const foreign = await fred.api('POST', url, { ...paid, amount: { amount: '1', currency: 'EUR' } });
    t.match(foreign.json(), { status: 422, errors: [{ pointer: '/credited', mend: /RUB/ }] });
    const wrong = await fred.api('POST', url, { ...paid, paid_at: '2027-01-01', makes: 'purchase' });
    t.match(wrong.json().errors, [{ pointer: '/product' }]);
    const late = await fred.api('POST', url, { ...paid, paid_at: '2027-01-01' });
    t.match(late.json().errors, [{ pointer: '/paid_at' }]);
    const many = await fred.api('POST', url, {
      paid_at: 'yesterday',
      amount: { amount: 1 },
      channel: 'post',
      x: 1,
    });
    t.ok(many.json().errors.length >= 4, 'all at once');

    const first = (await fred.api('POST', url, { ...paid, external_id: 'p-1' })).json();
    const second = (await fred.api('POST', url, paid)).json();
    t.match(
      second.warnings,
      [{ code: 'reference_twice', payment: first.id }],
      'a warning that names the first',
    );
    const written = (await fred.api('POST', url, { ...paid, reference: 'ＳＡ-me ' })).json();
    t.equal(written.reference, 'ＳＡ-me ', 'kept as it was written');
    t.match(written.warnings, [{ payment: first.id, detail: /the same reference: “same”/ }]);
    const blank = { pointer: '/reference', detail: 'It is blank.' };
    for (const reference of [' ', '\u00a0\t']) {
      t.match((await fred.api('POST', url, { ...paid, reference })).json(), { status: 422, errors: [blank] });
      const patched = await fred.api('PATCH', `/v1/payments/${first.id}`, { reference });
      t.match(patched.json(), { status: 422, errors: [blank] });
    }
    await fred.api('POST', `/v1/payments/${written.id}/cancel`);
    const taken = await fred.api('POST', url, { ...paid, external_id: 'p-1' });
    t.match(taken.json(), { status: 409, code: 'external_id_taken' });
    t.equal((await fred.api('POST', `/v1/payments/${second.id}/cancel`)).json().state, 'cancelled');
    const again = await fred.api('POST', `/v1/payments/${second.id}/confirm`);
    t.match(again.json(), { status: 409, code: 'payment_state', state: 'cancelled' });
    const voided = await fred.api('POST', `/v1/lines/${fred.line}/records`, {
      type: 'void',
      at: '2026-03-28',
      record: first.record,
    });
    t.match(voided.json(), { status: 409, code: 'record_of_payment', mend: /misread, `reopen` it/ });
    t.equal(
      (await fred.api('POST', `/v1/payments/${first.id}/fail`, {})).statusCode,
      422,
      'a failure says why',
    );
    const seen = await fred.api('POST', `/v1/payments/${first.id}/confirm`, {
      balance: { amount: '1', currency: 'EUR' },
    });
    t.match(seen.json().errors, [{ pointer: '/balance/currency' }]);
    for (const [told, pointer] of [
      [{ balance: roubles('1'), seen_on: '2027-01-01' }, '/seen_on'],
      [{ valid_until: '2026-02-30' }, '/valid_until'],
    ] as const) {
      const { errors } = (await fred.api('POST', `/v1/payments/${first.id}/confirm`, told)).json();
      t.match(errors, [{ pointer }], 'in the words of the confirmation');
    }
    t.equal(
      (await fred.api('GET', `/v1/payments/${first.id}`)).json().state,
      'pending',
      'and nothing was written',
    );

    const gina = await withLine('Gina');
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['POST', '/confirm'],
    ] as const) {
      const answer = await gina.api(
        method,
        `/v1/payments/${first.id}${path}`,
        method === 'GET' ? undefined : {},
      );
      t.equal(answer.statusCode, 404, `${method} another's`);
    }
    const reader = service.as(fred.read);
    t.equal((await reader('POST', `/v1/payments/${first.id}/confirm`)).statusCode, 403);
    const tag = (await fred.api('GET', `/v1/payments/${first.id}`)).headers.etag as string;
    await fred.api('PATCH', `/v1/payments/${first.id}`, { note: 'x' });
    const stale = await fred.api('POST', `/v1/payments/${first.id}/confirm`, {}, { 'if-match': tag });
    t.equal(stale.statusCode, 412);
    const key = { 'idempotency-key': 'once' };
    const once = await fred.api('POST', `/v1/payments/${first.id}/confirm`, {}, key);
    t.equal((await fred.api('POST', `/v1/payments/${first.id}/confirm`, {}, key)).body, once.body);
  });

  await t.test('from each state to those that it may become, and no others', async (t) => {
    const leo = await withLine('Leo');
    const becomes = {
      confirm: 'confirmed',
      fail: 'failed',
      refund: 'refunded',
      cancel: 'cancelled',
      reopen: 'pending',
    } as const;
    const ways: [steps: (keyof typeof becomes)[], next: (keyof typeof becomes)[]][] = [
      [[], ['confirm', 'fail', 'refund', 'cancel']],
      [['confirm'], ['fail', 'refund', 'cancel', 'reopen']],
      [['fail'], ['confirm', 'refund', 'cancel', 'reopen']],
      [['refund'], ['reopen']],
      [['cancel'], ['reopen']],
    ];
    const paid = { paid_at: '2026-03-20', amount: roubles('1'), channel: 'app' };
    for (const [steps, next] of ways) {
      for (const [step, state] of Object.entries(becomes)) {
        const { id } = (await leo.api('POST', `/v1/lines/${leo.line}/payments`, paid)).json();
        const take = (one: string) =>
          leo.api('POST', `/v1/payments/${id}/${one}`, one === 'fail' ? { reason: 'x' } : {});
        for (const one of steps) await take(one);
        const told = (await take(step)).json();
        const isNext = next.includes(step as keyof typeof becomes);
        t.match(told, isNext ? { state } : { status: 409, code: 'payment_state' }, `${steps}, ${step}`);
      }
    }
  });

  await t.test('a payment makes the record that it is said to make', async (t) => {
    const mina = await withLine('Mina');
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'app' };
    for (const said of [
      { makes: 'topup', product: 'gift' },
      { makes: 'purchase', product: 'pack', credited: roubles('290') },
      { makes: 'plan_renewed', credited: roubles('280') },
    ]) {
      const { record } = (
        await mina.api('POST', `/v1/lines/${mina.line}/payments`, { ...paid, ...said })
      ).json();
      const { makes: type, credited: amount = paid.amount, ...rest } = said;
      const made = (await records(mina)).find(({ id }: { id: string }) => id === record);
      t.match(made, { type, at: '2026-03-20', amount, ...rest });
    }
    t.equal((await timeline(mina)).balance.amount, '600.00', 'only a top-up comes to the balance');
  });

  await t.test('no step writes what the ledger refuses, and what is written stays', async (t) => {
    const rosa = await withLine('Rosa');
    const url = `/v1/lines/${rosa.line}`;
    const paid = { paid_at: '2025-12-15', amount: roubles('100'), channel: 'app' };
    const states: Record<string, string> = {};
    for (const step of ['cancel', 'refund', 'fail']) {
      const { id } = (await rosa.api('POST', `${url}/payments`, paid)).json();
      await rosa.api('POST', `/v1/payments/${id}/${step}`, { reason: 'x' });
      states[step] = id;
    }
    await rosa.api('POST', `${url}/records`, { type: 'activated', at: '2026-01-01' });
    const before = (await rosa.api('GET', '/v1/export')).body;
    for (const [step, again] of [
      ['cancel', 'reopen'],
      ['refund', 'reopen'],
      ['fail', 'reopen'],
      ['fail', 'confirm'],
    ] as const) {
      const answer = await rosa.api('POST', `/v1/payments/${states[step]}/${again}`, {});
      const errors = [{ pointer: '', detail: /activated only on 2026-01-01/, mend: /ledger|anew/ }];
      t.match(answer.json(), { status: 422, code: 'invalid', errors }, `${step}, ${again}`);
    }
    t.equal((await rosa.api('GET', '/v1/export')).body, before, 'nothing of it is kept');

    // A moment in the first night of the line, which is the day before further west.
    const night = { ...paid, paid_at: '2026-01-01T00:30:00+03:00' };
    const { id } = (await rosa.api('POST', `${url}/payments`, night)).json();
    t.equal((await rosa.api('PATCH', url, { time_zone: 'Europe/London' })).statusCode, 200);
    t.equal((await rosa.api('POST', `/v1/payments/${id}/confirm`, {})).json().state, 'confirmed');
    const there = await serve(t, { now: '2026-03-28T09:00:00.000Z' });
    const exported = (await rosa.api('GET', '/v1/export')).body;
    const headers = { 'content-type': 'application/x-ndjson' };
    for (const payments of [{ made: 4 }, { unchanged: 4 }]) {
      const brought = await there.as(ADMIN)('POST', '/v1/import', exported, headers);
      t.match([brought.statusCode, brought.json().payments], [200, payments], brought.body);
      t.equal((await there.as(ADMIN)('GET', `/v1/users/${rosa.id}/export`)).body, exported);
    }
  });

  await t.test('what was credited goes out and in, however often it changes', async (t) => {
    const there = await serve(t, { now: '2026-03-28T09:00:00.000Z' });
    const headers = { 'content-type': 'application/x-ndjson' };
    for (const told of [undefined, roubles('100.00'), roubles('90')]) {
      const olga = await withLine('Olga');
      const bring = async () => {
        const exported = (await olga.api('GET', '/v1/export')).body;
        const brought = await there.as(ADMIN)('POST', '/v1/import', exported, headers);
        t.equal((await there.as(ADMIN)('GET', `/v1/users/${olga.id}/export`)).body, exported, brought.body);
      };
      const payments = `/v1/lines/${olga.line}/payments`;
      // Another one, of the same kind and told before.
      await olga.api('POST', payments, { paid_at: '2026-03-09', amount: roubles('50'), channel: 'app' });
      const paid = { paid_at: '2026-03-10', amount: roubles('100'), credited: told, channel: 'app' };
      const { id } = (await olga.api('POST', payments, paid)).json();
      await bring();
      for (const [step, body] of [
        ['confirm', { credited: roubles('80') }],
        ['reopen', {}],
        ['fail', { reason: 'x' }],
        ['reopen', {}],
      ] as const) {
        const moved = (await olga.api('POST', `/v1/payments/${id}/${step}`, body)).json();
        t.same(moved.credited, step === 'confirm' ? roubles('80') : (told ?? null), step);
        await bring();
      }
    }
  });

  await t.test('as many pounds as euros are still what was credited', async (t) => {
    const paul = await giffgaff('Paul');
    const euros = { amount: '10', currency: 'EUR' };
    const paid = { paid_at: '2026-03-20', amount: euros, credited: pounds('10'), channel: 'app' };
    const { id } = (await paul.api('POST', `/v1/lines/${paul.line}/payments`, paid)).json();
    await paul.api('POST', `/v1/payments/${id}/confirm`, { credited: pounds('9') });
    t.match((await paul.api('POST', `/v1/payments/${id}/reopen`)).json(), {
      state: 'pending',
      amount: euros,
      credited: pounds('10'),
    });
  });

  await t.test('part payments, a renewal from outside, and erasure', async (t) => {
    const hugo = await withLine('Hugo');
    const url = `/v1/lines/${hugo.line}/payments`;
    for (const amount of ['100', '150']) {
      const paid = { paid_at: '2026-03-28', amount: roubles(amount), channel: 'app' };
      const { id } = (await hugo.api('POST', url, paid)).json();
      await hugo.api('POST', `/v1/payments/${id}/confirm`);
    }
    t.equal((await timeline(hugo)).balance.amount, '550.00');
    const renewed = { paid_at: '2026-03-28', amount: roubles('200'), channel: 'shop', makes: 'plan_renewed' };
    await hugo.api('POST', url, renewed);
    t.equal((await timeline(hugo)).balance.amount, '550.00', 'its money came from outside');
    t.equal((await hugo.api('GET', url)).json().items.length, 3);
    t.equal((await hugo.api('DELETE', `/v1/lines/${hugo.line}`)).statusCode, 204);
    t.equal((await hugo.api('GET', url)).statusCode, 404);
  });

  await t.test('as many questions for a page of payments as for one', async (t) => {
    const jane = await withLine('Jane');
    const url = `/v1/lines/${jane.line}/payments`;
    const asked: string[] = [];
    const { payments } = service.app.store;
    const untouched = { ...payments };
    t.teardown(() => Object.assign(payments, untouched));
    const watched = Object.entries(untouched).map(([name, query]) => [
      name,
      (...given: []) => {
        asked.push(name);
        return (query as (...given: unknown[]) => unknown)(...given);
      },
    ]);
    Object.assign(payments, Object.fromEntries(watched));
    for (const reference of ['R-1', 'R-2', 'R-1', 'R-3', undefined]) {
      const paid = { paid_at: '2026-03-28', amount: roubles('300'), channel: 'app', reference };
      t.equal((await jane.api('POST', url, paid)).statusCode, 201);
    }
    asked.length = 0;
    const { items } = (await jane.api('GET', url)).json();
    t.same(asked, ['list', 'byReferences'], 'the page, and the first of each of its references');
    const warned = items.map(
      ({ warnings }: { warnings: { payment: string }[] }) => warnings[0]?.payment ?? null,
    );
    t.same(warned, [null, null, items[0].id, null, null]);
  });

  await t.test('a feed follows, and neither reference nor number is in a neutral one', async (t) => {
    const ida = await giffgaff('Ida');
    const feed = async (options: object) => {
      const made = await ida.api('POST', `/v1/users/${ida.id}/feeds`, { name: 'F', ...options });
      return new URL(made.json().urls.https).pathname;
    };
    const [full, neutral] = [await feed({}), await feed({ detail: 'neutral' })];
    const read = async (url: string) => (await service.as(null)('GET', url)).body.replaceAll('\r\n ', '');
    const paid = {
      paid_at: '2026-03-28',
      amount: pounds('10'),
      channel: 'third_party',
      reference: 'BEGIN:VEVENT\nX',
    };
    const { id } = (await ida.api('POST', `/v1/lines/${ida.line}/payments`, paid)).json();
    t.match(await read(full), /go through/);
    t.notMatch(await read(full), /\nBEGIN:VEVENT\r?\nX/);
    t.notMatch(await read(neutral), /giffgaff|BEGIN:VEVENT\\nX|£/i);
    await ida.api('POST', `/v1/payments/${id}/fail`, { reason: 'no' });
    t.match(await read(full), /Ask support/);
    t.notMatch(await read(full), /go through\?/);
    await ida.api('POST', `/v1/payments/${id}/confirm`);
    t.match(await read(full), /SUMMARY:✅/);
    t.ok(
      service.lines.every((line) => !line.includes('R-77')),
      'no reference reaches the log',
    );
  });
}
