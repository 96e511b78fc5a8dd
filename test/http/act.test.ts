/** Links in a calendar's entries: reading one does nothing, sending it acts once, for a day it can be undone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAX_PROOF_BYTES } from '../../src/proofs/index.ts';
import { filesIn, namelessFiles } from '../support/files.ts';
import { placeIn, STAYS } from '../support/photo.ts';
import { startPostgres } from '../support/postgres.ts';
import { multipart, sendFile } from './multipart.ts';
import { ADMIN, addPerson, call, type Fixture, roubles, serve } from './service.ts';

const PUBLIC_URL = 'https://keepline.example.org';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const postgres = await startPostgres();
t.teardown(() => postgres.stop());

for (const engine of ['sqlite', 'postgres'] as const) {
  await t.test(engine, async (t) => {
    const environment: Record<string, string> = {
      PUBLIC_URL,
      ...(engine === 'postgres' ? { DATABASE_URL: await postgres.database() } : {}),
    };
    await linksOf(t, engine, await serve(t, { environment, now: '2026-03-28T09:00:00.000Z' }));
  });
}

async function linksOf(t: Test, engine: 'sqlite' | 'postgres', service: Fixture) {
  const open = service.as(null);
  const person = async (name: string, rule = 'ru/t2/prepaid') => {
    const made = await addPerson(service, name);
    const api = service.as(made.write);
    const line = (
      await api('POST', `/v1/users/${made.id}/lines`, { rule, label: name, number: '+79525550134' })
    ).json().id;
    const options = { name: 'Mine', action_links: true, lines: [line] };
    const feed = (await api('POST', `/v1/users/${made.id}/feeds`, options)).json();
    const url = new URL(feed.urls.https).pathname;
    /** The links of the entries of the feed as it is now, by what they say, with the title they stand under. */
    const links = async (at = url) => {
      const text = (await open('GET', at)).body.replaceAll('\r\n ', '');
      return text.split('BEGIN:VEVENT').flatMap((event) => {
        const title = /SUMMARY:(.*)\r/.exec(event)?.[1] ?? '';
        return [...event.matchAll(/([^\\]*?): https:\/\/keepline\.example\.org(\/act\/[\w-]+)/g)].map(
          ([, said, path]) => ({
            title,
            said: (said ?? '').replace(/^n+/, ''),
            path: path as string,
          }),
        );
      });
    };
    const one = async (said: string, title: RegExp = /./) => {
      const found = (await links()).find((link) => link.said === said && title.test(link.title));
      if (!found) throw new Error(`no link says ${said} under ${title}: ${JSON.stringify(await links())}`);
      return found.path;
    };
    const agenda = async () => (await api('GET', `/v1/lines/${line}/agenda`)).json().items;
    const records = async () => (await api('GET', `/v1/lines/${line}/records`)).json().items;
    return { ...made, api, line, feed: feed.id as string, url, links, one, agenda, records };
  };
  const send = (path: string, fields: Record<string, string> = {}) =>
    open('POST', path, new URLSearchParams(fields).toString(), FORM);

  await t.test('“done” on a renewal records what was done, and is undone', async (t) => {
    const anna = await person('Anna');
    await anna.api('POST', `/v1/lines/${anna.line}/records`, {
      items: [call('2026-01-01'), { type: 'balance', at: '2026-01-01', amount: roubles('300') }],
    });
    const path = await anna.one('Done', /Last safe day|Renew/);
    const before = await anna.records();
    const read = await open('GET', path);
    t.equal(read.statusCode, 200, read.body);
    t.match(read.body, /<form method="post">/);
    t.match(read.body, '…\u20600134', 'no browser breaks the line within a number');
    t.match(read.headers, {
      'referrer-policy': 'no-referrer',
      'cache-control': /no-store/,
      'content-security-policy': /form-action 'self'/,
    });
    t.notMatch(read.body, '+79525550134');
    await open('HEAD', path);
    t.same(await anna.records(), before, 'whoever fetches links ahead acts on nothing');

    const [way] = /name="way" value="([^"]+)"/.exec(read.body)?.slice(1) ?? [];
    t.equal((await send(path, {})).statusCode, 422, 'it must be said what was done');
    for (const other of ['../x', 'top_up'])
      t.equal((await send(path, { way: other, on: '2026-03-28', amount: '9' })).statusCode, 422, other);
    t.equal(
      (await send(path, { way: way ?? '', on: '2027-01-01' })).statusCode,
      422,
      'and a day that has come',
    );
    t.same(await anna.records(), before);
    t.match(
      read.body,
      /<fieldset><legend>Only if you topped up or bought something<.*name="amount" [^>]*value=""/,
    );
    const paid = await send(path, { way: way ?? '', on: '2026-03-28', amount: '300' });
    t.equal(paid.statusCode, 422, 'a call is no payment');
    t.match(paid.body, 'What you chose is no payment: leave the amount empty');
    t.match(paid.body, /name="amount" [^>]*value="300" aria-invalid="true"/);
    t.same(await anna.records(), before);
    const done = await send(path, { way: way ?? '', on: '2026-03-28', amount: ' ', channel: 'shop' });
    t.equal(done.statusCode, 200, done.body);
    t.equal((await anna.records()).length, before.length + 1);
    t.match(
      (await anna.agenda()).filter((item: { state: string }) => item.state === 'done'),
      [{ title: /^✅/ }],
    );
    await send(path, { way: way ?? '', on: '2026-03-28' });
    t.equal((await anna.records()).length, before.length + 1, 'sent twice, done once');
    t.match((await open('GET', path)).body, 'Undo');
    t.equal((await send(path, { undo: '1' })).statusCode, 200);
    t.match((await send(path, { undo: '1' })).body, '<h1><bdi>Undone', 'undone twice, it is undone');
    t.same(
      (await anna.agenda()).filter((item: { state: string }) => item.state === 'done'),
      [],
    );
    t.equal((await open('GET', path)).statusCode, 200, 'it may be said again');
  });

  await t.test('a refused form comes back as it was sent, with what is wrong marked', async (t) => {
    const kim = await person('Kim', 'gb/giffgaff/prepaid');
    await kim.api('PATCH', `/v1/lines/${kim.line}`, { number: null, label: '\u202eKim\u2066' });
    await kim.api('POST', `/v1/lines/${kim.line}/records`, {
      type: 'topup',
      at: '2025-10-10',
      amount: { amount: '10', currency: 'GBP' },
    });
    const path = await kim.one('Done', /Last safe day/);
    const first = (await open('GET', path)).body;
    const ways = [...first.matchAll(/name="way" value="([^"]+)"/g)].map(([, way]) => way as string);
    t.ok(ways.length > 1);
    t.match(first, /<blockquote>[^<]*for Kim: /, 'no name turns the text beside it');
    t.notMatch(first, / checked| aria-invalid=/, 'what was done is for the reader to say');
    t.equal(first.split(' required').length, ways.length + 2, 'but it must be said, and the day');
    const way = ways.at(-1) as string;
    const sent = { way, on: '2026-03-20', amount: '1 3OO', channel: 'shop' };
    const again = await send(path, sent);
    t.equal(again.statusCode, 422);
    t.match(again.body, `value="${way}" required checked`);
    t.equal(again.body.split(' checked').length, 2);
    t.match(again.body, 'name="on" value="2026-03-20"');
    t.match(again.body, /value="1 3OO" aria-invalid="true" aria-describedby="wrong-amount"/);
    t.match(again.body, '<option value="shop" selected>');
    t.match(again.body, /<p id="wrong-amount">[^<]+/);
    t.equal(again.body.split(' aria-invalid=').length, 2, 'and nothing else is wrong');
    const none = await send(path, { ...sent, way: '"><b>', on: 'x' });
    t.match(none.body, /role="radiogroup"[^>]* aria-invalid="true" aria-describedby="wrong-way"/);
    t.notMatch(none.body, / checked|<b>/);
    const dated = await send(path, { ...sent, amount: '1', on: '2027-01-01' });
    t.match(dated.body, /name="on" value="2027-01-01"[^>]* aria-invalid="true" aria-describedby="wrong-on"/);

    const grouped = await send(path, { ...sent, amount: ' 1\u00a0300,50\u202f' });
    t.equal(grouped.statusCode, 200, grouped.body);
    const { items } = (await kim.api('GET', `/v1/lines/${kim.line}/payments`)).json();
    t.match(items, [{ amount: { amount: '1300.50' }, channel: 'shop', paid_at: '2026-03-20' }]);
    await send(path, { undo: '1' });

    for (const amount of ['1,300', '1.300', '-5', '0,00', '5 GBP']) {
      const refused = await send(path, { ...sent, amount });
      t.equal(refused.statusCode, 422, amount);
      t.match(refused.body, `value="${amount}" aria-invalid="true" aria-describedby="wrong-amount"`);
    }
    const accepted = {
      '300': '300',
      '9.50': '9.50',
      '9,50': '9.50',
      '1,300.50': '1300.50',
      '1.300,50': '1300.50',
    };
    for (const [written, amount] of Object.entries(accepted)) {
      await send(path, { ...sent, amount: written, channel: 'post' });
      const { items } = (await kim.api('GET', `/v1/lines/${kim.line}/payments`)).json();
      const pending = items.filter(({ state }: { state: string }) => state === 'pending');
      t.match(pending, [{ amount: { amount }, channel: 'official_site' }], written);
      await send(path, { undo: '1' });
    }
  });

  await t.test('a payment by its links: did not, undone, went through, proof saved', async (t) => {
    const bob = await person('Bob');
    await bob.api('POST', `/v1/lines/${bob.line}/records`, call('2026-01-01'));
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'app' };
    const { id } = (await bob.api('POST', `/v1/lines/${bob.line}/payments`, paid)).json();
    const state = async () => (await bob.api('GET', `/v1/payments/${id}`)).json();
    const no = await bob.one('It did not go through');
    await send(no);
    t.match(await state(), {
      state: 'failed',
      changes: [{}, { by: bob.feed, reason: /link/, link: 'said' }],
    });
    await send(no, { undo: '1' });
    t.match(await state(), { state: 'pending', changes: [{}, {}, { link: 'undone' }] });
    const yes = await bob.one('It went through');
    await send(yes);
    t.match(await state(), { state: 'confirmed' });
    t.notOk(
      (await bob.links()).some(({ said }) => said === 'It did not go through'),
      'its links are gone with it',
    );
    const proof = await bob.one('Proof saved');
    await send(proof);
    t.match(await state(), { proof_elsewhere: true, no_proof: false }, 'it was not said that there is none');
    t.notOk((await bob.links()).some(({ said }) => said === 'Proof saved'));
    await send(proof, { undo: '1' });
    t.match(await state(), { proof_elsewhere: false, no_proof: false });
    await send(proof);
    await bob.api('PATCH', `/v1/payments/${id}`, { no_proof: true });
    t.match((await send(proof, { undo: '1' })).body, 'Something has been recorded since');
    t.match(await state(), { proof_elsewhere: false, no_proof: true }, 'what was said since stands');
  });

  await t.test('a top-up that meets no deadline is told beside what does', async (t) => {
    const eva = await person('Eva');
    await eva.api('POST', `/v1/lines/${eva.line}/records`, call('2026-01-01'));
    const payments = async () => (await eva.api('GET', `/v1/lines/${eva.line}/payments`)).json().items;
    const path = await eva.one('Topped up', /^Renew/);
    const { body } = await open('GET', path);
    t.match(body, /<input name="amount"[^>]*> RUB/);
    t.notMatch(body, 'type="radio"', 'there is nothing to choose');
    t.match(body, /What the entry asks for is still to be done/);
    const nothing = await send(path, { on: '2025-03-28', amount: '' });
    t.match([nothing.statusCode, nothing.body], [422, /Give the sum that was paid in/]);
    const given = { on: '2026-03-27', amount: '150,50', channel: 'third_party' };
    t.match(body, 'min="2025-03-28" max="2026-03-28"');
    for (const on of ['2026-04-30', '2026-03-29', '2025-03-27', '0026-03-27'])
      t.match(
        (await send(path, { ...given, on })).body,
        /within the last twelve months, not later than today/,
        on,
      );
    t.same(await payments(), [], 'nothing was written');
    t.match((await send(path, given)).body, /Noted: Topped up/);
    t.match(await payments(), [
      {
        state: 'pending',
        makes: 'topup',
        paid_at: '2026-03-27',
        amount: roubles('150.50'),
        channel: 'third_party',
      },
    ]);
    const after = await eva.links();
    t.ok(
      after.some(({ said, title }) => said === 'Done' && /^Renew/.test(title)),
      'the entry stands as it did',
    );
    t.ok(
      after.some(({ said }) => said === 'It went through'),
      'and the payment is asked after',
    );
    const other = await eva.one('Topped up', /^(Last safe day|Overdue)/);
    const asked = await send(other, given);
    t.match([asked.statusCode, asked.body], [422, /A payment of this day and sum is noted/]);
    t.match(
      asked.body,
      /name="another" value="yes" aria-invalid="true" aria-describedby="wrong-another"> <span>This is another/,
    );
    t.notMatch(body, 'name="another"', 'it is not asked before');
    t.equal((await payments()).length, 1, 'told by two entries, a top-up is one payment');
    t.match((await send(other, { ...given, another: 'yes' })).body, /Noted: Topped up/);
    t.equal((await payments()).length, 2, 'but two of a day may be two');
    await send(other, { undo: '1' });
    await send(path, { undo: '1' });
    t.match(await payments(), [{ state: 'cancelled' }, { state: 'cancelled' }]);
    await send(path, given);
    t.match(
      (await payments()).map(({ state }: { state: string }) => state),
      ['cancelled', 'cancelled', 'pending'],
      'what was taken back is not in the way',
    );
    const { id } = (await payments()).at(-1);
    const seen = { credited: roubles('140'), balance: roubles('141') };
    t.equal((await eva.api('POST', `/v1/payments/${id}/confirm`, seen)).statusCode, 200);
    for (const amount of ['150.50', '140']) {
      const again = await send(other, { ...given, amount });
      t.match(again.body, /A payment of this day and sum is noted/, `${amount}: paid, or credited`);
    }
    t.match(
      (await send(other, { ...given, amount: '141' })).body,
      /Noted: Topped up/,
      'what was seen is no sum',
    );

    const ines = await person('Ines', 'gb/giffgaff/prepaid');
    await ines.api('POST', `/v1/lines/${ines.line}/records`, call('2026-01-01'));
    const own = await ines.links();
    t.ok(own.some(({ said }) => said === 'Done'));
    t.notOk(
      own.some(({ said }) => said === 'Topped up'),
      'where a top-up meets the deadline it is told as done',
    );
    await eva.api('PATCH', `/v1/feeds/${eva.feed}`, { detail: 'neutral' });
    t.notOk(
      (await eva.links()).some(({ said }) => said === 'Topped up'),
      'a calendar that names no carrier asks for no sum in its currency',
    );
  });

  await t.test('a proof comes with its link, and goes with it', async (t) => {
    const rosa = await person('Rosa');
    await rosa.api('POST', `/v1/lines/${rosa.line}/records`, call('2026-01-01'));
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'third_party' };
    const { id } = (await rosa.api('POST', `/v1/lines/${rosa.line}/payments`, paid)).json();
    const state = async () => (await rosa.api('GET', `/v1/payments/${id}`)).json();
    const proofs = async () => (await rosa.api('GET', `/v1/payments/${id}/proofs`)).json().items;
    const path = await rosa.one('Proof saved');
    const upload = (file: Parameters<typeof multipart>[0]) => {
      const { body, headers } = multipart(file);
      return open('POST', path, body, headers);
    };
    const files = () => filesIn(join(service.folder, 'proofs')).size;
    const nameless = namelessFiles();
    const photo = readFileSync(new URL('../fixtures/photo.jpg', import.meta.url));
    const { body } = await open('GET', path);
    t.match(body, /<form method="post" enctype="multipart\/form-data">/);
    t.match(body, /<input type="file" name="file" accept="image\/jpeg,/);
    t.notMatch(
      (await open('GET', await rosa.one('It went through'))).body,
      'multipart',
      'no other link takes one',
    );

    for (const [bytes, name, key] of [
      ['<html>', 'receipt.jpg', /This file is not taken/],
      ['', 'receipt.jpg', /The file is empty/],
      [Buffer.alloc(MAX_PROOF_BYTES + 1, 'x'), 'receipt.txt', /larger than 20\u00a0MB/],
      [photo.subarray(0, 300), 'receipt.jpg', /choose a screenshot of it/],
    ] as const) {
      const refused = await upload({ bytes, name, type: 'image/jpeg' });
      t.equal(refused.statusCode, 422);
      t.match(refused.body, key);
      t.match(refused.body, /aria-invalid="true" aria-describedby="wrong-file"/);
    }
    const broken = multipart({ bytes: photo, name: 'receipt.jpg' });
    const cut = await open('POST', path, broken.body.subarray(0, 400), broken.headers);
    t.match(cut.body, /This file is not taken/, 'one that broke off');
    t.same([await proofs(), files()], [[], 0], 'of what was refused nothing is left');

    const kept = await upload({ bytes: photo, name: 'receipt.jpg', type: 'image/jpeg' });
    t.match([kept.statusCode, kept.body], [200, /Noted: Proof saved/]);
    const [proof, ...others] = await proofs();
    t.match([proof, others], [{ name: 'receipt.jpg', type: 'image/jpeg' }, []]);
    t.match(await state(), { proofs: 1, proof_elsewhere: false });
    const file = (await rosa.api('GET', `/v1/proofs/${proof.id}/file`)).rawPayload;
    t.same(
      await placeIn('photo.jpg', file),
      { SourceFile: '/photo.jpg', ...STAYS },
      'where it was taken is not kept',
    );
    t.notOk(
      (await rosa.links()).some(({ said }) => said === 'Proof saved'),
      'it is asked for no more',
    );
    t.match((await upload({ bytes: photo, name: 'receipt.jpg' })).body, /Noted/, 'sent twice');
    t.equal((await proofs()).length, 1, 'it is kept once');

    t.match((await send(path, { undo: '1' })).body, 'Undone');
    t.same([await proofs(), files()], [[], 0]);
    const twice = await Promise.all([
      upload({ bytes: 'Paid 300', name: 'bank.txt', type: 'text/plain' }),
      upload({ bytes: 'Paid 300', name: 'bank.txt', type: 'text/plain' }),
    ]);
    t.same(
      twice.map(({ statusCode }) => statusCode),
      [200, 200],
    );
    t.same([(await proofs()).length, files()], [1, 1], 'at once, it is kept once too');
    await send(path, { undo: '1' });
    const none = await upload({ bytes: '', name: '' });
    t.match(none.body, /Noted: Proof saved/, 'a form in which no file was chosen');
    t.match(await state(), { proofs: 0, proof_elsewhere: true });
    await send(path, { undo: '1' });
    for (let number = 0; number < 10; number += 1) await sendFile(rosa.api, id, { bytes: `Paid ${number}` });
    t.match((await upload({ bytes: 'Paid', name: 'bank.txt' })).body, /nothing left to answer/);
    t.equal(namelessFiles(), nameless, 'nothing that was received is held');
  });

  await t.test('a proof whose place is gone when it has come is not kept, nor its link used', async (t) => {
    const olga = await person('Olga');
    await olga.api('POST', `/v1/lines/${olga.line}/records`, call('2026-01-01'));
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'third_party' };
    const { id } = (await olga.api('POST', `/v1/lines/${olga.line}/payments`, paid)).json();
    const path = await olga.one('Proof saved');
    const { proofs, store } = service.app;
    const { put } = proofs;
    t.teardown(() => Object.assign(proofs, { put }));
    const before = filesIn(join(service.folder, 'proofs')).size;
    const uploadWhile = async (happens: () => Promise<unknown>) => {
      proofs.put = async (...given) => {
        await happens();
        await put(...given);
      };
      const { body, headers } = multipart({ bytes: 'Paid 300', name: 'bank.txt', type: 'text/plain' });
      const answer = await open('POST', path, body, headers);
      t.equal(filesIn(join(service.folder, 'proofs')).size, before, 'no file stays');
      return answer;
    };
    const page = { statusCode: 404, headers: { 'content-type': /^text\/html/ } };
    const dropped = await uploadWhile(async () => {
      const [arriving] = await store.proofs.arriving();
      await store.write(null, (q) => q.proofs.drop(arriving?.id as string));
    });
    t.match(dropped, page, 'what another took for abandoned');
    t.match((await olga.api('GET', `/v1/payments/${id}`)).json(), { proofs: 0, proof_elsewhere: false });
    t.equal(await olga.one('Proof saved'), path, 'it is still asked for');
    const rows = Array.from({ length: 10 }, (_, index) => `proof_${engine}_${index}`);
    await store.write(null, async (q) => {
      for (const row of rows) {
        const node = 'another-machine/1/12345678';
        await q.proofs.begin({ id: row, payment: id, name: null, file: `zz/${row}`, node }, 10);
      }
    });
    const many = await uploadWhile(async () => {});
    t.match([many.statusCode, many.body], [422, /Ten proofs of this payment are kept already/]);
    await store.write(null, async (q) => {
      for (const row of rows) await q.proofs.drop(row);
    });
    const erased = await uploadWhile(() => olga.api('DELETE', `/v1/lines/${olga.line}`));
    t.match(erased, page, 'what was erased');
  });

  await t.test('with that a payment came goes what the carrier shows, and comes back with it', async (t) => {
    const ida = await person('Ida', 'au/lebara/prepaid');
    await ida.api('POST', `/v1/lines/${ida.line}/records`, {
      type: 'validity',
      at: '2026-01-10',
      until: '2026-04-10',
    });
    const dollars = (amount: string) => ({ amount, currency: 'AUD' });
    const paid = { paid_at: '2026-03-20', amount: dollars('20'), channel: 'app' };
    const { id } = (await ida.api('POST', `/v1/lines/${ida.line}/payments`, paid)).json();
    const path = await ida.one('It went through');
    const form = (await open('GET', path)).body;
    t.match(form, /name="balance".* AUD/);
    t.match(form, 'name="valid_until"');
    const refused = await send(path, { balance: '5', valid_until: '2019-01-01x' });
    t.equal(refused.statusCode, 422);
    t.match(refused.body, 'id="wrong-valid_until"');
    t.match(refused.body, 'name="balance" inputmode="decimal" autocomplete="off" value="5"');
    await send(path, { balance: '25.50', valid_until: '2027-01-31' });
    t.match((await ida.api('GET', `/v1/payments/${id}`)).json(), { state: 'confirmed' });
    const seen = async () =>
      (await ida.records())
        .filter(
          ({ type, voided_by }: { type: string; voided_by: string | null }) => type !== 'void' && !voided_by,
        )
        .slice(-2);
    t.match(await seen(), [
      { type: 'balance', amount: dollars('25.50'), at: '2026-03-28' },
      { type: 'validity', until: '2027-01-31' },
    ]);
    await send(path, { undo: '1' });
    t.match((await ida.api('GET', `/v1/payments/${id}`)).json(), { state: 'pending' });
    t.match(await seen(), [{ type: 'validity', until: '2026-04-10' }, { type: 'topup' }]);
    const failed = await ida.one('It did not go through');
    t.notMatch((await open('GET', failed)).body, 'name="balance"');
  });

  await t.test('to undo a link of a payment leaves what was credited as it was', async (t) => {
    const ben = await person('Ben');
    await ben.api('POST', `/v1/lines/${ben.line}/records`, call('2026-01-01'));
    const paid = { paid_at: '2026-03-20', amount: roubles('100'), channel: 'app' };
    const { id } = (await ben.api('POST', `/v1/lines/${ben.line}/payments`, paid)).json();
    await ben.api('POST', `/v1/payments/${id}/confirm`, { credited: roubles('90') });
    await ben.api('POST', `/v1/payments/${id}/fail`, { reason: 'taken back' });
    const path = await ben.one('It went through');
    const timeline = async () => (await ben.api('GET', `/v1/lines/${ben.line}/timeline`)).json();
    const before = await timeline();
    for (const [fields, state] of [
      [{}, 'confirmed'],
      [{ undo: '1' }, 'failed'],
    ] as const) {
      await send(path, fields);
      t.match((await ben.api('GET', `/v1/payments/${id}`)).json(), { state, credited: roubles('90') });
    }
    t.same(await timeline(), before);
  });

  await t.test('what can be undone no longer than the address serves says so', async (t) => {
    const ron = await person('Ron');
    await ron.api('POST', `/v1/lines/${ron.line}/records`, call('2026-01-01'));
    await ron.api('POST', `/v1/feeds/${ron.feed}/rotate`, { overlap_days: 1 });
    service.setNow('2026-03-28T21:00:00.000Z');
    const path = await ron.one('Remind me in three days');
    t.match(
      (await send(path)).body,
      /29 March 2026, 1[0-4]:00/,
      'the address ends at nine, and not at twenty-one',
    );
    service.setNow('2026-03-29T08:59:00.000Z');
    t.match((await send(path, { undo: '1' })).statusCode, 200);
    service.setNow('2026-03-29T09:01:00.000Z');
    t.equal((await open('GET', path)).statusCode, 404);
    service.setNow('2026-03-28T09:00:00.000Z');
  });

  await t.test('a link says only what its entry offers now', async (t) => {
    const fay = await person('Fay', 'gb/giffgaff/prepaid');
    const pounds = (amount: string) => ({ amount, currency: 'GBP' });
    await fay.api('POST', `/v1/lines/${fay.line}/records`, {
      type: 'topup',
      at: '2025-10-10',
      amount: pounds('10'),
    });
    const [one, other] = [await fay.one('Done', /^Renew/), await fay.one('Done', /Last safe day/)];
    await send(one, { way: 'top_up', on: '2026-03-28', amount: '10', channel: 'app' });
    const [payment] = (await fay.api('GET', `/v1/lines/${fay.line}/payments`)).json().items;
    t.match(payment, { state: 'pending' });
    t.equal((await open('GET', other)).statusCode, 410, 'it is paid, and no longer to be done');
    await send(other, { way: 'top_up', on: '2026-03-28', amount: '10', channel: 'app' });
    await fay.api('POST', `/v1/payments/${payment.id}/fail`, { reason: 'x' });
    const due = (await fay.agenda()).filter(({ kind }: { kind: string }) => /renew|last_safe_day/.test(kind));
    t.ok(due.length > 0);
    t.same(
      due.filter(({ state }: { state: string }) => state === 'done'),
      [],
      'what failed is still to be done',
    );
  });

  await t.test('a feed acts on what it shows, and on nothing else', async (t) => {
    const gus = await person('Gus');
    await gus.api('POST', `/v1/lines/${gus.line}/records`, call('2026-01-01'));
    const path = await gus.one('Done', /Last safe day/);
    const set = (options: object) => gus.api('PATCH', `/v1/feeds/${gus.feed}`, options);
    await set({ kinds: ['stage'] });
    t.equal((await open('GET', path)).statusCode, 410, 'another kind');
    await set({ kinds: null, lines: [] });
    t.equal((await open('GET', path)).statusCode, 404, 'another line');
    await send(path, { way: 'call', on: '2026-03-28' });
    t.equal((await gus.records()).length, 1);
    await set({ lines: [gus.line] });
    t.equal((await open('GET', path)).statusCode, 200);

    await set({ detail: 'neutral' });
    const links = (await gus.links()).map(({ said, title }) => `${said}: ${title}`);
    t.ok(
      links.some((link) => /^Remind me.*: Renewal due/.test(link)),
      links.join(),
    );
    t.same(
      links.filter((link) => /^Done: Renewal due/.test(link)),
      [],
      'the ways are the carrier’s',
    );
    t.equal((await open('GET', path)).statusCode, 410, 'nor by a link of before');
    const ticked = await gus.one('Done', /Back up/);
    await send(ticked);
    const feed = (await open('GET', gus.url)).body;
    t.match(feed, 'SUMMARY:✅ Back up your accounts');
    t.notMatch(feed, 'Renewal done');
  });

  await t.test('the day is one of the line’s, and errors are in the reader’s language', async (t) => {
    const hana = await person('Hana');
    await service.as(ADMIN)('PATCH', `/v1/users/${hana.id}`, { time_zone: 'Pacific/Auckland', locale: 'ru' });
    await hana.api('POST', `/v1/lines/${hana.line}/records`, call('2026-01-01'));
    service.setNow('2026-03-28T19:00:00.000Z');
    const path = await hana.one('Сделано', /день/i).catch(async () => (await hana.links())[0]?.path ?? '');
    const page = (await open('GET', path)).body;
    t.match(page, 'value="2026-03-28"', 'at the carrier it is still the 28th');
    const [way = ''] = /name="way" value="([^"]+)"/.exec(page)?.slice(1) ?? [];
    const { headers } = await open('GET', path);
    t.equal(headers['content-language'], 'ru');
    for (const fields of [{}, { way, on: '2027-01-01' }, { way, on: 'x' }]) {
      const wrong = await send(path, fields as Record<string, string>);
      t.equal(wrong.statusCode, 422);
      t.notMatch(
        /role="alert">(.*?)<\/div>/s.exec(wrong.body)?.[1] ?? 'x',
        /[a-z]{4,}(?![^<]*>)/,
        JSON.stringify(fields),
      );
    }
    t.equal((await send(path, { way, on: '2026-03-29' })).statusCode, 200, 'today, where they are');
    t.match((await hana.records()).at(-1), { at: '2026-03-28' });
    service.setNow('2026-03-28T09:00:00.000Z');
  });

  await t.test('to undo puts back what was, and nothing that has come since', async (t) => {
    const ivo = await person('Ivo');
    await ivo.api('POST', `/v1/lines/${ivo.line}/records`, call('2026-01-10'));
    const later = await ivo.one('Remind me in three days', /Move your accounts/);
    const done = await ivo.one('Done', /Move your accounts/);
    const backup = async () =>
      (await ivo.agenda())
        .filter(({ kind }: { kind: string }) => kind === 'backup')
        .map(({ on, state }: { on: string; state: string }) => `${on} ${state}`);
    await send(later);
    const reminded = await backup();
    t.ok(reminded.length > 1);
    service.setNow('2026-03-28T09:00:01.000Z');
    await send(done);
    const ticked = await backup();
    t.match(
      (await send(later, { undo: '1' })).body,
      /<h1><bdi>This can no longer be undone<.*Something has been recorded since/s,
    );
    t.same(await backup(), ticked);
    await send(done, { undo: '1' });
    t.same(await backup(), reminded, 'and the reminder is there again');
    service.setNow('2026-03-28T09:00:00.000Z');

    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'app' };
    const { id } = (await ivo.api('POST', `/v1/lines/${ivo.line}/payments`, paid)).json();
    await ivo.api('POST', `/v1/payments/${id}/fail`, { reason: 'x' });
    const support = async () =>
      (await ivo.agenda())
        .filter(({ kind }: { kind: string }) => kind === 'contact_support')
        .map(({ on }: { on: string }) => on);
    const asked = await support();
    service.setNow('2026-04-02T09:00:00.000Z');
    const through = await ivo.one('It went through', /support/i);
    await send(through);
    await send(through, { undo: '1' });
    t.same(await support(), asked, 'to have said it by mistake moves nothing');
    const again = await ivo.one('It went through', /support/i);
    await send(again);
    await ivo.api('POST', `/v1/payments/${id}/refund`, { reason: 'x' });
    t.match((await send(again, { undo: '1' })).body, 'Something has been recorded since');
    t.match((await ivo.api('GET', `/v1/payments/${id}`)).json(), { state: 'refunded' });
    service.setNow('2026-03-28T09:00:00.000Z');
  });

  await t.test('what a link said is undone also after what came since was undone', async (t) => {
    const leo = await person('Leo', 'gb/giffgaff/prepaid');
    const amount = { amount: '10', currency: 'GBP' };
    await leo.api('POST', `/v1/lines/${leo.line}/records`, { type: 'topup', at: '2025-10-10', amount });
    const paid = await leo.one('Done', /^Renew/);
    await send(paid, { way: 'top_up', on: '2026-03-27', amount: '10', channel: 'app' });
    const state = async () =>
      (await leo.api('GET', `/v1/lines/${leo.line}/payments`)).json().items[0].state as string;
    const failed = await leo.one('It did not go through');
    await send(failed);
    const through = await leo.one('It went through', /support/i);
    for (const _ of ['once', 'and once more']) {
      await send(through);
      t.equal(await state(), 'confirmed');
      t.match((await send(failed, { undo: '1' })).body, 'Something has been recorded since');
      await send(through, { undo: '1' });
      t.equal(await state(), 'failed');
    }
    await send(failed, { undo: '1' });
    t.equal(await state(), 'pending');
    await send(paid, { undo: '1' });
    t.equal(await state(), 'cancelled');
  });

  await t.test('what is taken back in another way can be said again by the same link', async (t) => {
    const mia = await person('Mia', 'gb/giffgaff/prepaid');
    const amount = { amount: '10', currency: 'GBP' };
    await mia.api('POST', `/v1/lines/${mia.line}/records`, { type: 'topup', at: '2025-10-10', amount });
    const paid = { paid_at: '2026-03-27', amount, channel: 'app' };
    const asks = async (path: string) => (await open('GET', path)).body.includes('<button>Yes: ');
    const records = async () =>
      (await mia.api('GET', `/v1/lines/${mia.line}/records?limit=200`)).json().items;

    const used = await mia.one('Done', /^Renew/);
    await send(used, { way: 'send_text', on: '2026-03-28' });
    t.notOk(await asks(used));
    const [record] = (await records()).slice(-1);
    const taken = { type: 'void', at: '2026-03-28', record: record.id };
    await mia.api('POST', `/v1/lines/${mia.line}/records`, taken);
    t.ok(await asks(used), 'a record that was voided');
    t.match((await send(used, { undo: '1' })).body, 'Something has been recorded since');
    const before = (await records()).length;
    await send(used, { way: 'top_up', on: '2026-03-28', amount: '10', channel: 'app' });
    t.equal((await records()).length, before + 1);
    const told = (await mia.api('GET', `/v1/lines/${mia.line}/payments`)).json().items;
    await mia.api('POST', `/v1/payments/${told[0].id}/cancel`);
    t.ok(await asks(used), 'a payment that was cancelled');

    const { id } = (await mia.api('POST', `/v1/lines/${mia.line}/payments`, paid)).json();
    const payment = async () => (await mia.api('GET', `/v1/payments/${id}`)).json();
    for (const [label, state] of [
      ['It went through', 'confirmed'],
      ['It did not go through', 'failed'],
    ] as const) {
      const path = await mia.one(label, /go through/);
      for (const _ of ['once', 'and once more']) {
        await send(path);
        t.equal((await payment()).state, state);
        await mia.api('POST', `/v1/payments/${id}/reopen`);
        t.ok(await asks(path), `a payment that was reopened: ${label}`);
      }
    }

    const saved = await mia.one('Proof saved');
    const { body, headers } = multipart({ bytes: 'paid 10', name: 'receipt.txt', type: 'text/plain' });
    for (const _ of ['once', 'and once more']) {
      t.equal((await open('POST', saved, body, headers)).statusCode, 200);
      t.equal((await payment()).proofs, 1);
      t.notOk(await asks(saved));
      const { items } = (await mia.api('GET', `/v1/payments/${id}/proofs`)).json();
      await mia.api('DELETE', `/v1/proofs/${items[0].id}`);
      t.ok(await asks(saved), 'a proof that was deleted');
    }
    await send(saved);
    await mia.api('PATCH', `/v1/payments/${id}`, { proof_elsewhere: false });
    t.ok(await asks(saved), 'a proof that is not elsewhere');
  });

  await t.test('that the money of a failed payment came back ends what is asked for it', async (t) => {
    const una = await person('Una');
    await una.api('POST', `/v1/lines/${una.line}/records`, call('2026-01-10'));
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'app' };
    const { id } = (await una.api('POST', `/v1/lines/${una.line}/payments`, paid)).json();
    const state = async () => (await una.api('GET', `/v1/payments/${id}`)).json().state;
    const ofPayment = async () =>
      (await una.agenda())
        .filter(({ payment }: { payment: string | null }) => payment === id)
        .map(({ kind, on }: { kind: string; on: string }) => `${kind} ${on}`);
    t.notOk(
      (await una.links()).some(({ said }) => said === 'The money came back'),
      'it may yet go through',
    );
    await una.api('POST', `/v1/payments/${id}/fail`, { reason: 'x' });
    const asked = await ofPayment();
    t.ok(asked.length > 1);
    service.setNow('2026-04-02T09:00:00.000Z');
    const back = await una.one('The money came back', /support/i);
    t.match((await open('GET', back)).body, 'Yes: The money came back');
    t.equal(await state(), 'failed', 'to read the page changes nothing');
    t.match((await send(back)).body, 'Noted: The money came back');
    t.equal(await state(), 'refunded');
    t.same(await ofPayment(), [], 'nothing is asked for it any more');
    t.match((await send(back, { undo: '1' })).body, 'Undone');
    t.equal(await state(), 'failed');
    t.same(await ofPayment(), asked, 'on the days on which it was asked for');
    service.setNow('2026-03-28T09:00:00.000Z');
  });

  await t.test('a payment that left and came back is not what the link made of it', async (t) => {
    const kai = await person('Kai');
    await kai.api('POST', `/v1/lines/${kai.line}/records`, {
      items: [call('2026-01-10'), { type: 'balance', at: '2026-01-10', amount: roubles('300') }],
    });
    const paid = { paid_at: '2026-03-20', amount: roubles('300'), channel: 'app' };
    const { id } = (await kai.api('POST', `/v1/lines/${kai.line}/payments`, paid)).json();
    const through = await kai.one('It went through');
    await send(through);
    await kai.api('POST', `/v1/payments/${id}/fail`, { reason: 'support says no' });
    await kai.api('POST', `/v1/payments/${id}/confirm`, { balance: roubles('590') });
    t.match((await send(through, { undo: '1' })).body, 'Something has been recorded since');
    t.match((await kai.api('GET', `/v1/payments/${id}`)).json(), { state: 'confirmed' });
    const { balance } = (await kai.api('GET', `/v1/lines/${kai.line}/timeline`)).json();
    t.equal(balance.amount, '590.00', 'what was seen stands');

    service.setNow('2026-03-29T09:00:00.000Z');
    const kept = (await kai.links()).filter(({ said }) => said === 'Proof saved').map(({ path }) => path);
    t.ok(kept.length > 1, 'each week asks for the proof');
    await send(kept[0] as string);
    await kai.api('PATCH', `/v1/payments/${id}`, { proof_elsewhere: false });
    service.setNow('2026-03-29T10:00:00.000Z');
    await send(kept[1] as string);
    await send(kept[0] as string, { undo: '1' });
    t.match((await kai.api('GET', `/v1/payments/${id}`)).json(), { proof_elsewhere: true });
    await send(kept[1] as string, { undo: '1' });
    t.match((await kai.api('GET', `/v1/payments/${id}`)).json(), { proof_elsewhere: false });
    service.setNow('2026-03-28T09:00:00.000Z');
  });

  await t.test('each page says in its heading what it is, in its language', async (t) => {
    const ask = (language: string) => open('GET', '/act/x', undefined, { 'accept-language': language });
    t.match((await ask('en')).body, '<h1><bdi>This link does not work</bdi></h1>');
    t.match((await ask('ru')).body, '<h1><bdi>Ссылка не действует</bdi></h1>');
    const chinese = await ask('zh-CN');
    t.match(chinese.body, /<html lang="zh-Hans">.*<h1><bdi>链接无效<\/bdi><\/h1>/s);
    t.equal(chinese.headers['content-language'], 'zh');
    const lea = await person('Lea');
    await lea.api('POST', `/v1/lines/${lea.line}/records`, call('2026-01-01'));
    const path = await lea.one('Done', /Last safe day/);
    await lea.api('POST', `/v1/lines/${lea.line}/records`, call('2026-03-27'));
    t.match((await open('GET', path)).body, '<h1><bdi>Nothing left to answer</bdi></h1>');
  });

  await t.test('remind me in three days; done with what asks for no record', async (t) => {
    const cleo = await person('Cleo');
    await cleo.api('POST', `/v1/lines/${cleo.line}/records`, call('2026-01-10'));
    const later = await cleo.one('Remind me in three days', /Last safe day/);
    const { body } = await send(later);
    t.match(body, 'The reminder will be in the calendar on 31 March 2026.');
    t.notOk(body.includes(String.raw`\n`), 'no end of a line is spelt out');
    const items = await cleo.agenda();
    t.ok(
      items.some(
        (item: { kind: string; on: string }) => item.kind === 'last_safe_day' && item.on === '2026-03-31',
      ),
    );
    const feed = (await open('GET', cleo.url)).body;
    t.match(feed, 'DTSTART;VALUE=DATE:20260331', 'and it stands in the feed');
    await send(later, { undo: '1' });
    t.same(
      await cleo.agenda(),
      items.filter(
        (item: { on: string; kind: string }) => !(item.kind === 'last_safe_day' && item.on === '2026-03-31'),
      ),
    );
    const moved = await cleo.one('Done', /Move your accounts/);
    const backup = async () =>
      (await cleo.agenda()).find((item: { kind: string }) => item.kind === 'backup').state;
    await send(await cleo.one('Remind me in three days', /Last safe day/));
    const marked = await cleo.agenda();
    await send(moved);
    t.equal(await backup(), 'done');
    await send(moved, { undo: '1' });
    t.same(await cleo.agenda(), marked, 'what was said of another entry of the cycle has no part in it');
    await send(moved);
    t.match(
      (await cleo.agenda()).find((item: { kind: string }) => item.kind === 'backup'),
      { state: 'done' },
    );
  });

  // It presses many links, and what they lay out is no matter of the engine.
  const once = { skip: engine !== 'sqlite' };
  await t.test('a reminder stands on the day that its page names, whatever it is of', once, async (t) => {
    const named = async (name: string, rule?: string) => {
      const made = await person(name, rule);
      await service.as(ADMIN)('PATCH', `/v1/users/${made.id}`, { time_zone: 'Europe/Moscow' });
      await made.api('PATCH', `/v1/feeds/${made.feed}`, { alarms: 'both' });
      return { ...made, name };
    };
    const zoe = await named('Zoe');
    await zoe.api('POST', `/v1/lines/${zoe.line}/records`, call('2026-02-20'));
    const paid = { paid_at: '2026-03-27', amount: roubles('300'), channel: 'app' };
    await zoe.api('POST', `/v1/lines/${zoe.line}/payments`, paid);
    const { id } = (await zoe.api('POST', `/v1/lines/${zoe.line}/payments`, paid)).json();
    await zoe.api('POST', `/v1/payments/${id}/fail`, { reason: 'x' });
    const abe = await named('Abe', 'ae/etisalat/wasel');
    await abe.api('POST', `/v1/lines/${abe.line}/records`, {
      items: [{ type: 'identity', at: '2025-07-01', valid_until: '2026-03-23' }, call('2026-03-26')],
    });

    type Item = { on: string; uid: string; kind: string; title: string; text: string };
    const events = async ({ url }: { url: string }, day: string) =>
      (await open('GET', url)).body
        .replaceAll('\r\n ', '')
        .split('BEGIN:VEVENT')
        .filter((event) => event.includes(`DTSTART;VALUE=DATE:${day.replaceAll('-', '')}`));
    /** One link to be reminded again of each kind of entry that a feed has. */
    const laters = async ({ links, name }: Awaited<ReturnType<typeof named>>) => {
      const found = (await links())
        .filter(({ said }) => said === 'Remind me in three days')
        .filter(({ title }) => name === 'Zoe' || /dentity/.test(title));
      const kinds = Map.groupBy(found, ({ title }) => title.replace(/\d+|days?/g, ''));
      return [...kinds.values()].map(([link]) => link as { title: string; path: string });
    };
    const reminded = new Set<string>();
    for (const [today, day, date] of [
      ['2026-05-10', '2026-05-13', '13 May 2026'],
      ['2026-05-18', '2026-05-21', '21 May 2026'],
      ['2026-05-21', '2026-05-24', '24 May 2026'],
    ] as const) {
      service.setNow(`${today}T09:00:00.000Z`);
      for (const who of [zoe, abe]) {
        for (const { title, path } of await laters(who)) {
          const page = await send(path);
          t.match(
            [page.statusCode, page.body],
            [200, `The reminder will be in the calendar on ${date}.`],
            title,
          );
          const there = await events(who, day);
          t.ok(there.length > 0, `${title} on ${day}`);
          const items = ((await who.agenda()) as Item[]).filter(({ on }) => on === day);
          for (const item of items) {
            reminded.add(item.kind);
            t.ok(
              there.some((event) => event.includes(`UID:${item.uid}`)),
              `${item.title} is in the feed`,
            );
            t.equal(/overdue/i.test(item.title), item.kind === 'overdue');
          }
          if (/overdue|Renew|Last safe|left|dentity/i.test(title)) {
            const due = items.filter(({ kind }) => /overdue|renew|last_safe_day|identity/.test(kind));
            const isLate = today === '2026-05-21';
            for (const { kind } of due) t.equal(kind === 'overdue', isLate, `${title} put off to ${day}`);
          }
          const said = items.map((item) => `${item.title} ${item.text}`);
          t.equal(new Set(said).size, said.length, 'and nothing twice');
          t.match((await open('GET', path)).body, date, 'and the page says so when it is read again');
          await send(path, { undo: '1' });
        }
      }
    }
    t.match(
      [...reminded].sort().join(' '),
      'backup check_account check_payment contact_support identity last_safe_day overdue renew save_proof',
    );
    await zoe.api('PATCH', `/v1/feeds/${zoe.feed}`, { kinds: ['overdue'] });
    service.setNow('2026-05-10T09:00:00.000Z');
    await send(await zoe.one('Remind me in three days'));
    t.match((await events(zoe, '2026-05-13')).join(), 'SUMMARY:Renew', 'also where no other kind is shown');

    const lou = await person('Lou', 'gb/giffgaff/prepaid');
    const pounds = { amount: '10', currency: 'GBP' };
    await lou.api('POST', `/v1/lines/${lou.line}/records`, {
      type: 'topup',
      at: '2025-09-10',
      amount: pounds,
    });
    const { act_by, latest_lost_on } = (
      await lou.api('GET', `/v1/lines/${lou.line}/timeline?as_of=2025-09-10`)
    ).json();
    service.setNow(`${latest_lost_on}T09:00:00.000Z`);
    const last = await lou.one('Remind me in three days', /Last safe day/);
    const late = await send(last);
    t.equal(late.statusCode, 422, `${act_by} ${latest_lost_on}`);
    t.match(late.body, 'In three days the number is lost by the records');
    service.setNow('2026-03-28T09:00:00.000Z');
  });

  await t.test('what is seen at the carrier is told where an entry asks to look', async (t) => {
    const finn = await person('Finn');
    await finn.api('POST', `/v1/lines/${finn.line}/records`, call('2026-03-20'));
    const path = await finn.one('Done', /Check the account/);
    const form = (await open('GET', path)).body;
    t.match(form, 'name="balance"');
    t.notMatch(form, 'name="valid_until"', 'this carrier shows no date');
    const refused = await send(path, { balance: '1,300' });
    t.equal(refused.statusCode, 422);
    t.match(refused.body, 'value="1,300" aria-invalid="true" aria-describedby="wrong-balance"');
    t.match(refused.body, 'Give the balance as a number');
    t.equal((await finn.records()).length, 1);
    t.equal((await send(path, { balance: '-2,50' })).statusCode, 200);
    const [, seen] = await finn.records();
    t.match(seen, { type: 'balance', at: '2026-03-28', amount: { amount: '-2.50', currency: 'RUB' } });
    const checked = async () =>
      (await finn.agenda()).filter((item: { kind: string; state: string }) => item.kind === 'check_account');
    t.ok((await checked()).some((item: { state: string }) => item.state === 'done'));
    t.match((await send(path, { undo: '1' })).body, 'Undone.');
    t.ok((await finn.records())[1].voided_by);
    t.notOk((await checked()).some((item: { state: string }) => item.state === 'done'));

    const gail = await person('Gail', 'au/lebara/prepaid');
    await gail.api('POST', `/v1/lines/${gail.line}/records`, {
      type: 'validity',
      at: '2026-01-10',
      until: '2026-05-10',
    });
    const look = await gail.one('Done', /Check the account/);
    t.match((await open('GET', look)).body, 'name="valid_until"');
    for (const valid_until of ['2026-13-01', '0202-06-01', '9999-12-31'])
      t.equal((await send(look, { valid_until })).statusCode, 422, 'an export of it would not come in again');
    t.equal((await send(look, { valid_until: '2026-06-01' })).statusCode, 200);
    t.match((await gail.records()).at(-1), { type: 'validity', at: '2026-03-28', until: '2026-06-01' });
    t.equal((await gail.api('GET', `/v1/lines/${gail.line}/timeline`)).json().act_by, '2026-06-01');

    const hugo = await person('Hugo');
    await hugo.api('POST', `/v1/lines/${hugo.line}/records`, call('2026-03-20'));
    const quiet = await hugo.one('Done', /Check the account/);
    await hugo.api('PATCH', `/v1/feeds/${hugo.feed}`, { detail: 'neutral' });
    t.notMatch(
      (await open('GET', quiet)).body,
      /name="balance"|RUB/,
      'no page of a neutral feed names a currency',
    );
    const backup = await finn.one('Done', /Move your accounts/);
    await send(backup, { balance: '5' });
    t.equal((await finn.records()).length, 3, 'only where it was asked for');
  });

  await t.test('a paid way becomes a payment that is followed', async (t) => {
    const dora = await person('Dora', 'gb/giffgaff/prepaid');
    await dora.api('POST', `/v1/lines/${dora.line}/records`, {
      type: 'topup',
      at: '2025-10-10',
      amount: { amount: '10', currency: 'GBP' },
    });
    const path = await dora.one('Done', /Last safe day/);
    const page = (await open('GET', path)).body;
    const ways = [...page.matchAll(/name="way" value="([^"]+)"/g)].map(([, way]) => way as string);
    const topup = ways.find((way) => /top/.test(way)) ?? '';
    const sent = await send(path, { way: topup, on: '2026-03-28', amount: '10,00', channel: 'app' });
    t.equal(sent.statusCode, 200, sent.body);
    const { items } = (await dora.api('GET', `/v1/lines/${dora.line}/payments`)).json();
    t.match(items, [{ state: 'pending', amount: { amount: '10.00', currency: 'GBP' }, channel: 'app' }]);
    t.match(
      (await send(path, { way: topup, on: '2026-03-28', amount: '<b>', channel: 'x' })).statusCode,
      200,
      'done once',
    );
    await send(path, { undo: '1' });
    t.match((await dora.api('GET', `/v1/lines/${dora.line}/payments`)).json().items, [
      { state: 'cancelled' },
    ]);
  });

  await t.test(
    'a link dies: by a day, its cycle, its feed’s rotation, its end; and no other is one',
    async (t) => {
      const eva = await person('Eva');
      await eva.api('POST', `/v1/lines/${eva.line}/records`, call('2026-01-01'));
      const path = await eva.one('Done', /Last safe day/);
      await eva.api('POST', `/v1/lines/${eva.line}/records`, call('2026-03-27'));
      t.equal((await open('GET', path)).statusCode, 410, 'its cycle is over');
      t.equal((await send(path, { way: 'x', on: '2026-03-28' })).statusCode, 200);
      t.equal((await eva.records()).length, 2, 'and it does nothing');

      const next = await eva.one('Remind me in three days');
      await send(next);
      service.setNow('2026-03-29T10:00:00.000Z');
      t.notMatch((await open('GET', next)).body, 'Undo', 'after a day it stands');
      service.setNow('2026-03-28T09:00:00.000Z');
      const fresh = await eva.one('Remind me in three days');
      const rotated = (await eva.api('POST', `/v1/feeds/${eva.feed}/rotate`)).json();
      t.equal((await open('GET', fresh)).statusCode, 404, 'rotated');
      const [there] = await eva.links(new URL(rotated.urls.https).pathname);
      t.equal((await open('GET', there?.path ?? '')).statusCode, 200, 'the new address has new ones');
      for (const wrong of [
        `${there?.path}A`,
        `${there?.path.slice(0, -1)}!`,
        '/act/x',
        `/act/${'A'.repeat(87)}`,
        `/act/${'A'.repeat(99)}`,
      ]) {
        const answer = await send(wrong, { undo: '1' });
        t.equal(answer.statusCode, 404, wrong);
        t.notMatch(answer.body, 'Eva');
      }
      t.equal((await open('POST', there?.path ?? '', { a: 1 })).statusCode, 415);
      const [old] = await eva.links();
      t.equal((await open('GET', old?.path ?? '')).statusCode, 200, 'while the old address serves');
      service.setNow('2026-04-05T09:00:00.000Z');
      t.equal((await open('GET', old?.path ?? '')).statusCode, 404, 'what came by it ends with it');
      const address = new URL(rotated.urls.https).pathname;
      const stays = (await eva.links(address)).find(({ said }) => said === 'Remind me in three days');
      t.equal((await open('GET', stays?.path ?? '')).statusCode, 200, 'the new address goes on');
      service.setNow('2026-03-28T09:00:00.000Z');
      await eva.api('PATCH', `/v1/feeds/${eva.feed}`, { action_links: false });
      t.equal((await open('GET', there?.path ?? '')).statusCode, 404, 'without the option there are none');
      await eva.api('PATCH', `/v1/feeds/${eva.feed}`, { action_links: true });
      await eva.api('DELETE', `/v1/feeds/${eva.feed}`);
      t.equal((await open('GET', there?.path ?? '')).statusCode, 404, 'revoked');
    },
  );

  await t.test('what a link has done is forgotten after a month, and stands', async (t) => {
    service.setNow('2026-03-28T09:00:00.000Z');
    const frank = await person('Frank');
    await frank.api('POST', `/v1/lines/${frank.line}/records`, call('2026-01-01'));
    const path = await frank.one('Remind me in three days');
    const undo = /name="undo" value="([^"]+)"/.exec((await send(path)).body)?.[1] as string;
    const { store } = service.app;
    const kept = async () => (await store.acts.ofLine(frank.line)).length;
    service.setNow('2026-04-20T09:00:00.000Z');
    await store.write(null, (q) => q.sweep());
    t.equal(await kept(), 1);
    service.setNow('2026-04-28T09:00:00.000Z');
    await store.write(null, (q) => q.sweep());
    t.equal(await kept(), 0);
    t.notMatch((await send(path, { undo })).body, '<h1><bdi>Undone', 'nobody is told that it was taken back');
    t.equal((await store.marks.ofLines([frank.line])).get(frank.line)?.length, 1);
  });

  t.ok(
    service.lines.every((line) => !/act\/[\w-]{20}/.test(line)),
    'no ticket reaches the log',
  );
  const metrics = (await open('GET', '/metrics')).body;
  t.notMatch(metrics, /act\/[\w-]{20}/);
}

t.test('where nobody has said how people reach the service, they lead where it listens', async (t) => {
  const service = await serve(t, { environment: { HOST: '::1', PORT: '8080' } });
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  await api('POST', `/v1/lines/${anna.line}/records`, call('2026-01-01'));
  const made = (await api('POST', `/v1/users/${anna.id}/feeds`, { name: 'x', action_links: true })).json();
  const { pathname, origin } = new URL(made.urls.https);
  const body = (await service.as(null)('GET', pathname)).body.replaceAll('\r\n ', '');
  t.equal(origin, 'http://[::1]:8080');
  t.match(body, /http:\/\/\[::1\]:8080\/act\//);
  t.notMatch(body, /^URL:/m, 'which the calendar itself does not name');
});

t.test('without an address to lead to, no feed can have them', async (t) => {
  const service = await serve(t, { environment: { PORT: '0' } });
  const anna = await addPerson(service, 'Anna');
  const answer = await service.as(ADMIN)('PATCH', `/v1/feeds/${anna.feed}`, { action_links: true });
  t.match(answer.json(), { status: 422, errors: [{ pointer: '/action_links', mend: /PUBLIC_URL/ }] });
});
