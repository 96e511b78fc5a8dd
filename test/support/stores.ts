import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import type { RecordInput } from '../../src/retention/record.ts';
import { openStore } from '../../src/store/store.ts';
import type { NewFeed, NewLine, NewUser, Store } from '../../src/store/types.ts';
import { startPostgres } from './postgres.ts';

export type EngineUnderTest = {
  name: 'sqlite' | 'postgres';
  /** The address of a new, empty database. */
  url(): Promise<string>;
};

/** Runs the same tests on each real engine. */
export const onEachEngine = async (
  t: Test,
  tests: (t: Test, engine: EngineUnderTest) => void | Promise<void>,
): Promise<void> => {
  const folder = await temporaryFolder(t);
  const server = await startPostgres();
  t.teardown(() => server.stop());
  let count = 0;
  await t.test('sqlite', async (t) => {
    await tests(t, {
      name: 'sqlite',
      url: async () => {
        count += 1;
        return `sqlite:${path.join(folder, `data-${count}`, 'keepline.db')}`;
      },
    });
  });
  await t.test('postgres', async (t) => {
    await tests(t, { name: 'postgres', url: () => server.database() });
  });
};

/** A store on a new database, closed when the test ends. Its clock is `clock.now`, which a test may change. */
export const openTestStore = async (
  t: Test,
  engine: EngineUnderTest,
  clock = { now: Date.parse('2026-03-01T10:00:00Z') },
): Promise<Store> => {
  const store = await openStore({ url: await engine.url(), now: () => clock.now });
  t.teardown(() => store.close());
  return store;
};

export const temporaryFolder = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'keepline-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

export const anna: NewUser = { name: 'Anna', locale: 'zh', time_zone: 'Asia/Shanghai' };
export const boris: NewUser = { name: 'Boris', locale: 'ru', time_zone: 'Europe/Berlin' };
export const newLine = (user: string, rest: Partial<NewLine> = {}): NewLine => ({
  user,
  rule: 'xx/example/prepaid',
  label: 'Travel SIM',
  ...rest,
});
export const newFeed = (user: string, rest: Partial<NewFeed> = {}): NewFeed => ({
  user,
  name: 'Phones',
  lines: null,
  kinds: null,
  locale: null,
  detail: 'full',
  alarms: 'valarm',
  lead_days: [30, 7, 1],
  action_links: false,
  show_balance: false,
  ...rest,
});
export const topup = (amount: string, rest: { external_id?: string } = {}): RecordInput => ({
  type: 'topup',
  at: '2026-02-28',
  amount: { amount, currency: 'RUB' },
  ...rest,
});
