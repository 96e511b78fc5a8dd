/** What is looked up one by one, asked for together. */

/** At most so many in one query, so that a long one does not keep the others waiting. */
const MAX_KEYS = 100;
/** At most so many queries at once: what is asked for meanwhile gathers, the more the busier the database is. */
const MAX_CONCURRENT = 2;

type Waiting<T> = { key: string; resolve(value: T | null): void; reject(error: unknown): void };

/**
 * Makes of a look-up of many keys one of a single key. A key is asked for by a query that begins after this one was
 * called, at the earliest when the event loop has had its turn, together with all that have been asked for by then.
 * Null for a key that is not found.
 */
export const batchLoader = <T>(
  lookUp: (keys: string[]) => Promise<ReadonlyMap<string, T>>,
): ((key: string) => Promise<T | null>) => {
  const waiting: Waiting<T>[] = [];
  let underWay = 0;
  let isDue = false;

  const ask = async (some: Waiting<T>[]) => {
    underWay += 1;
    try {
      const found = await lookUp([...new Set(some.map(({ key }) => key))]);
      for (const { key, resolve } of some) resolve(found.get(key) ?? null);
    } catch (error) {
      for (const { reject } of some) reject(error);
    } finally {
      underWay -= 1;
      if (waiting.length > 0) askSoon();
    }
  };
  const askNow = () => {
    isDue = false;
    while (waiting.length > 0 && underWay < MAX_CONCURRENT) void ask(waiting.splice(0, MAX_KEYS));
  };
  const askSoon = () => {
    if (isDue || underWay >= MAX_CONCURRENT) return;
    isDue = true;
    setImmediate(askNow);
  };

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      askSoon();
    });
};
