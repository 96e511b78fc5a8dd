/** Which process receives a file: so that another can tell whether it still does. */
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

/** Is nobody any more at work on what that process began then? Of another machine's only time can tell. */
export function isAbandoned(node: string, since: string, now: Date): boolean {
  const [host, pid] = node.split('/');
  const isAnothers = node !== thisNode() && host === hostname();
  if (isAnothers && (Number(pid) === process.pid || !runs(Number(pid)))) return true;
  return now.getTime() - Date.parse(since) > LONGEST_MILLISECONDS;
}
