/**
 * The application context of all routes and commands, built once at startup (`src/compose.ts`) and read-only. Only its
 * rules may be replaced while it runs: a request that reads them more than once pins them with `withPinnedRules`.
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
  /** The number of this process's rules, texts and renderer, in the order in which the database first saw them. */
  readonly release: number;
  /** Storage of proof files. */
  proofs: Proofs;
  /** Reloads the rules. */
  rules: RunningRules;
  /** Keeps the edges, by which `GET /v1/deadlines` finds lines, up to date. */
  edges: EdgeKeeper;
  /** Republishes calendars after the rules have changed. */
  renewal: Renewal;
  /** The present moment. */
  clock: () => Date;
  /** Shared by all nodes and known to nobody else: for the UIDs of entries and the signatures of links. */
  secret: string;
  /** The digest of the admin key of the environment, or null. */
  adminKeyDigest: string | null;
  log: Logger;
  /** Requests a minute for one key and for one IP address without a key, if not the default. */
  limits?: { key: number; address: number };
  /** The service's public URL, without a trailing slash. Known once it listens. */
  publicUrl: () => string;
};

/** The context with the present rules pinned, so that a reload during a request does not change them for it. */
export const withPinnedRules = (app: App): App => ({ ...app });
