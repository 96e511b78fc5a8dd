/**
 * Renews calendars and edges after the rules have changed. If few are outdated, this process renews them, calendars on
 * their next fetch. If many are, every fetch would publish, and all would wait for each other: then a child process
 * with low priority renews them in turn, and outdated calendars are served as they are until it is done.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { environmentOfChild } from '../config.ts';
import type { App } from './context.ts';

/** The most that this process renews itself: some seconds of work. */
const MAX_OWN_WORK = 1_000;
const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
/** How much of the child's last error output is logged if it fails, in characters. */
const MAX_STDERR = 2_000;

export type Renewal = {
  /** Whether calendars made by older rules are served as they are. */
  isUnderWay(): boolean;
  /** Starts the child process if many calendars are outdated. */
  start(): Promise<void>;
  /** Starts the child process if the edges of many lines are outdated. */
  startForLines(): Promise<void>;
  stop(): Promise<void>;
};

function lowerPriority({ pid }: ChildProcess) {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or its priority may not be lowered: then it runs with the usual one.
  }
}

export function createRenewal(running: () => App, maxOwnWork = MAX_OWN_WORK): Renewal {
  let child: ChildProcess | null = null;
  let isStopped = false;

  const isRunning = (one: ChildProcess) => one.exitCode === null && one.signalCode === null;

  function startChild() {
    const app = running();
    const args = [CLI, 'publish', '--rules', app.rulebook.digest];
    const work = spawn(process.execPath, args, {
      env: environmentOfChild(app.config),
      // The IPC channel tells the child when this process has ended, so that it ends too.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child = work;
    let stderr = '';
    work.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR);
    });
    lowerPriority(work);
    app.log.info(
      'the rules have changed: many calendars are being rebuilt, and served as they are meanwhile',
    );
    const ended = (code: number | null) => {
      if (child !== work) return;
      child = null;
      if (code === 0) app.log.info('all calendars and dates follow the present rules');
      else
        app.log.warn(
          { code, said: stderr },
          'not all calendars and dates were rebuilt: the others will be when asked for',
        );
    };
    work.once('close', ended);
    work.once('error', (error) => {
      app.log.warn({ err: error }, 'no process could be started');
      ended(null);
    });
  }

  /** Starts a child process if `areMany`, and kills the one for earlier rules. */
  async function startIf(areMany: () => Promise<boolean>) {
    const earlier = child;
    const many = await areMany();
    if (child === earlier && !isStopped) {
      child = null;
      if (many) startChild();
    }
    earlier?.kill();
  }

  return {
    isUnderWay: () => child !== null,
    start: () =>
      startIf(async () => {
        const { store, release, clock } = running();
        const query = { now: clock().toISOString(), after: null, limit: maxOwnWork + 1 };
        return (await store.publications.behind(release, query)).length > maxOwnWork;
      }),
    async startForLines() {
      if (child !== null) return;
      const { store, release } = running();
      await startIf(async () => (await store.edges.behind(release, maxOwnWork + 1)).length > maxOwnWork);
    },
    async stop() {
      isStopped = true;
      const last = child;
      child = null;
      if (last === null || !isRunning(last)) return;
      last.kill();
      await once(last, 'exit');
    },
  };
}
