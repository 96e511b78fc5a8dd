/** Reads what comes one by one, with a look at what comes next. */
export type Peekable<T> = {
  /** What comes next, without taking it; undefined at the end. */
  peek(): Promise<T | undefined>;
  take(): Promise<T | undefined>;
  /** Ends the source, wherever it is. */
  close(): Promise<void>;
};

export function peekable<T>(source: AsyncIterable<T>): Peekable<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<T>> | null = null;
  const peek = async () => {
    next ??= iterator.next();
    const { done, value } = await next;
    return done ? undefined : value;
  };
  return {
    peek,
    async take() {
      const taken = await peek();
      if (taken !== undefined) next = null;
      return taken;
    },
    async close() {
      await iterator.return?.();
    },
  };
}
