/** Keys per query at most, so that a long query does not hold up the others. */
const MAX_KEYS = 100;
/**
 * Concurrent queries at most. Keys requested meanwhile are batched: the busier the database, the larger the batches.
 */
const MAX_CONCURRENT = 2;

type Waiting<T> = { key: string; resolve(value: T | null): void; reject(error: unknown): void };

/**
 * Turns a look-up of many keys into one of a single key that batches its calls (a data loader without a cache). A key
 * is part of a query that begins after the call, in the next turn of the event loop at the earliest, together with all
 * keys requested by then. Resolves to null for a key that is not found.
 */
export const batchLoader = <T>(
  lookUp: (keys: string[]) => Promise<ReadonlyMap<string, T>>,
): ((key: string) => Promise<T | null>) => {
  const waiting: Waiting<T>[] = [];
  let running = 0;
  let isScheduled = false;

  const load = async (batch: Waiting<T>[]) => {
    running += 1;
    try {
      const found = await lookUp([...new Set(batch.map(({ key }) => key))]);
      for (const { key, resolve } of batch) resolve(found.get(key) ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      running -= 1;
      if (waiting.length > 0) schedule();
    }
  };
  const flush = () => {
    isScheduled = false;
    while (waiting.length > 0 && running < MAX_CONCURRENT) void load(waiting.splice(0, MAX_KEYS));
  };
  const schedule = () => {
    if (isScheduled || running >= MAX_CONCURRENT) return;
    isScheduled = true;
    setImmediate(flush);
  };

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      schedule();
    });
};
