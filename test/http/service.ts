/**
 * The real service on a temporary database with a fixed clock, and its people: Alice and Bob have lines of their own,
 * Charlie must see nothing of either.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LightMyRequestResponse } from 'fastify';
import { readConfig } from '../../src/config.ts';
import { type Service, type StartOptions, startService } from '../../src/start.ts';

export const ADMIN = 'an admin key of the tests, 32 characters or more';
export const NOW = '2026-03-15T12:00:00.000Z';
export const RULES = new URL('../../rules', import.meta.url).pathname;

type Options = {
  now?: string;
  level?: string;
  environment?: Record<string, string>;
  limits?: StartOptions['limits'];
  fewCalendars?: number;
};
type Person = { id: string; write: string; read: string; line: string; feed: string };

export type Call = (
  method: string,
  url: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<LightMyRequestResponse>;

export type Fixture = Service & {
  lines: string[];
  printed: string[];
  setNow(moment: string): void;
  /** Requests with a key; `null` for none. */
  as(key: string | null): Call;
  folder: string;
};

/** Starts the service; it is closed and its folder removed when the test ends. */
export async function serve(
  t: { teardown(fn: () => unknown): void },
  options: Options = {},
): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), 'keepline-http-'));
  const lines: string[] = [];
  const printed: string[] = [];
  let now = options.now ?? NOW;
  const config = readConfig({
    DATABASE_URL: `sqlite:${join(folder, 'keepline.db')}`,
    PROOFS_URL: `file:${join(folder, 'proofs')}`,
    RULES_DIR: RULES,
    LOG_LEVEL: options.level ?? 'info',
    KEEPLINE_ADMIN_KEY: ADMIN,
    ...options.environment,
  });
  const service = await startService(config, {
    clock: () => new Date(now),
    limits: options.limits,
    fewCalendars: options.fewCalendars,
    print: (text) => printed.push(text),
    logTo: { write: (line: string) => void lines.push(line) },
  });
  t.teardown(async () => {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const as =
    (key: string | null): Call =>
    (method, url, body, headers = {}) =>
      service.server.inject({
        method: method as 'GET',
        url,
        ...(body === undefined ? {} : { payload: body as object }),
        headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
      });
  const setNow = (moment: string) => {
    now = moment;
  };
  return { ...service, lines, printed, folder, as, setNow };
}

/** A person with both keys, one line and one feed. */
export async function addPerson(fixture: Fixture, name: string): Promise<Person> {
  const admin = fixture.as(ADMIN);
  const made = await admin('POST', '/v1/users', { name, locale: 'en', time_zone: 'Europe/Berlin' });
  const { id } = made.json();
  const key = async (scope: string) =>
    (await admin('POST', `/v1/users/${id}/keys`, { scope, name: scope })).json().secret as string;
  const line = await admin('POST', `/v1/users/${id}/lines`, {
    rule: 'ru/t2/prepaid',
    label: `${name}'s line`,
  });
  const feed = await admin('POST', `/v1/users/${id}/feeds`, { name: 'Mine' });
  return {
    id,
    write: await key('write'),
    read: await key('read'),
    line: line.json().id,
    feed: feed.json().id,
  };
}

export async function cast(fixture: Fixture) {
  return {
    alice: await addPerson(fixture, 'Alice'),
    bob: await addPerson(fixture, 'Bob'),
    charlie: await addPerson(fixture, 'Charlie'),
  };
}

export const roubles = (amount: string) => ({ amount, currency: 'RUB' });
export const call = (at: string) => ({
  type: 'activity',
  at,
  kind: 'call',
  direction: 'outgoing',
  charged: true,
});
