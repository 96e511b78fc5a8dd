/** The service without its server: the configured store and the rules, for commands that work beside a running one. */
import { pino } from 'pino';
import { composeApp } from '../compose.ts';
import { readConfig } from '../config.ts';
import { openProofs } from '../proofs/index.ts';
import { settleIdentity } from '../release.ts';
import type { Rulebook } from '../rulebook/index.ts';
import type { App } from '../service/context.ts';
import { openStore } from '../store/store.ts';
import type { Call } from './command.ts';
import { openRulebook, rulesFolder } from './rulebook.ts';

/**
 * Opens the database of `DATABASE_URL` and the rules. The caller must close it.
 * @param check is called with the rules before the database is opened; throws to refuse them
 * @throws ConfigError, StoreError, ProofsError, Failure
 */
export async function openApp(
  { env, now }: Call,
  check: (rulebook: Rulebook) => void = () => {},
): Promise<{ app: App; close: () => Promise<void> }> {
  const config = { ...readConfig(env), rulesDir: await rulesFolder(env) };
  const rulebook = await openRulebook(config.rulesDir);
  check(rulebook);
  const store = await openStore({ url: config.databaseUrl, now: () => now().getTime() });
  try {
    const { release, secret } = await settleIdentity(config, rulebook, store);
    const log = pino({ level: 'silent' });
    const parts = {
      config,
      store,
      proofs: await openProofs(config.proofsUrl, store, now, log),
      secret,
      clock: now,
      adminKeyDigest: null,
      log,
      publicUrl: () => config.publicUrl ?? '',
    };
    const app = composeApp(parts, { rulebook, release });
    return { app, close: () => store.close() };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Runs `work` with what {@link openApp} opens, and always closes it. */
export async function withApp<T>(call: Call, work: (app: App) => Promise<T>): Promise<T> {
  const { app, close } = await openApp(call);
  try {
    return await work(app);
  } finally {
    await close();
  }
}
