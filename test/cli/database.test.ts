import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { digest } from '../../src/store/digest.ts';
import { openStore } from '../../src/store/store.ts';
import { sendFile } from '../http/multipart.ts';
import { addPerson, roubles, serve } from '../http/service.ts';
import { invoke, scratch } from './invoke.ts';

const EXAMPLE = 'examples/records.yaml';

t.test('what an export cannot be asked, and what is no file, is told before anything is done', async (t) => {
  const { folder, file } = await scratch(t);
  const env = { DATABASE_URL: `sqlite:${folder}/one.db` };
  const all = await file('all.ndjson', '');
  const asked = await invoke(['import', all, '--user', 'demo-anna'], { env });
  t.match([asked.code, asked.stderr], [2, /--user is for sheets/]);
  await mkdir(`${folder}/folder.ndjson`);
  const none = await invoke(['import', `${folder}/folder.ndjson`], { env });
  t.match([none.code, none.stderr], [2, /folder\.ndjson is a folder/]);
});

const skip = !existsSync('/dev/full') && 'there is no /dev/full';
t.test('an output that cannot be written is told', { skip }, async (t) => {
  const full = openSync('/dev/full', 'w');
  const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program, 'help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  t.match([status, stderr], [1, 'keepline: the output could not be written whole (ENOSPC).']);
});

t.test('import and export: in, out, and in again, without doubling anything', async (t) => {
  const { folder, file } = await scratch(t);
  const env = { DATABASE_URL: `sqlite:${folder}/one.db` };
  const first = await invoke(['import', EXAMPLE], { env, isTTY: true });
  t.equal(first.code, 0);
  t.equal(first.stdout.split('\n')[0], 'people: 3 new, 0 changed, 0 as they were');
  t.match(first.stderr, /█.* 100 % of examples/, 'a bar where there is a terminal');
  const again = JSON.parse((await invoke(['import', EXAMPLE, '--json'], { env })).stdout);
  t.match(again, { users: { made: 0, unchanged: 3 }, lines: { made: 0, unchanged: 8 }, problems: [] });
  t.equal(again.records.made, 0);

  const { code, stdout } = await invoke(['export'], { env });
  t.equal(code, 0);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row));
  const { objects } = { objects: rows.map(({ object }) => object) };
  t.same(new Set(objects), new Set(['user', 'line', 'record']));
  t.notMatch(stdout, /klk_|klf_/);

  const all = await file('all.ndjson', stdout);
  const other = { DATABASE_URL: `sqlite:${folder}/two.db` };
  const copied = await invoke(['import', all], { env: other });
  t.equal(copied.code, 0);
  t.equal(copied.stderr, '', 'no bar without a terminal');
  t.equal((await invoke(['export'], { env: other })).stdout, stdout, 'the same rows');
  t.same(
    (await invoke(['timeline', all], { env })).stdout,
    (await invoke(['timeline', EXAMPLE], { env })).stdout,
  );

  const anna = await invoke(['export', '--user', 'demo-anna'], { env });
  t.equal(
    anna.stdout,
    rows
      .slice(0, anna.stdout.trimEnd().split('\n').length)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
  t.equal((await invoke(['export', '--user', 'nobody'], { env })).code, 1);
});

t.test('import: what is wrong stays out, and is told with its line', async (t) => {
  const { folder, file } = await scratch(t);
  const env = { DATABASE_URL: `sqlite:${folder}/x.db` };
  const person = (id: string, rule: string) =>
    [
      { object: 'user', external_id: id, name: id, locale: 'en', time_zone: 'UTC' },
      { object: 'line', external_id: `${id}-line`, rule, label: 'x' },
    ]
      .map((row) => `${JSON.stringify(row)}\n`)
      .join('');
  const mixed = await file(
    'mixed.ndjson',
    `${person('good', 'gb/ee/prepaid')}${person('bad', 'gb/none/prepaid')}no JSON\n`,
  );
  const { code, stdout, stderr } = await invoke(['import', mixed], { env });
  t.equal(code, 1);
  t.match(stdout, 'people: 1 new');
  t.match(stderr, /mixed\.ndjson:5:1: /);
  const kept = (await invoke(['export'], { env })).stdout;
  t.match(kept, '"external_id":"good"');
  t.notMatch(kept, '"external_id":"bad"');

  const unnamed = await file(
    'unnamed.yaml',
    'name: A\nlocale: en\ntime_zone: UTC\nlines:\n- { rule: gb/ee/prepaid, label: x }\n',
  );
  const refused = await invoke(['import', unnamed], { env });
  t.equal(refused.code, 1);
  t.match(refused.stderr, /unnamed\.yaml:1:1: external_id is missing: give the person one/);
  t.match(refused.stderr, /unnamed\.yaml:5:3: external_id is missing: give the line one/);

  const changed = (amount: string) =>
    file(
      'changed.yaml',
      `name: A\nexternal_id: a\nlocale: en\ntime_zone: UTC\nlines:\n- rule: gb/ee/prepaid\n  external_id: l\n  label: x\n  records:\n  - { type: topup, at: 2026-05-01, external_id: t, amount: ${amount} GBP }\n`,
    );
  t.equal((await invoke(['import', await changed('10')], { env })).code, 0);
  const rewritten = await invoke(['import', await changed('20')], { env });
  t.equal(rewritten.code, 1);
  t.match(rewritten.stderr, /changed\.yaml:10:5: The ledger has this record with other contents\. .*void it/);
});

t.test('keys: made, shown once, listed without their secret, revoked', async (t) => {
  const { folder } = await scratch(t);
  const url = `sqlite:${folder}/x.db`;
  const env = { DATABASE_URL: url };
  t.match(await invoke(['keys', 'list'], { env }), {
    code: 0,
    stdout: '',
    stderr: /no admin keys; --user USER/,
  });
  const elsewhere = { ...env, PROOFS_URL: 's3://bucket/two words' };
  t.match(await invoke(['keys', 'list'], { env: elsewhere }), {
    stdout: '',
    stderr: /^keepline: PROOFS_URL [^\n]+\n$/,
  });
  await invoke(['import', EXAMPLE], { env });
  const made = await invoke(['keys', 'create', 'backup script'], { env });
  t.match(made, { code: 0, stdout: /^klk_[\w-]{43}\n$/ });
  const args = [
    'keys',
    'create',
    'Home',
    '--user',
    'demo-anna',
    '--scope',
    'write',
    '--expires',
    '2027-01-01',
    '--json',
  ];
  const anna = JSON.parse((await invoke(args, { env })).stdout);
  t.match(anna, { scope: 'write', name: 'Home', expires_at: '2027-01-01T00:00:00.000Z', secret: /^klk_/ });

  const listed = await invoke(['keys', 'list'], { env });
  t.match(listed.stdout, /^key_\S+ {2}admin {2}backup script {2}without end {2}never used\n$/);
  const { items } = JSON.parse(
    (await invoke(['keys', 'list', '--user', 'demo-anna', '--json'], { env })).stdout,
  );
  t.same([items.length, items[0].id, 'secret' in items[0], 'digest' in items[0]], [1, anna.id, false, false]);

  t.equal((await invoke(['keys', 'create', 'x', '--user', 'nobody'], { env })).code, 1);
  t.match(await invoke(['keys', 'revoke', anna.id], { env }), { code: 0, stdout: 'Revoked "Home".\n' });
  t.match(await invoke(['keys', 'revoke', anna.id], { env }), { code: 1, stderr: /no such key/ });
  t.equal((await invoke(['keys', 'revoke', made.stdout.trim()], { env })).code, 0);
  const store = await openStore({ url });
  t.equal(await store.keys.byDigest(digest(anna.secret)), null);
  t.equal(await store.keys.byDigest(digest(made.stdout.trim())), null);
  await store.close();
});

t.test('a database that cannot be opened is told in a sentence', async (t) => {
  const { file } = await scratch(t);
  const path = await file('no.db', 'this is no database, though it has a name that says it is one');
  const { code, stderr } = await invoke(['export'], { env: { DATABASE_URL: `sqlite:${path}` } });
  t.equal(code, 1);
  t.match(stderr, /^keepline: /);
  t.notMatch(stderr, /\n {4}at /);
});

t.test('an export with proofs tells of those whose file is gone, and brings out the rest', async (t) => {
  const service = await serve(t);
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  const paid = { paid_at: '2026-03-10', amount: roubles('300'), channel: 'app' };
  const { id: payment } = (await api('POST', `/v1/lines/${anna.line}/payments`, paid)).json();
  const [gone, kept] = [
    (await sendFile(api, payment, { bytes: 'lost' })).json().id as string,
    (await sendFile(api, payment, { bytes: 'kept' })).json().id as string,
  ];
  const proofs = join(service.folder, 'proofs');
  rmSync(join(proofs, gone.slice(-2), gone));
  const env = {
    DATABASE_URL: `sqlite:${join(service.folder, 'keepline.db')}`,
    PROOFS_URL: `file:${proofs}`,
  };
  const plain = await invoke(['export'], { env });
  t.match([plain.code, plain.stderr], [0, ''], 'not where no proofs are asked for');
  const { code, stdout, stderr } = await invoke(['export', '--proofs'], { env });
  t.equal(code, 1);
  t.match(stderr, `the file of the proof ${gone} is gone; it is left out.`);
  t.notMatch(stderr, kept);
  const rows = stdout.split('\n').filter((row) => row.includes('"object":"proof'));
  t.match(
    rows.map((row) => JSON.parse(row)),
    [{ id: kept }, { proof: kept, data: Buffer.from('kept').toString('base64') }],
  );
});
