/** The service killed in the middle of requests, on both engines: what it has acknowledged is there when it is back. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startPostgres } from '../support/postgres.ts';
import { ADMIN, call, RULES } from './service.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const WRITERS = 12;
const ENOUGH = 200;

/** A process that serves on a free port. */
async function start(t: Test, DATABASE_URL: string) {
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      RULES_DIR: RULES,
      KEEPLINE_ADMIN_KEY: ADMIN,
      LOG_LEVEL: 'info',
      DATABASE_URL,
    },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('close', resolve));
  const origin = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (said.length < 10_000) said += text;
      const address = /"address":"(http[^"]+)"/.exec(said)?.[1];
      if (address) resolve(address);
    });
    child.once('close', () => reject(new Error(`it does not serve: ${said}`)));
  });
  async function send(method: string, path: string, body?: unknown, headers = {}) {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, json: () => JSON.parse(text) };
  }
  return { child, ended, send };
}

type Acknowledged = { id: string; url: string; key: string };

async function loseNothing(t: Test, url: string) {
  const first = await start(t, url);
  const lines: string[] = [];
  for (const name of ['Anna', 'Boris', 'Carol']) {
    const person = { name, locale: 'en', time_zone: 'Europe/Riga' };
    const user = (await first.send('POST', '/v1/users', person)).json().id;
    const line = await first.send('POST', `/v1/users/${user}/lines`, { rule: 'ru/t2/prepaid', label: 'x' });
    lines.push(line.json().id);
  }
  const acknowledged: Acknowledged[] = [];
  const refused: string[] = [];
  let brokeOff = 0;
  const write = async (writer: number) => {
    const url = `/v1/lines/${lines[writer % lines.length]}/records`;
    for (let count = 0; ; count += 1) {
      const key = `${writer}-${count}`;
      try {
        const answer = await first.send('POST', url, call('2026-01-01'), { 'idempotency-key': key });
        if (answer.status === 201) acknowledged.push({ id: answer.json().id, url, key });
        else refused.push(answer.text);
      } catch {
        brokeOff += 1;
        return;
      }
    }
  };
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  while (acknowledged.length < ENOUGH && first.child.exitCode === null) await sleep(2);
  first.child.kill('SIGKILL');
  await first.ended;
  await Promise.all(writers);
  t.same(refused, [], 'none was refused');
  t.equal(brokeOff, WRITERS, 'it was killed while it worked for each of them');

  const second = await start(t, url);
  const rows: { object: string; id: string; line: string }[] = (await second.send('GET', '/v1/export')).text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
  const kept = new Map(rows.filter(({ object }) => object === 'record').map((row) => [row.id, row]));
  const lost = acknowledged.filter(({ id }) => !kept.has(id));
  t.comment(`acknowledged ${acknowledged.length}, kept ${kept.size}, lost ${lost.length}`);
  t.ok(acknowledged.length >= ENOUGH);
  t.same(lost, [], `${acknowledged.length} acknowledged, none lost`);
  t.ok(kept.size <= acknowledged.length + WRITERS, 'and no more than were under way are there besides');

  const last = acknowledged.slice(-20);
  const again = last.map(({ url, key }) =>
    second.send('POST', url, call('2026-01-01'), { 'idempotency-key': key }),
  );
  t.same(
    (await Promise.all(again)).map((answer) => answer.json().id),
    last.map(({ id }) => id),
    'sent again, they are answered as before',
  );
  const count = (await second.send('GET', '/v1/export')).text.match(/"object":"record"/g)?.length;
  t.equal(count, kept.size, 'and not done again');
  second.child.kill('SIGTERM');
  await second.ended;
}

t.test('SQLite', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keepline-killed-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  await loseNothing(t, `sqlite:${join(folder, 'keepline.db')}`);
});

t.test('PostgreSQL', async (t) => {
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await loseNothing(t, await server.database());
});
