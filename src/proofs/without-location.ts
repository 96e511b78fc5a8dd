/**
 * Removes the location and all other metadata from a photograph, except its orientation, colour profile and dates; a
 * damaged one is kept as it is if it contains no location. ExifTool runs in a process of its own, so that neither its
 * memory use nor a picture that crashes it affects the service.
 */
import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { mutex } from '../lib/mutex.ts';
import { type Spooled, spool } from '../lib/spool.ts';

const TOOL = fileURLToPath(new URL('without-location-tool.ts', import.meta.url));
const TIMEOUT = 60_000;
/**
 * ExifTool is Perl in WebAssembly and runs for two seconds: V8's baseline compiler and a single thread suffice. With
 * more threads it takes twice the CPU time, and once in some hundreds of runs V8 hangs at exit (nodejs/node#54918).
 */
const FLAGS = ['--single-threaded', '--liftoff-only'];

/** One picture at a time: each takes some hundreds of megabytes for a second. */
const oneAtATime = mutex();

async function clean(picture: Spooled, extension: string): Promise<Spooled | null> {
  const child = spawn(process.execPath, [...FLAGS, TOOL, extension], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
    // A tool that reads strangers' files must not see the service's environment.
    env: {},
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Awaited only after its output has ended; until then a rejection must not count as unhandled and end the process.
  ended.catch(() => undefined);
  const fed = pipeline(picture.read(), child.stdin).catch(() => undefined);
  const cleaned = await spool(child.stdout);
  const [code] = await Promise.all([ended, fed]);
  if (code === 0 && cleaned.size > 0) return cleaned;
  await cleaned.close();
  return null;
}

/** The picture without its location, to be closed by the caller; null if it may contain one that cannot be removed. */
export const withoutLocation = (picture: Spooled, extension: string): Promise<Spooled | null> =>
  oneAtATime(() => clean(picture, extension));
