import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes even on a busy machine; a wait that succeeds ends much sooner. */
const TIMEOUT = 60_000;

/**
 * Polls `look` until its result is right, and returns that.
 * @throws Error with the last result after the timeout
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isRight: (found: T) => unknown = (found) => found,
): Promise<T> {
  const until = performance.now() + TIMEOUT;
  for (;;) {
    const found = await look();
    if (await isRight(found)) return found;
    if (performance.now() > until) throw new Error(`it did not come about: ${JSON.stringify(found)}`);
    await sleep(5);
  }
}
