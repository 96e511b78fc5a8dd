import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than anything takes, however busy the machine: who waits for what comes does not wait until then. */
const TIMEOUT = 60_000;

/**
 * Looks again and again until what is found is right, and answers it.
 * @throws where that does not come about, with what was found last
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
