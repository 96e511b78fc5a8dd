#!/usr/bin/env node
/** The command-line process: streams, signals and the exit code; the rest is in `cli/`. */
import { writeSync } from 'node:fs';
import { run } from './cli/run.ts';
import { failureText } from './failure.ts';

/** How long shutdown may take, in milliseconds. */
const TIMEOUT = 10_000;

/** Resolves at the first signal; a second one ends the process at once, by Node's default. */
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
    // Listening must not keep the process alive.
    process.channel?.unref();
  });

const onHangUp = (listener: () => void) => {
  process.on('SIGHUP', listener);
  return () => void process.off('SIGHUP', listener);
};

// The reader of the output may close it, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  // An incomplete output, such as a backup on a full disk, must not look successful.
  writeSync(2, `keepline: the output could not be written whole (${error.code}).\n`);
  process.exit(1);
});

// Also called for unhandled rejections.
process.once('uncaughtException', (error) => {
  process.stderr.write(failureText(error));
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2), process, process.env, {
  untilStopped,
  untilAlone,
  onHangUp,
});
