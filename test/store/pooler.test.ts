/** Behind a pooler: PgBouncer itself, where it is installed. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openStore } from '../../src/store/store.ts';
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
