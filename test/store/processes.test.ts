import { type ChildProcess, spawn } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import t, { type Test } from 'tap';
import { openStore } from '../../src/store/store.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';
import { anna, newFeed, newLine, temporaryFolder } from '../support/stores.ts';

const script = path.join(import.meta.dirname, '../support/store-process.ts');

const start = (...parameters: string[]) => {
  const child = spawn(process.execPath, [script, ...parameters], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ended, lines: () => said.out.split('\n').slice(0, -1) };
};

/** Makes a person with some lines and answers the lines' ids. */
const prepare = async (url: string, count = 3): Promise<string[]> => {
  const store = await openStore({ url });
  const ids = await store.write(null, async (q) => {
    const lines: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const user = await q.users.create(anna);
      lines.push((await q.lines.create(newLine(user.id))).id);
    }
    return lines;
  });
  await store.close();
  return ids;
};

/** Lets a process write until `enough` writes are acknowledged, kills something, and counts what is missing. */
const killWhileWriting = async (
  t: Test,
  url: string,
  kill: (child: ChildProcess) => Promise<unknown> | unknown,
  enough = 150,
) => {
  const lines = await prepare(url);
  const writer = start('write', url, ...lines);
  await eventually(() => {
    if (writer.child.exitCode !== null) throw new Error(writer.said.err);
    return writer.lines().length >= enough;
  });
  await kill(writer.child);
  await writer.ended;
  const acknowledged = writer.lines();
  const store = await openStore({ url });
  const ledgers = await store.records.ofLines(lines);
  await store.close();
  const kept = new Set([...ledgers.values()].flat().map(({ id }) => id));
  const lost = acknowledged.filter((id) => !kept.has(id));
  t.comment(`acknowledged ${acknowledged.length}, lost ${lost.length}`);
  t.ok(acknowledged.length >= enough);
  t.same(lost, [], `${acknowledged.length} acknowledged, none lost`);
  for (const ledger of ledgers.values()) {
    t.same(
      ledger.map(({ seq }) => seq),
      ledger.map((_, index) => index + 1),
      'the ledger has no gap',
    );
  }
};

const agreeAtOnce = async (t: Test, url: string) => {
  const nodes = Array.from({ length: 10 }, () => start('open', url));
  t.same(
    await Promise.all(nodes.map(({ ended }) => ended)),
    Array(10).fill(0),
    nodes.map(({ said }) => said.err).join(''),
  );
  t.equal(new Set(nodes.map(({ said }) => said.out)).size, 1, 'ten nodes, one secret');
};

const server = await startPostgres();
t.teardown(() => server.stop());

await t.test('SQLite', async (t) => {
  const folder = await temporaryFolder(t);
  const file = (name: string) => path.join(folder, name, 'keepline.db');

  await t.test('ten processes that start at once make one schema', (t) =>
    agreeAtOnce(t, `sqlite:${file('ten')}`),
  );

  await t.test('a process killed in the middle of writes loses nothing acknowledged', async (t) => {
    await killWhileWriting(t, `sqlite:${file('killed')}`, (child) => child.kill('SIGKILL'));
  });

  await t.test('processes that write at once all get through', async (t) => {
    const url = `sqlite:${file('shared')}`;
    const lines = await prepare(url);
    const writers = lines.map((line) => start('write', url, line));
    await eventually(() =>
      writers.every(({ lines, child }) => lines().length >= 30 || child.exitCode !== null),
    );
    for (const { child } of writers) child.stdin?.end();
    t.same(
      await Promise.all(writers.map(({ ended }) => ended)),
      [0, 0, 0],
      writers.map(({ said }) => said.err).join(''),
    );
  });

  await t.test('a writer waits for another’s lock without freezing the event loop', async (t) => {
    const url = `sqlite:${file('locked')}`;
    const store = await openStore({ url });
    t.teardown(() => store.close());
    const other = new Sqlite(file('locked'));
    other.exec('begin immediate');
    const write = store.write(null, (q) => q.settings.keep('x', 'y'));
    // Were each turn frozen for a tenth of a second, the writer's patience would end before the last of them.
    for (let turn = 1; turn <= 100; turn += 1) {
      const first = await Promise.race([write, sleep(1, 'another turn')]);
      if (first !== 'another turn') t.fail(`it did not wait: ${first}`);
      if ((await store.settings.get('x')) !== null) t.fail('it wrote beside the lock');
    }
    other.exec('commit');
    other.close();
    t.equal(await write, 'y');
  });

  await t.test(
    'what another process writes is noticed; what this one writes is not taken for another’s',
    async (t) => {
      const url = `sqlite:${file('noticed')}`;
      const [line] = await prepare(url);
      const store = await openStore({ url });
      t.teardown(() => store.close());
      const { user } = (await store.lines.get(line!))!;
      await store.write(null, (q) => q.feeds.create(newFeed(user), 'address'));
      await store.write(null, async (q) => {
        const { id } = await q.users.create(anna);
        await q.feeds.create(newFeed(id), 'another’s');
      });
      const told: unknown[] = [];
      store.onChange(({ addresses }) => told.push(addresses));
      await store.write(user, async () => undefined);
      // The file has been looked at meanwhile, some times.
      await sleep(250);
      t.same(told, [['address']]);
      const writer = start('write', url, line!);
      await eventually(() => told.length > 1);
      t.same(told[1], ['address'], 'and nothing else');
      writer.child.kill('SIGKILL');
      await writer.ended;
      // What it wrote last is told by then.
      await sleep(250);

      const other = new Sqlite(file('noticed'));
      t.teardown(() => other.close());
      other.exec(`
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 10001)
        insert into serving (digest, feed, locale) select 'many-' || i, 'feed-' || i, 'en' from n`);
      const changed = async (where: string) => {
        told.length = 0;
        other.exec(`update serving set locale = 'ru' where ${where}`);
        await eventually(() => told.length > 0);
        return told[0] as readonly string[] | null;
      };
      t.equal((await changed("digest like 'many-%' and digest <> 'many-1'"))?.length, 10_000);
      t.equal(await changed("digest like 'many-%'"), null, 'very many are not told one by one');
      t.same(await changed("digest = 'many-7'"), ['many-7'], 'from then on they are');
    },
  );

  await t.test('the folder and the files are their owner’s alone', async (t) => {
    const store = await openStore({ url: `sqlite:${file('private/deep')}` });
    t.teardown(() => store.close());
    await store.write(null, (q) => q.settings.set('x', 'y'));
    const mode = async (name: string) => ((await stat(name)).mode & 0o777).toString(8);
    t.equal(await mode(path.dirname(file('private/deep'))), '700');
    t.equal(await mode(path.join(folder, 'private')), '700');
    for (const end of ['', '-wal', '-shm']) t.equal(await mode(`${file('private/deep')}${end}`), '600');
  });

  await t.test('what cannot be opened is refused with what to do', async (t) => {
    const wrong = (url: string) =>
      t.rejects(openStore({ url }), { code: 'misconfigured', message: /DATABASE_URL/ });
    await writeFile(path.join(folder, 'letter.txt'), 'Dear Carol, '.repeat(1000));
    await wrong(`sqlite:${path.join(folder, 'letter.txt')}`);
    await wrong(`sqlite:${path.join(folder, 'letter.txt', 'keepline.db')}`);
    await wrong('sqlite:/proc/nowhere/keepline.db');
    for (const url of ['sqlite::memory:', 'sqlite:', 'sqlite://x', 'mysql://x', '', 'keepline.db'])
      await wrong(url);
  });

  await t.test('a schema of a later version is refused', async (t) => {
    await prepare(`sqlite:${file('later')}`);
    const db = new Sqlite(file('later'));
    db.exec("insert into kysely_migration values ('9999_later', '2030-01-01T00:00:00.000Z')");
    db.close();
    const refused = { code: 'schema_too_new', message: /9999_later/ };
    await t.rejects(openStore({ url: `sqlite:${file('later')}` }), refused);
  });
});

await t.test('PostgreSQL', async (t) => {
  await t.test('ten processes that start at once make one schema', async (t) =>
    agreeAtOnce(t, await server.database()),
  );

  await t.test('a process killed in the middle of writes loses nothing acknowledged', async (t) => {
    await killWhileWriting(t, await server.database(), (child) => child.kill('SIGKILL'));
  });

  await t.test('a server killed in the middle of writes loses nothing acknowledged', async (t) => {
    const url = await server.database();
    const before = await openStore({ url });
    t.teardown(() => before.close());
    await killWhileWriting(t, url, async () => {
      await server.kill();
      t.equal(await before.ready(), false);
      await t.rejects(before.users.get('user_1'), { code: 'unavailable' });
      await t.rejects(openStore({ url }), { code: 'unavailable' });
      await server.restart();
    });
    t.equal(await before.ready(), true, 'a store that was open finds the server again');
    t.equal(await before.users.get('user_none'), null);
  });

  await t.test('a wrong password is told as such, without it', async (t) => {
    const url = (await server.database()).replace(':password@', ':wrong-word@');
    const error = await openStore({ url }).catch((error) => error);
    t.match(error, { code: 'misconfigured' });
    t.notMatch(String(error.message), 'wrong-word');
  });

  await t.test('a schema of a later version is refused', async (t) => {
    const url = await server.database();
    await prepare(url);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("insert into kysely_migration values ('9999_later', '2030-01-01T00:00:00.000Z')");
    await client.end();
    await t.rejects(openStore({ url }), { code: 'schema_too_new', message: /9999_later/ });
  });
});
