/** Which process began something: so that another can tell whether it is still at it. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const LIFE = randomUUID().slice(0, 8);

/**
 * Where a process's number means the same: containers may share a name and not their processes, and a machine numbers them
 * anew when it starts. Null where that cannot be told.
 */
function placeOfProcesses(): string | null {
  if (process.platform !== 'linux') return process.platform;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
    return namespace ? `${boot}-${namespace}` : null;
  } catch {
    return null;
  }
}

const PLACE = placeOfProcesses();
/** Marks of versions before end with the life. */
const MARK = `${hostname()}/${process.pid}/${PLACE === null ? LIFE : `${LIFE}.${PLACE}`}`;

/** The mark of this process. */
export const thisNode = (): string => MARK;

/** Longer than any request lasts. */
const MAX_REQUEST_MILLISECONDS = 600_000;

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Has the process ended whose mark this is, or whose mark it begins with? Only one whose number means here what it meant
 * there is known to have.
 */
export function hasEnded(mark: string): boolean {
  const [host, pid, life] = mark.split('/');
  const [, place] = (life ?? '').split('.');
  if (host !== hostname() || PLACE === null || place !== PLACE) return false;
  if (mark === MARK || mark.startsWith(`${MARK}/`)) return false;
  return Number(pid) === process.pid || !runs(Number(pid));
}

/** Is nobody any more at work on what that process began then? Where its mark does not say, only time can tell. */
export const isAbandoned = (mark: string, since: string, now: Date): boolean =>
  hasEnded(mark) || now.getTime() - Date.parse(since) > MAX_REQUEST_MILLISECONDS;
