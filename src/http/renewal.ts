/**
 * Calendars after the rules have changed. Few are published anew when they are next fetched. Where there are many,
 * every fetch would be a publication, and all would wait for each other: then a process of its own, which gives way
 * to this one, publishes them in turn, and until it is done those whose turn has not come are served as they are.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import type { App } from './context.ts';

/** So many may be left to their fetches: some seconds' work. */
const FEW = 1_000;
const CLI = new URL('../cli.ts', import.meta.url).pathname;

export type Renewal = {
  /** Whether calendars that older rules made are served as they are. */
  isUnderWay(): boolean;
  /** Looks how many are behind the running rules, and has them published where they are many. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** What the process needs to know of this one's environment. */
function environmentOf({ config }: App): NodeJS.ProcessEnv {
  const { databaseUrl, rulesDir, publicUrl, secret } = config;
  const { PATH, HOME, TZ } = process.env;
  return {
    ...{ PATH, HOME, TZ },
    DATABASE_URL: databaseUrl,
    RULES_DIR: rulesDir,
    ...(publicUrl === null ? {} : { PUBLIC_URL: publicUrl }),
    ...(secret === null ? {} : { KEEPLINE_SECRET: secret }),
  };
}

function giveWay({ pid }: ChildProcess) {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or may not: then it takes its turn like any other.
  }
}

export function keepRenewed(running: () => App, few = FEW): Renewal {
  let child: ChildProcess | null = null;

  async function end() {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    ending.kill();
    await once(ending, 'exit');
  }

  function begin() {
    const app = running();
    const args = [CLI, 'publish', '--rules', app.rulebook.digest];
    const work = spawn(process.execPath, args, { env: environmentOf(app), stdio: 'ignore' });
    child = work;
    giveWay(work);
    app.log.info(
      'the rules have changed: many calendars are published anew, and served as they are meanwhile',
    );
    const ended = (code: number | null) => {
      if (child !== work) return;
      child = null;
      if (code === 0) app.log.info('all calendars are those of the present rules');
      else app.log.warn({ code }, 'not all calendars were published anew: the others will be when fetched');
    };
    work.once('exit', ended);
    work.once('error', (error) => {
      app.log.warn({ err: error }, 'no process could be started');
      ended(null);
    });
  }

  return {
    isUnderWay: () => child !== null,
    async start() {
      await end();
      const { store, release, clock } = running();
      const query = { now: clock().toISOString(), after: null, limit: few + 1 };
      const behind = await store.publications.behind(release, query);
      if (behind.length > few && child === null) begin();
    },
    stop: end,
  };
}
