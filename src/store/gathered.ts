/** What is looked up one by one, asked for together. */

/** At most so many in one query, so that a long one does not keep the others waiting. */
const MOST = 100;

type Waiting<T> = { key: string; resolve(value: T | null): void; reject(error: unknown): void };

/**
 * Makes of a look-up of many keys one of a single key: all that are asked for in one turn of the event loop go into
 * one query, which begins after the last of them was asked for. Null for a key that is not found.
 */
export const gathered = <T>(
  lookUp: (keys: string[]) => Promise<ReadonlyMap<string, T>>,
): ((key: string) => Promise<T | null>) => {
  let waiting: Waiting<T>[] = [];

  const ask = async (some: Waiting<T>[]) => {
    try {
      const found = await lookUp([...new Set(some.map(({ key }) => key))]);
      for (const { key, resolve } of some) resolve(found.get(key) ?? null);
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  };
  const askAll = () => {
    const all = waiting;
    waiting = [];
    for (let from = 0; from < all.length; from += MOST) void ask(all.slice(from, from + MOST));
  };

  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ key, resolve, reject }) === 1) setImmediate(askAll);
    });
};
