/**
 * Takes where it was taken, and all else that a photograph tells beside its picture, out of it: only how to turn it,
 * its colours and its dates stay; one that is damaged stays as it is, if it tells of no place. ExifTool does it, in a
 * process of its own, so that neither its memory nor a picture that breaks it can hurt the service.
 */
import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { mutex } from '../lib/mutex.ts';
import { type Spooled, spool } from '../lib/spool.ts';

const TOOL = fileURLToPath(new URL('without-location-tool.ts', import.meta.url));
const TIMEOUT = 60_000;
/**
 * ExifTool is Perl in WebAssembly and runs for two seconds: translated once, plainly, by one thread. With V8's other
 * threads it takes twice the processor's time, and once in some hundreds of times V8 waits for ever at the process's
 * end (nodejs/node#54918).
 */
const FLAGS = ['--single-threaded', '--liftoff-only'];

/** One picture at a time: each takes some hundreds of megabytes for a second. */
const inTurn = mutex();

async function clean(picture: Spooled, extension: string): Promise<Spooled | null> {
  const child = spawn(process.execPath, [...FLAGS, TOOL, extension], {
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
    // What the service knows of its environment is nothing for a tool that reads strangers' files.
    env: {},
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Awaited only once its output has ended: until then a failure is nobody's, and must not end the service.
  ended.catch(() => undefined);
  const fed = pipeline(picture.read(), child.stdin).catch(() => undefined);
  const cleaned = await spool(child.stdout);
  const [code] = await Promise.all([ended, fed]);
  if (code === 0 && cleaned.size > 0) return cleaned;
  await cleaned.close();
  return null;
}

/** The picture without its location, to be closed by the caller; null where one may stand in it and cannot be taken out. */
export const withoutLocation = (picture: Spooled, extension: string): Promise<Spooled | null> =>
  inTurn(() => clean(picture, extension));
