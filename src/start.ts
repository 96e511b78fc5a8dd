/** Opens everything that the service needs, in order, and closes it again at the end. */
import { setInterval } from 'node:timers';
import type { FastifyInstance } from 'fastify';
import type { DestinationStream, Logger } from 'pino';
import { createServer } from './app.ts';
import { composeApp } from './compose.ts';
import { addressOf, type Config } from './config.ts';
import { HOUR } from './lib/durations.ts';
import { withTimeout } from './lib/timeout.ts';
import { createLog } from './log.ts';
import { openProofs, type Proofs, ProofsError } from './proofs/index.ts';
import { settleIdentity } from './release.ts';
import { loadRulebook, printProblem, type Rulebook } from './rulebook/index.ts';
import { newApiKey } from './secret.ts';
import type { App } from './service/context.ts';
import { noteSilence } from './service/silence.ts';
import { digest } from './store/digest.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/types.ts';

/** How long the start waits for the storage of proofs, in milliseconds. */
const TIMEOUT = 5_000;

/** The service cannot start for a reason that the operator can fix. */
export class StartError extends Error {}

export type StartOptions = {
  clock?: () => Date;
  /** Prints the created admin key, once; to standard output by default. */
  print?: (text: string) => void;
  logTo?: DestinationStream;
  limits?: App['limits'];
  /** Up to this many outdated calendars are left to their next fetch after the rules have changed. */
  fewCalendars?: number;
  /** Registers `reload`, to be called on SIGHUP. Returns the function that unregisters it when the service closes. */
  onHangUp?: (reload: () => void) => () => void;
};

export type Service = {
  app: App;
  server: FastifyInstance;
  /** Listens, and returns the address. @throws StartError if it cannot; the service is closed then */
  listen(): Promise<string>;
  /** Reloads the rules, as on SIGHUP. Logs the outcome and never throws. */
  reload(): Promise<void>;
  /** Closes everything, the server first; an error in one part does not keep the others from closing. */
  close(): Promise<void>;
};

async function readRulebook(folder: string): Promise<Rulebook> {
  const { rulebook, problems } = await loadRulebook(folder);
  if (problems.length > 0) {
    throw new StartError(`the rules cannot be used:\n${problems.map(printProblem).join('\n')}`);
  }
  return rulebook;
}

async function openStoredProofs(
  { proofsUrl }: Config,
  store: Store,
  clock: () => Date,
  log: Logger,
): Promise<Proofs> {
  try {
    return await openProofs(proofsUrl, store, clock, log);
  } catch (error) {
    throw error instanceof ProofsError ? new StartError(error.message) : error;
  }
}

/** Creates the first admin key, unless one is configured or was created before; of several nodes one prints it. */
async function makeAdminKey(
  store: Store,
  configuredKey: string | null,
  print: (text: string) => void,
): Promise<void> {
  if (configuredKey !== null || (await store.settings.get('first_admin_key')) !== null) return;
  const key = newApiKey();
  const isCreated = await store.write(null, async (q) => {
    if ((await q.settings.keep('first_admin_key', digest(key))) !== digest(key)) return false;
    await q.keys.create({ user: null, scope: 'admin', name: 'made at the first start', digest: digest(key) });
    return true;
  });
  if (isCreated) print(`Admin key, shown this once: ${key}\n`);
}

/** Explains an error of `listen` that the operator can fix by the environment; returns others unchanged. */
function asStartError(error: NodeJS.ErrnoException, { host, port }: Config): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is in use: stop what runs there, or set PORT to another one (0: any free one)`,
    EACCES: `port ${port} needs more privileges: set PORT to one above 1023`,
    EADDRNOTAVAIL: `HOST ${host} is no address of this machine: set it to 127.0.0.1 or 0.0.0.0`,
    ENOTFOUND: `HOST ${host} is not known: set it to 127.0.0.1 or 0.0.0.0`,
  };
  const reason = reasons[error.code ?? ''];
  return reason ? new StartError(reason) : error;
}

/** The public URL by default: the address that the server listens on, or will. */
const originOf = (server: FastifyInstance, config: Config): string =>
  server.server.listening ? server.listeningOrigin : addressOf(config);

/**
 * Hourly background jobs: recomputes outdated edges, deletes old idempotency rows and acts, notes silent feeds, and
 * sweeps proofs.
 */
function createHousekeeping(app: App): { begin(): void; stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const chores: Record<string, () => Promise<unknown>> = {
    edges: async () => app.renewal.isUnderWay() || app.edges.waitUntilFresh(null),
    'old answers': () => app.store.write(null, (q) => q.sweep()),
    silence: () => noteSilence(app, signal),
    proofs: () => app.proofs.sweep(),
  };
  const round = async () => {
    // A failed chore does not keep the others from running.
    for (const [chore, work] of Object.entries(chores)) {
      if (signal.aborted) return;
      try {
        await work();
      } catch (error) {
        app.log.warn({ err: error, chore }, 'housekeeping failed and will be tried again');
      }
    }
  };
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const next = () => {
    running = running.then(round);
  };
  return {
    begin() {
      next();
      timer = setInterval(next, HOUR).unref();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await app.edges.stop();
      await running;
    },
  };
}

/** Opens the service's parts and registers each on `opened`: the server last, so that it closes first. */
async function openService(config: Config, options: StartOptions, log: Logger, opened: AsyncDisposableStack) {
  const clock = options.clock ?? (() => new Date());
  const print = options.print ?? ((text: string) => void process.stdout.write(text));
  const rulebook = await readRulebook(config.rulesDir);
  const now = () => clock().getTime();
  const store = opened.adopt(await openStore({ url: config.databaseUrl, log, now }), (it) => it.close());
  const { release, secret } = await settleIdentity(config, rulebook, store);
  const parts = {
    config,
    store,
    proofs: await openStoredProofs(config, store, clock, log),
    secret,
    clock,
    adminKeyDigest: config.adminKey === null ? null : digest(config.adminKey),
    log,
    limits: options.limits,
    publicUrl: (): string => config.publicUrl ?? originOf(server, config),
  };
  const app = opened.adopt(composeApp(parts, { rulebook, release }, options), (it) => it.renewal.stop());
  const housekeeping = opened.adopt(createHousekeeping(app), (it) => it.stop());
  const server: FastifyInstance = opened.adopt(await createServer(app), (it) => it.close());
  // Requests that wait for edges must not hold up the shutdown.
  server.addHook('preClose', () => app.edges.stop());
  await server.ready();
  // A bucket that does not respond must not keep calendars from being served.
  const tried = app.proofs.checkWritable().catch((error: unknown) => {
    app.log.error({ err: error }, 'proofs cannot be stored where PROOFS_URL says: none will be taken');
  });
  const swept = tried.then(() => app.proofs.sweep());
  await withTimeout(TIMEOUT, swept, () => app.log.warn('proofs are still being swept'));
  await makeAdminKey(store, config.adminKey, print);
  await app.renewal.start();
  await app.renewal.startForLines();
  housekeeping.begin();
  return { app, server };
}

/**
 * Opens the database, reads the rules and composes the service. Closes everything again if it fails.
 * @throws StartError, StoreError
 */
export async function startService(config: Config, options: StartOptions = {}): Promise<Service> {
  const log = createLog(config.logLevel, {
    secrets: [config.adminKey, config.secret],
    destination: options.logTo,
  });
  const opened = new AsyncDisposableStack();
  let closed: Promise<void> | null = null;
  const close = () => {
    closed ??= opened.disposeAsync();
    return closed;
  };
  /** Closes everything and throws `reason`; errors while closing are only logged. */
  async function giveUp(reason: unknown): Promise<never> {
    await close().catch((error: unknown) => {
      log.warn({ err: error }, 'not everything could be closed');
    });
    throw reason;
  }
  // Registered before the start, so that a SIGHUP during it is ignored instead of ending the process.
  let service: Service | null = null;
  const forgetHangUp = options.onHangUp?.(() => void service?.reload());
  if (forgetHangUp) opened.defer(forgetHangUp);
  const { app, server } = await openService(config, options, log, opened).catch(giveUp);
  service = {
    app,
    server,
    listen: () =>
      server
        .listen({ host: config.host, port: config.port })
        .catch((error: NodeJS.ErrnoException) => giveUp(asStartError(error, config))),
    async reload() {
      await app.rules.reload().catch((error: unknown) => {
        log.error({ err: error }, 'the rules could not be reloaded: the running ones stay');
      });
    },
    close,
  };
  return service;
}
