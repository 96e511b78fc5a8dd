#!/usr/bin/env node
/** The process of the command line: streams, signals and the exit code; all else is in `cli/`. */
import { writeSync } from 'node:fs';
import { run } from './cli/run.ts';
import { failureText } from './failure.ts';

/** So long may ending take, in milliseconds. */
const TIMEOUT = 10_000;

/** Resolves at the first signal; a second one ends the process at once, as it would by itself. */
const untilStopped = () =>
  new Promise<void>((resolve) => {
    const stop = () => {
      setTimeout(() => process.exit(1), TIMEOUT).unref();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  });

const untilAlone = () =>
  new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    // To listen must not keep a process from its end.
    process.channel?.unref();
  });

const onHangUp = (listener: () => void) => {
  process.on('SIGHUP', listener);
  return () => void process.off('SIGHUP', listener);
};

// Whoever reads our output may stop reading, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  // A backup on a full disk is none, and whoever made it is to know.
  writeSync(2, `keepline: the output could not be written whole (${error.code}).\n`);
  process.exit(1);
});

// A promise that nobody waited for comes to this as well.
process.once('uncaughtException', (error) => {
  process.stderr.write(failureText(error));
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2), process, process.env, {
  untilStopped,
  untilAlone,
  onHangUp,
});
