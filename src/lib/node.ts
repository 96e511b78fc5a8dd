/** Marks what a process has begun, so that another process can tell whether it is still running. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Tells this process from others that had the same pid. */
const LIFE = randomUUID().slice(0, 8);

/**
 * Identifies the scope within which pids can be compared: containers may share a host name but not a pid namespace, and
 * pids start over at each boot. Null where it cannot be determined.
 */
function pidScope(): string | null {
  if (process.platform !== 'linux') return process.platform;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
    return namespace ? `${boot}-${namespace}` : null;
  } catch {
    return null;
  }
}

const SCOPE = pidScope();
/** Marks of earlier versions end after the life. */
const MARK = `${hostname()}/${process.pid}/${SCOPE === null ? LIFE : `${LIFE}.${SCOPE}`}`;

/** The mark of this process. */
export const thisNode = (): string => MARK;

/** Longer than any request. */
const MAX_REQUEST_MILLISECONDS = 600_000;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Whether the process that made this mark (or the mark that it begins with) is known to have ended. False where its pid
 * cannot be compared with those here.
 */
export function hasEnded(mark: string): boolean {
  const [host, pid, life] = mark.split('/');
  const [, scope] = (life ?? '').split('.');
  if (host !== hostname() || SCOPE === null || scope !== SCOPE) return false;
  if (mark === MARK || mark.startsWith(`${MARK}/`)) return false;
  return Number(pid) === process.pid || !isRunning(Number(pid));
}

/**
 * Whether the work that a process began at `since` (RFC 3339) is abandoned: the process has ended, or it took too long.
 */
export const isAbandoned = (mark: string, since: string, now: Date): boolean =>
  hasEnded(mark) || now.getTime() - Date.parse(since) > MAX_REQUEST_MILLISECONDS;
