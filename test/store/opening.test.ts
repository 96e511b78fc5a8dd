/** A PostgreSQL that cannot be opened as DATABASE_URL says, and a pooler before it: PgBouncer, where it is installed. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { openStore } from '../../src/store/store.ts';
import { translateError } from '../../src/store/translate.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, startPostgres } from '../support/postgres.ts';
import { temporaryFolder } from '../support/stores.ts';

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const server = await startPostgres();
t.teardown(() => server.stop());

await t.test('why it cannot be opened is told, with what to look at', async (t) => {
  const address = await server.database();
  const other = (change: (url: URL) => unknown) => {
    const url = new URL(address);
    change(url);
    return url.href;
  };
  const port = `${await freePort()}`;
  const refusals: [string, string, string, RegExp][] = [
    [
      'nobody listens',
      other((url) => Object.assign(url, { port })),
      'unavailable',
      new RegExp(`cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}\\. Check DATABASE_URL`),
    ],
    [
      'no such database',
      other((url) => Object.assign(url, { pathname: '/none' })),
      'misconfigured',
      /refused to open: database "none" does not exist\. Check DATABASE_URL/,
    ],
    [
      'another password',
      other((url) => Object.assign(url, { password: 'a-wrong-one' })),
      'misconfigured',
      /refused to open: password authentication failed for user "postgres"\. Check DATABASE_URL/,
    ],
    [
      'no TLS there',
      other((url) => url.searchParams.set('sslmode', 'verify-full')),
      'misconfigured',
      /refused to open: The server does not support SSL connections\. Check DATABASE_URL/,
    ],
    [
      'no such certificate',
      other((url) => url.searchParams.set('sslrootcert', '/nowhere/ca.pem')),
      'unavailable',
      /cannot be reached: ENOENT: no such file or directory, open '\/nowhere\/ca\.pem'\. Check DATABASE_URL/,
    ],
  ];
  for (const [what, url, code, message] of refusals) {
    await t.rejects(openStore({ url }), { code, message }, what);
  }
  const untrusted = Object.assign(new Error('self-signed certificate'), {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  t.match(translateError('postgres', untrusted), { code: 'misconfigured' });
});

await t.test(
  'to open it takes no more connections than two: one to migrate by, one to tell a pooler',
  async (t) => {
    const address = new URL(await server.database());
    const { hostname, port } = address;
    let connections = 0;
    const counter = createServer((socket) => {
      connections += 1;
      const behind = connect(Number(port), hostname);
      socket.pipe(behind).pipe(socket);
      for (const end of [socket, behind]) end.on('error', () => undefined);
    });
    counter.listen(0, '127.0.0.1');
    await once(counter, 'listening');
    t.teardown(() => counter.close());
    address.host = `127.0.0.1:${(counter.address() as AddressInfo).port}`;
    const store = await openStore({ url: address.href });
    t.equal(connections, 2);
    await store.close();
  },
);

const skip = isInstalled('pgbouncer') ? false : 'pgbouncer is not installed';

await t.test(
  'a pool of transactions is refused at the start, one of sessions is taken',
  { skip },
  async (t) => {
    const server = await startPostgres();
    t.teardown(() => server.stop());
    const database = new URL(await server.database());
    const folder = await temporaryFolder(t);
    // As root it goes on as another user, who reads its settings.
    chmodSync(folder, 0o755);

    async function poolOf(mode: 'transaction' | 'session'): Promise<string> {
      const port = await freePort();
      const settings = path.join(folder, `${mode}.ini`);
      const { hostname, port: behind, password, username, pathname } = database;
      const name = pathname.slice(1);
      writeFileSync(
        settings,
        `[databases]
${name} = host=${hostname} port=${behind} dbname=${name} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
`,
      );
      const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
      const pooler = spawn('pgbouncer', [...user, settings], { stdio: ['ignore', 'ignore', 'pipe'] });
      t.teardown(() => pooler.kill('SIGKILL'));
      let said = '';
      pooler.stderr.on('data', (text) => {
        said += text;
      });
      await eventually(
        async () => said,
        (text) => text.includes('process up'),
      );
      return `postgres://${username}:${password}@127.0.0.1:${port}/${name}`;
    }

    await t.rejects(openStore({ url: await poolOf('transaction') }), {
      code: 'misconfigured',
      message: /DATABASE_URL leads to a pooler/,
    });
    const store = await openStore({ url: await poolOf('session') });
    t.equal(await store.ready(), true);
    await store.close();
  },
);
