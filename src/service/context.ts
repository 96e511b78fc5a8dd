/**
 * What every route and command works with. Made once at the start (`src/compose.ts`); they read it and change nothing in
 * it. Only its rules may be others a moment later: a request that reads them more than once does so `atOneMoment`.
 */
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Proofs } from '../proofs/index.ts';
import type { Rulebook } from '../rulebook/index.ts';
import type { Store } from '../store/types.ts';
import type { EdgeKeeper } from './edges.ts';
import type { Renewal } from './renewal.ts';
import type { RunningRules } from './rules.ts';

export type App = {
  config: Config;
  store: Store;
  /** The rules that run now. */
  readonly rulebook: Rulebook;
  /** The number of the rules, texts and renderer that this process has, in the order the database first saw them. */
  readonly release: number;
  /** The bytes of proofs. */
  proofs: Proofs;
  /** How the rules are read anew. */
  rules: RunningRules;
  /** What `GET /v1/deadlines` looks for lines by. */
  edges: EdgeKeeper;
  /** Calendars after the rules have changed. */
  renewal: Renewal;
  /** The present moment. */
  clock: () => Date;
  /** For what must be the same on every node and known to nobody else: the UIDs of entries. */
  secret: string;
  /** The digest of the admin key of the environment, or null. */
  adminKeyDigest: string | null;
  log: Logger;
  /** Requests a minute, of one key and of one address without a key, where others than the usual are wanted. */
  limits?: { key: number; address: number };
  /** Where people reach the service, without a slash at its end. Known once it listens. */
  publicUrl: () => string;
};

/** The service with the rules that run now, whatever is loaded later: for a request, from its beginning to its end. */
export const atOneMoment = (app: App): App => ({ ...app });
