/** What every route works with. Made once at the start (`src/start.ts`); routes read it and change nothing in it. */
import type { FastifyBaseLogger, FastifyPluginAsync } from 'fastify';
import type { Config } from '../config.ts';
import type { Rulebook } from '../rulebook/index.ts';
import type { Store } from '../store/types.ts';

export type App = {
  config: Config;
  store: Store;
  rulebook: Rulebook;
  /** The number of the rules, texts and renderer that this process has, in the order the database first saw them. */
  release: number;
  /** The present moment. */
  clock: () => Date;
  /** For what must be the same on every node and known to nobody else: the UIDs of entries. */
  secret: string;
  /** The digest of the admin key of the environment, or null. */
  adminKeyDigest: string | null;
  log: FastifyBaseLogger;
  /** Requests a minute, of one key and of one address without a key, where others than the usual are wanted. */
  limits?: { key: number; address: number };
  /** Where people reach the service, without a slash at its end. Known once it listens. */
  publicUrl: () => string;
};

/** One resource's routes. */
export type Routes = (app: App) => FastifyPluginAsync;
