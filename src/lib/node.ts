/** Which process began something: so that another can tell whether it is still at it. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

const LIFE = randomUUID().slice(0, 8);

/** The mark of this process. */
export const thisNode = (): string => `${hostname()}/${process.pid}/${LIFE}`;

/** Longer than any request lasts. */
const LONGEST_MILLISECONDS = 600_000;

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Has the process ended whose mark this is, or whose mark it begins with? Only a process of this machine is known to
 * have.
 */
export function hasEnded(mark: string): boolean {
  const [host, pid] = mark.split('/');
  if (mark.startsWith(thisNode()) || host !== hostname()) return false;
  return Number(pid) === process.pid || !runs(Number(pid));
}

/** Is nobody any more at work on what that process began then? Of another machine's only time can tell. */
export const isAbandoned = (mark: string, since: string, now: Date): boolean =>
  hasEnded(mark) || now.getTime() - Date.parse(since) > LONGEST_MILLISECONDS;
