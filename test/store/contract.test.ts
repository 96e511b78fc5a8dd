import t from 'tap';
import type { Mark, PageRequest, PaymentBody } from '../../src/store/types.ts';
import { anna, boris, newFeed, newLine, onEachEngine, openTestStore, topup } from '../support/stores.ts';

await onEachEngine(t, async (t, engine) => {
  await t.test('a user, a line and its ledger come back as they were given', async (t) => {
    const store = await openTestStore(t, engine);
    const { user, line, records } = await store.write(null, async (q) => {
      const user = await q.users.create({ ...anna, external_id: 'a-1' });
      const line = await q.lines.create(
        newLine(user.id, {
          number: '+79001234567',
          plan_price: { amount: '300.00', currency: 'RUB' },
          facts: { имя: '安娜', count: 1, share: 2.5, isOld: true, escaped: '\\u0000' },
          external_id: 'l-1',
        }),
      );
      const records = await q.records.append(line.id, [
        { body: topup('300.00', { external_id: 'r-1' }), payment: 'payment_1' },
        {
          body: {
            type: 'activity',
            at: { earliest: '2026-01-01', latest: '2026-01-31' },
            kind: 'call',
            direction: 'outgoing',
          },
        },
      ]);
      return { user, line, records };
    });
    t.same(await store.users.get(user.id), user);
    t.same(await store.users.byExternalId('a-1'), user);
    t.same(await store.lines.get(line.id), line);
    t.same(await store.lines.byExternalId(user.id, 'l-1'), line);
    t.same(await store.lines.byIds([line.id, 'line_none']), [line]);
    t.same(await store.lines.byIds([]), []);
    t.same(await store.lines.ofUser(user.id), [line]);
    t.same(await store.records.ofLine(line.id), records);
    t.same(await store.records.get(records[0]!.id), records[0]);
    t.same(await store.records.byExternalId(line.id, 'r-1'), records[0]);
    const ledgers = await store.records.ofLines([line.id, 'line_none']);
    t.same(ledgers.get(line.id), records);
    t.same(ledgers.get('line_none'), []);
    t.match(user, { id: /^user_[0-9a-f-]{36}$/, revision: 1, created_at: '2026-03-01T10:00:00.000Z' });
    t.match(line, { facts: { имя: '安娜' }, time_zone: null });
    t.match(records, [
      { seq: 1, type: 'topup', at: '2026-02-28', external_id: 'r-1', voided_by: null, payment: 'payment_1' },
      { seq: 2, type: 'activity', at: { earliest: '2026-01-01', latest: '2026-01-31' }, payment: null },
    ]);
    t.equal(await store.users.get('user_none'), null);
    t.equal(await store.lines.get('line_none'), null);
    t.equal(await store.records.get('record_none'), null);
  });

  await t.test('of payments with the same reference the first counts that is not cancelled', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const { id: user } = await store.write(null, (q) => q.users.create(anna));
    const lineOf = async () => (await store.write(null, (q) => q.lines.create(newLine(user)))).id;
    const [line, other] = [await lineOf(), await lineOf()];
    const pay = (whose: string, reference?: string) => {
      clock.now += 1;
      const amount = { amount: '300', currency: 'RUB' };
      const body: PaymentBody = { paid_at: '2026-02-28', amount, channel: 'app', makes: 'topup', reference };
      const at = new Date(clock.now).toISOString();
      return store.write(null, (q) =>
        q.payments.create({ line: whose, body }, { state: 'pending', at, by: 'key_1' }),
      );
    };
    const cancelled = await pay(line, 'a');
    await pay(other, 'a');
    const [first, , alone] = [await pay(line, 'a'), await pay(line, 'a'), await pay(line, 'b')];
    await pay(line);
    const at = new Date(clock.now).toISOString();
    await store.write(null, (q) =>
      q.payments.update(cancelled.id, { state: 'cancelled' }, { state: 'cancelled', at, by: 'key_1' }),
    );
    const found = await store.payments.byReferences(line, ['a', 'b', 'c']);
    t.same([...found].sort(), [
      ['a', first],
      ['b', alone],
    ]);
    t.same(await store.payments.byReferences(line, []), new Map());
    const many = Array.from({ length: 1_200 }, (_, index) => `r-${index}`);
    t.same([...(await store.payments.byReferences(line, [...many, 'b'])).keys()], ['b']);
    const written = await pay(line, 'Счёт № AB-12 34/é');
    const others = [
      'счёт № ab1234é',
      'СЧЁТ\u00a0ab—1234e\u0301',
      'Счёт ＡＢ１２３４ É',
      'Счёт AB1235é',
      '--',
    ];
    t.same(
      [...(await store.payments.byReferences(line, others))].map(([as, { id }]) => [as, id]),
      others.slice(0, 3).map((as) => [as, written.id]),
      'people write one reference in several ways',
    );
    const marks = await pay(line, '#');
    t.same([...(await store.payments.byReferences(line, ['#', '!!']))], [['#', marks]]);
  });

  await t.test('files that come ahead of what they are of land with it, or are doomed', async (t) => {
    const store = await openTestStore(t, engine);
    const expect = (file: string, mark: string) =>
      store.write(null, (q) => q.proofs.addFileAhead(file, mark));
    await expect('aa/one', 'node/1');
    await expect('aa/two', 'node/1');
    await expect('aa/other', 'node/2');
    t.same((await store.proofs.filesAhead()).map(({ node }) => node).sort(), ['node/1', 'node/2']);
    const amount = { amount: '300', currency: 'RUB' };
    const body: PaymentBody = { paid_at: '2026-02-28', amount, channel: 'app', makes: 'topup' };
    const { payment, owner } = await store.write(null, async (q) => {
      const { id: owner } = await q.users.create(anna);
      const line = await q.lines.create(newLine(owner));
      const step = { state: 'pending', at: '2026-03-01T10:00:00.000Z', by: 'key_1' } as const;
      const { id } = await q.payments.create({ line: line.id, body }, step);
      return { payment: id, owner };
    });
    const proof = (id: string, file: string) => {
      const what = { type: 'text/plain', size: 1, sha256: '00' } as const;
      return { id, payment, file, name: null, ...what, created_at: '2026-02-01T00:00:00.000Z' };
    };
    const before = (await store.users.get(owner))?.revision ?? 0;
    await store.write(null, async (q) => {
      t.same(await q.proofs.count([payment]), new Map());
      await q.proofs.keepFilesAhead([proof('proof_1', 'aa/one')]);
    });
    t.equal((await store.users.get(owner))?.revision, before + 1);
    t.same(
      await store.proofs.byIds(['proof_1', 'proof_2']),
      new Map([['proof_1', proof('proof_1', 'aa/one')]]),
    );
    t.equal(await store.write(null, (q) => q.proofs.discardFilesAhead('node/1')), 1);
    t.same(await store.proofs.doomed(9), ['aa/two'], 'what has landed stays');
    const late = store.write(null, (q) =>
      q.proofs.keepFilesAhead([proof('proof_2', 'aa/two'), proof('proof_3', 'aa/other')]),
    );
    await t.rejects(late, { code: 'not_found' }, 'what was given up lands no more');
    t.same(await store.proofs.byIds(['proof_2', 'proof_3']), new Map());
    t.equal((await store.proofs.filesAhead()).length, 1);
  });

  await t.test('an import brings its own ids and moments', async (t) => {
    const store = await openTestStore(t, engine);
    const created_at = '2020-01-01T00:00:00.000Z';
    await store.write(null, async (q) => {
      await q.users.create({ ...anna, id: 'user_1', created_at });
      await q.lines.create(newLine('user_1', { id: 'line_1', created_at }));
      await q.records.append('line_1', [{ body: topup('1'), id: 'record_1', recorded_at: created_at }]);
      await q.feeds.create(newFeed('user_1', { id: 'feed_1', created_at }), 'digest-1');
    });
    t.match(await store.users.get('user_1'), { created_at });
    t.match(await store.lines.get('line_1'), { created_at });
    t.match(await store.records.get('record_1'), { recorded_at: created_at });
    t.match(await store.feeds.get('feed_1'), { created_at });
  });

  await t.test('a change touches what it names and nothing else', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const { user, line } = await store.write(null, async (q) => {
      const user = await q.users.create(anna);
      return { user, line: await q.lines.create(newLine(user.id, { number: '+79001234567' })) };
    });
    clock.now += 1000;
    const updated_at = '2026-03-01T10:00:01.000Z';
    const changed = await store.write(user.id, (q) => q.users.update(user.id, { time_zone: 'Europe/Riga' }));
    t.same(changed, { ...user, time_zone: 'Europe/Riga', revision: 2, updated_at });
    const facts = { plan: 'old' };
    t.same(await store.write(user.id, (q) => q.lines.update(line.id, { facts, number: null })), {
      ...line,
      facts,
      number: null,
      updated_at,
    });
    t.same(await store.write(user.id, (q) => q.lines.update(line.id, {})), {
      ...line,
      facts,
      number: null,
      updated_at,
    });
    t.equal(await store.write(null, (q) => q.users.update('user_none', { name: 'x' })), null);
    t.equal(await store.write(null, (q) => q.lines.update('line_none', { label: 'x' })), null);
    t.equal(await store.write(null, (q) => q.lines.erase('line_none')), false);
    t.equal(await store.write(null, (q) => q.users.erase('user_none')), false);
    t.equal(await store.write(null, (q) => q.feeds.erase('feed_none')), false);
    t.equal(await store.write(null, (q) => q.feeds.rotate('feed_none', 'd', updated_at)), false);
  });

  await t.test('an external id is unique under its owner', async (t) => {
    const store = await openTestStore(t, engine);
    const conflict = (entity: string) => ({ code: 'conflict', entity, field: 'external_id' });
    const [one, two] = await store.write(null, async (q) => [
      await q.users.create({ ...anna, external_id: 'same' }),
      await q.users.create(boris),
    ]);
    await t.rejects(
      store.write(null, (q) => q.users.create({ ...boris, external_id: 'same' })),
      conflict('users'),
    );
    await t.rejects(
      store.write(two!.id, (q) => q.users.update(two!.id, { external_id: 'same' })),
      conflict('users'),
    );
    const line = await store.write(one!.id, (q) => q.lines.create(newLine(one!.id, { external_id: 'same' })));
    await t.rejects(
      store.write(one!.id, (q) => q.lines.create(newLine(one!.id, { external_id: 'same' }))),
      conflict('lines'),
    );
    const other = await store.write(two!.id, (q) =>
      q.lines.create(newLine(two!.id, { external_id: 'same' })),
    );
    const body = topup('1', { external_id: 'same' });
    await store.write(one!.id, (q) => q.records.append(line.id, [{ body }]));
    await t.rejects(
      store.write(one!.id, (q) => q.records.append(line.id, [{ body: topup('2') }, { body }])),
      conflict('records'),
    );
    t.equal((await store.records.ofLine(line.id)).length, 1, 'all of a batch or nothing of it');
    await store.write(two!.id, (q) => q.records.append(other.id, [{ body }]));
    await t.rejects(
      store.write(null, (q) => q.users.create({ ...anna, id: one!.id })),
      { code: 'conflict', entity: 'users', field: 'id' },
    );
    try {
      await store.write(null, (q) => q.users.create({ ...boris, external_id: 'same' }));
    } catch (error) {
      t.notMatch(JSON.stringify(error) + String(error), /"?same"?\)/, 'an error never holds the value');
    }
  });

  await t.test('a void marks the record it names, once', async (t) => {
    const store = await openTestStore(t, engine);
    const { user, line, other } = await store.write(null, async (q) => {
      const user = await q.users.create(anna);
      const line = await q.lines.create(newLine(user.id));
      return { user, line, other: await q.lines.create(newLine(user.id)) };
    });
    const append = (id: string, record: string) =>
      store.write(user.id, (q) =>
        q.records.append(id, [{ body: { type: 'void', at: '2026-03-01', record } }]),
      );
    const [first] = await store.write(user.id, (q) => q.records.append(line.id, [{ body: topup('1') }]));
    const [mark] = await append(line.id, first!.id);
    t.match(await store.records.ofLine(line.id), [{ id: first!.id, voided_by: mark!.id }, { id: mark!.id }]);
    await t.rejects(append(line.id, first!.id), { code: 'conflict', field: 'record' });
    await t.rejects(append(line.id, 'record_none'), { code: 'not_found', field: 'record' });
    await t.rejects(append(other.id, mark!.id), { code: 'not_found', field: 'record' });
    await t.rejects(append('line_none', mark!.id), { code: 'not_found', entity: 'lines' });
    const both = await store.write(user.id, (q) =>
      q.records.append(other.id, [
        { body: topup('2'), id: 'record_typo' },
        { body: { type: 'void', at: '2026-03-01', record: 'record_typo' } },
      ]),
    );
    t.equal(both[0]!.voided_by, both[1]!.id, 'within one call too');
  });

  await t.test('pages are in the order made, and hold still while rows are added and taken', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const user = await store.write(null, (q) => q.users.create(anna));
    const ids: string[] = [];
    // Three share each moment, so that the id has to decide.
    for (let n = 0; n < 9; n += 1) {
      if (n % 3 === 0) clock.now += 1;
      ids.push((await store.write(user.id, (q) => q.lines.create(newLine(user.id)))).id);
    }
    const walk = async (limit: number, between: () => Promise<unknown> = async () => undefined) => {
      const seen: string[] = [];
      let request: PageRequest = { limit };
      for (;;) {
        const page = await store.lines.list(user.id, request);
        seen.push(...page.items.map(({ id }) => id));
        if (!page.next) return seen;
        await between();
        request = { limit, after: page.next };
      }
    };
    for (const limit of [1, 2, 3, 9, 200]) t.same(await walk(limit), ids, `pages of ${limit}`);
    let added = 0;
    const grown = await walk(4, async () => {
      clock.now += 1;
      added += 1;
      if (added <= 2) ids.push((await store.write(user.id, (q) => q.lines.create(newLine(user.id)))).id);
      await store.write(user.id, (q) => q.lines.erase(ids[0]!));
    });
    t.same(grown, ids, 'what is added comes at the end, what goes from the front skips nothing');

    const line = ids.at(-1)!;
    const bodies = Array.from({ length: 1200 }, (_, n) => ({ body: topup(String(n)) }));
    const records = await store.write(user.id, (q) => q.records.append(line, bodies));
    const page = await store.records.list(line, { limit: 500 });
    t.same(page.items, records.slice(0, 500));
    t.same(await store.records.ofLine(line), records);
    t.same(
      (await store.users.list({ limit: 5 })).items.map(({ id }) => id),
      [user.id],
    );
  });

  await t.test('feeds are listed in pages, and their clients from the latest on', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const [owner, other] = await store.write(null, async (q) => [
      await q.users.create(anna),
      await q.users.create(boris),
    ]);
    const ids: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      if (n % 3 === 0) clock.now += 1;
      const feed = await store.write(owner!.id, (q) => q.feeds.create(newFeed(owner!.id), `digest-${n}`));
      ids.push(feed.id);
      await store.write(other!.id, (q) => q.feeds.create(newFeed(other!.id), `other-${n}`));
    }
    const all = { user: owner!.id, before: '2026-04-01T00:00:00.000Z', silent: null };
    for (const list of [
      (request: PageRequest) => store.feeds.list(owner!.id, request),
      (request: PageRequest) => store.feeds.search(all, request),
    ]) {
      for (const limit of [1, 2, 5, 6]) {
        const seen: string[] = [];
        let after: PageRequest['after'] = null;
        do {
          const page = await list({ limit, after });
          t.ok(page.items.length <= limit);
          seen.push(...page.items.map(({ id }) => id));
          after = page.next;
        } while (after && seen.length < 20);
        t.same(seen, ids, `pages of ${limit}`);
      }
    }

    const [feed, another] = ids as [string, string];
    const at = (minute: number) => `2026-03-01T11:0${minute}:00.000Z`;
    const note = (...fetches: [feed: string, minute: number, client: string | null][]) =>
      store.write(null, (q) =>
        q.feeds.noteFetches(fetches.map(([feed, minute, client]) => ({ feed, at: at(minute), client }))),
      );
    await note([feed, 3, 'Outlook'], [feed, 5, 'Apple'], [feed, 4, null], [another, 1, 'Google']);
    await note([feed, 2, 'Google'], [feed, 1, 'Apple'], [feed, 3, 'Google'], [feed, 5, 'Zulu']);
    t.match(await store.feeds.get(feed), { last_fetched_at: at(5), client: 'Apple' }, 'the latest stays');
    t.match(await store.feeds.get(another), { last_fetched_at: at(1), client: 'Google' });
    t.same(
      (await store.feeds.clients(feed)).map(({ client, last_fetched_at }) => [client, last_fetched_at]),
      [
        ['Apple', at(5)],
        ['Zulu', at(5)],
        [null, at(4)],
        ['Google', at(3)],
        ['Outlook', at(3)],
      ],
    );
  });

  await t.test('records are listed in the order entered, whatever a clock says', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const user = await store.write(null, (q) => q.users.create(anna));
    const { id } = await store.write(null, (q) => q.lines.create(newLine(user.id)));
    const add = (amount: string) => store.write(null, (q) => q.records.append(id, [{ body: topup(amount) }]));
    const sums = (items: readonly { body: object }[]) =>
      items.map(({ body }) => (body as { amount: { amount: string } }).amount.amount);
    await add('1.00');
    await add('2.00');
    const first = await store.records.list(id, { limit: 1 });
    clock.now -= 60_000;
    await add('3.00');
    t.same(sums(first.items), ['1.00']);
    const rest = await store.records.list(id, { limit: 9, after: first.next });
    t.same(sums(rest.items), ['2.00', '3.00']);
    t.equal(rest.next, null);
  });

  await t.test('what was said of one entry, or done by one link, is nobody else’s', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const user = await store.write(null, (q) => q.users.create(anna));
    const [line, other] = await store.write(user.id, async (q) => [
      (await q.lines.create(newLine(user.id))).id,
      (await q.lines.create(newLine(user.id))).id,
    ]);
    const said = { line: line!, kind: 'renew', cycle: '2026-04', what: 'done', on_day: null } as const;
    const at = '2026-03-01T10:00:00.000Z';
    const marks: Mark[] = [
      { ...said, at },
      { ...said, cycle: '2026-05', at },
      { ...said, kind: 'backup', at },
      { ...said, line: other!, at },
    ];
    const held = async () => {
      const found = await store.marks.ofLines([line!, other!]);
      return [found.get(line!)?.map(({ kind, cycle }) => `${kind} ${cycle}`), found.get(other!)?.length];
    };
    for (const mark of marks) t.equal(await store.write(user.id, (q) => q.marks.put(mark)), true);
    t.same(await held(), [['backup 2026-04', 'renew 2026-04', 'renew 2026-05'], 1]);
    t.same((await store.marks.ofLines([other!])).get(line!) ?? [], []);
    const later = { ...marks[0]!, what: 'later', on_day: '2026-03-04' } as const;
    await store.write(user.id, (q) => q.marks.put(later));
    t.same(
      (await store.marks.ofLines([line!])).get(line!)?.map(({ what }) => what),
      ['done', 'later', 'done'],
      'said again, it takes the place of what was said',
    );
    await store.write(user.id, (q) => q.marks.remove(marks[0]!));
    t.same(await held(), [['backup 2026-04', 'renew 2026-05'], 1]);
    await store.write(user.id, (q) => q.lines.erase(other!));
    t.equal(await store.write(user.id, (q) => q.marks.put(marks[3]!)), false, 'of a line that is gone');

    const act = (ticket: string, of: string) => ({
      ticket,
      line: of,
      feed: 'feed_1',
      did: { proof: 'proof_1' },
      at,
    });
    const third = (await store.write(user.id, (q) => q.lines.create(newLine(user.id)))).id;
    for (const one of [act('a', line!), act('b', line!), act('c', third)]) {
      await store.write(user.id, (q) => q.acts.put(one));
    }
    const ofLine = async (of: string) => (await store.acts.ofLine(of)).map(({ ticket }) => ticket).sort();
    t.match(await store.acts.get('b'), { ticket: 'b' });
    t.equal(await store.acts.get('d'), null);
    t.same([await ofLine(line!), await ofLine(third)], [['a', 'b'], ['c']]);
    t.equal(await store.write(user.id, (q) => q.acts.remove('a')), true);
    t.equal(await store.write(user.id, (q) => q.acts.remove('a')), false, 'once');
    t.same([await ofLine(line!), await ofLine(third)], [['b'], ['c']]);
    const sweep = () => store.write(null, (q) => q.sweep());
    clock.now += 30 * 24 * 3600_000;
    await sweep();
    t.ok(await store.acts.get('b'), 'after thirty days');
    clock.now += 1;
    await store.write(user.id, (q) =>
      q.acts.put({ ...act('c', third), at: new Date(clock.now).toISOString() }),
    );
    await sweep();
    t.equal(await store.acts.get('b'), null);
    t.ok(await store.acts.get('c'));
  });

  await t.test('keys are found by their digest', async (t) => {
    const store = await openTestStore(t, engine);
    const user = await store.write(null, (q) => q.users.create(anna));
    const key = await store.write(user.id, (q) =>
      q.keys.create({ user: user.id, scope: 'read', name: 'phone', digest: 'd1', expires_at: null }),
    );
    const admin = await store.write(null, (q) =>
      q.keys.create({ user: null, scope: 'admin', name: 'operator', digest: 'd2' }),
    );
    t.same(await store.keys.byDigest('d1'), key);
    t.same((await store.keys.list(user.id, { limit: 10 })).items, [key]);
    t.same((await store.keys.listAdmin({ limit: 10 })).items, [admin]);
    const at = '2026-03-02T00:00:00.000Z';
    await store.write(null, (q) =>
      q.keys.noteUsed([
        { id: key.id, at },
        { id: 'key_none', at },
      ]),
    );
    t.match(await store.keys.get(key.id), { last_used_at: at });
    await t.rejects(
      store.write(null, (q) => q.keys.create({ user: null, scope: 'admin', name: 'x', digest: 'd1' })),
      { code: 'conflict', entity: 'keys', field: 'digest' },
    );
    t.equal(await store.write(null, (q) => q.keys.delete(key.id)), true);
    t.equal(await store.write(null, (q) => q.keys.delete(key.id)), false);
    t.equal(await store.keys.byDigest('d1'), null);
  });

  await t.test('edges answer who has something to lose when', async (t) => {
    const store = await openTestStore(t, engine);
    const edge = (act_by: string, rest = {}) => ({
      act_by,
      stage: 'suspended' as const,
      lost_on: null,
      provisional: false,
      ...rest,
    });
    const [first, second] = await store.write(null, async (q) => {
      const made = [];
      for (const person of [anna, boris]) {
        const user = await q.users.create(person);
        made.push(await q.lines.create(newLine(user.id)));
      }
      return made;
    });
    t.same(
      (await store.edges.behind(1, 10)).map(({ id }) => id),
      [first!.id, second!.id].toSorted(),
    );
    await store.write(null, async (q) => {
      await q.edges.replace(first!.id, 1, [
        edge('2026-04-01'),
        edge('2026-05-01', { lost_on: '2026-06-01' }),
      ]);
      await q.edges.replace(second!.id, 1, [edge('2026-04-15', { provisional: true })]);
      await q.edges.replace('line_none', 1, [edge('2026-04-15')]);
    });
    t.same(await store.edges.behind(1, 10), []);
    const all = await store.edges.between({ limit: 10 });
    t.same(all, [
      { ...edge('2026-04-01'), line: first!.id, user: first!.user, rule: first!.rule, position: 0 },
      {
        ...edge('2026-04-15'),
        provisional: true,
        line: second!.id,
        user: second!.user,
        rule: second!.rule,
        position: 0,
      },
      {
        ...edge('2026-05-01'),
        lost_on: '2026-06-01',
        line: first!.id,
        user: first!.user,
        rule: first!.rule,
        position: 1,
      },
    ]);
    const days = async (query: object) =>
      (await store.edges.between({ limit: 10, ...query })).map(({ act_by }) => act_by);
    t.same(await days({ after: '2026-04-01', before: '2026-04-15' }), ['2026-04-01', '2026-04-15']);
    t.same(await days({ user: first!.user }), ['2026-04-01', '2026-05-01']);
    t.same(await days({ from: all[1] }), ['2026-05-01']);
    t.same(await days({ limit: 1 }), ['2026-04-01']);
    const before = (await store.users.get(first!.user))!.revision;
    await store.write(null, async (q) => {
      t.equal(await q.users.hold(first!.user), true);
      t.equal(await q.users.hold('user_none'), false);
      await q.edges.replace(first!.id, 2, [edge('2027-01-01')]);
    });
    t.match(await store.edges.newer(1, [first!.id, second!.id]), [{ line: first!.id, act_by: '2027-01-01' }]);
    t.same(await store.edges.newer(2, [first!.id, second!.id]), []);
    t.same(
      (await store.edges.behind(2, 10)).map(({ id }) => id),
      [second!.id],
    );
    t.same(await store.edges.behind(2, 10, 'user_none'), []);
    const carry = (from: number, rules: string[]) =>
      store.write(null, (q) => q.edges.carry({ from, to: 3, rules, limit: 10 }));
    t.equal(await carry(2, []), 0);
    t.equal(await carry(2, ['xx/other/prepaid']), 0);
    t.equal(await carry(2, [first!.rule]), 1, 'those of another release stay behind');
    t.same(
      (await store.edges.behind(3, 10)).map(({ id }) => id),
      [second!.id],
    );
    t.same(await days({ user: first!.user }), ['2027-01-01']);
    t.equal((await store.users.get(first!.user))!.revision, before, 'derived rows raise no revision');
  });

  await t.test('lines by their rule, and releases in the order of their last choice', async (t) => {
    const store = await openTestStore(t, engine);
    const user = await store.write(null, (q) => q.users.create(anna));
    const made = await store.write(user.id, async (q) => {
      const lines = [];
      for (const rule of ['xx/a/prepaid', 'xx/b/prepaid', 'xx/a/prepaid', 'xx/a/prepaid']) {
        lines.push(await q.lines.create(newLine(user.id, { rule })));
      }
      return lines;
    });
    t.same(
      await store.lines.countByRule(),
      new Map([
        ['xx/a/prepaid', 3],
        ['xx/b/prepaid', 1],
      ]),
    );
    const ofA = made.filter(({ rule }) => rule === 'xx/a/prepaid').map(({ id }) => id);
    const page = (after: string | null, limit: number) =>
      store.lines.ofRule({ rule: 'xx/a/prepaid', after, limit }).then((lines) => lines.map(({ id }) => id));
    t.same(await page(null, 2), ofA.toSorted().slice(0, 2));
    t.same(await page(ofA.toSorted()[1] as string, 2), ofA.toSorted().slice(2));

    const numbered = (digest: string) => store.write(null, (q) => q.releases.number(digest));
    const renewed = (digest: string) => store.write(null, (q) => q.releases.renew(digest));
    t.same([await renewed('a'), await renewed('b'), await renewed('b'), await numbered('a')], [1, 2, 2, 1]);
    t.equal(await renewed('a'), 3, 'what is gone back to is the newest');
    t.same([await numbered('a'), await numbered('b')], [3, 2]);
  });

  await t.test('a repeated request is answered once, replayed, refused or waited for', async (t) => {
    const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
    const store = await openTestStore(t, engine, clock);
    const id = { key: 'key_1', route: 'POST /v1/users', idempotency_key: 'abc' };
    const begin = (digest = 'body', other = {}) =>
      store.write(null, (q) => q.idempotency.begin({ ...id, ...other }, digest));
    const claimOf = async (digest?: string) => {
      const begun = await begin(digest);
      if (begun.state !== 'begun') throw new Error(begun.state);
      return begun.claim;
    };
    const together = await Promise.all(Array.from({ length: 6 }, () => begin()));
    t.equal(together.filter(({ state }) => state === 'begun').length, 1, 'one of many at once');
    t.equal(together.filter(({ state }) => state === 'in_flight').length, 5);
    t.match(await begin('other body'), { state: 'mismatch' });
    t.match(await begin('body', { key: 'key_2' }), { state: 'begun' }, 'another key is another request');
    const elsewhere = { route: 'POST /v1/feeds' };
    t.match(await begin('other body', elsewhere), { state: 'begun' }, 'and so is another route');
    t.match(await begin('other body', elsewhere), { state: 'in_flight' });

    clock.now += 61_000;
    t.match(await begin('other body'), { state: 'mismatch' }, 'nor does another body take it over');
    const slow = together.find(({ state }) => state === 'begun') as { claim: string };
    const claim = await claimOf();
    const response = { status: 201, headers: { etag: '"1"' }, body: '{"id":"x"}' };
    await t.rejects(
      store.write(null, async (q) => {
        await q.users.create(boris);
        await q.idempotency.finish(slow.claim, response, {});
      }),
      { code: 'conflict', field: 'idempotency_key' },
      'the one that was given up for dead cannot finish',
    );
    t.same((await store.users.list({ limit: 9 })).items, [], 'nor does its work stay');
    await store.write(null, (q) => q.idempotency.finish(claim, response, { user: 'user_1' }));
    t.same(await begin(), { state: 'done', response });
    await t.rejects(
      store.write(null, (q) => q.idempotency.finish(claim, { ...response, status: 409 }, {})),
      { code: 'conflict' },
      'what is done is not done again',
    );
    await store.write(null, (q) => q.idempotency.forget('POST /v1/feeds'));
    t.same(await begin(), { state: 'done', response }, 'what is forgotten of one route stays of another');
    t.match(await begin('other body'), { state: 'mismatch' });
    await store.write(null, (q) => q.idempotency.release(claim));
    t.match(await begin(), { state: 'done' }, 'what is done is not given up');

    clock.now += 24 * 3600_000;
    const again = await claimOf('other body');
    await store.write(null, (q) => q.idempotency.release(again));
    t.match(await begin('a third'), { state: 'begun' }, 'forgotten after a day, free after a release');
    clock.now += 24 * 3600_000;
    await store.write(null, (q) => q.sweep());
    t.match(await begin('a fourth'), { state: 'begun' });
  });

  await t.test(
    'silent feeds are found a few at a time, each once, until there is a sign of them',
    async (t) => {
      const clock = { now: Date.parse('2026-03-01T10:00:00Z') };
      const store = await openTestStore(t, engine, clock);
      const { owner, other, ids } = await store.write(null, async (q) => {
        const [owner, other] = [(await q.users.create(anna)).id, (await q.users.create(boris)).id];
        const ids: string[] = [];
        // Five with one sign, and one later.
        for (let n = 0; n < 6; n += 1) {
          if (n === 5) clock.now += 1_000;
          ids.push((await q.feeds.create(newFeed(owner), `digest-${n}`)).id);
        }
        return { owner, other, ids };
      });
      const at = (milliseconds: number) => new Date(clock.now + milliseconds).toISOString();
      const look = async (change: 'note' | 'end', before: string) => {
        const found: string[][] = [];
        let after: Parameters<typeof store.silences.findCandidates>[1]['after'] = null;
        do {
          const page = await store.silences.findCandidates(change, { before, after, limit: 2 });
          found.push(page.feeds);
          after = page.next;
        } while (after !== null);
        return found;
      };
      const revisions = async () =>
        Promise.all([owner, other].map(async (id) => (await store.users.get(id))?.revision));
      const [first = 0, second = 0] = await revisions();
      const [a, b, c, d, e, f] = ids as [string, string, string, string, string, string];
      t.same((await look('note', at(0))).flat(), [a, b, c, d, e], 'of the last there was a sign just now');
      const pages = await look('note', at(1));
      t.same(pages.flat(), ids);
      t.ok(pages.every((page) => page.length <= 2));
      await store.write(null, (q) => q.silences.note([a, b, c, f], at(0)));
      t.same(
        (await store.silences.ofUser(owner)).map(({ feed, since }) => [feed, since]),
        [a, b, c].map((feed) => [feed, at(-1_000)]),
        'nor is it noted',
      );
      t.same(await revisions(), [first + 1, second], 'their owner’s other feeds say so, once');
      t.same((await look('note', at(1))).flat(), [d, e, f]);
      t.same((await look('end', at(0))).flat(), []);
      clock.now += 5_000;
      await store.write(null, (q) => q.feeds.update(b, { name: 'Mended' }));
      t.same((await look('end', at(0))).flat(), [b], 'its owner has changed it');
      const [before = 0] = await revisions();
      await store.write(null, (q) => q.silences.end([a, b], at(0)));
      t.equal(await store.silences.count(), 2);
      t.same(await revisions(), [before + 1, second]);
      await store.write(null, (q) => q.feeds.noteFetches([{ feed: c, at: at(0), client: null }]));
      t.same(
        (await store.silences.ofUser(owner)).map(({ feed }) => feed),
        [a],
      );
      t.same(
        (await look('note', at(1))).flat(),
        [d, e, f, b, c],
        'those that are silent the longest come first',
      );
    },
  );
});
