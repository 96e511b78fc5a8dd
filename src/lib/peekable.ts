/** An async iterator with one item of look-ahead. */
export type Peekable<T> = {
  /** Returns the next item without consuming it; undefined at the end. */
  peek(): Promise<T | undefined>;
  /** Consumes the next item; undefined at the end. */
  take(): Promise<T | undefined>;
  /** Ends the source early. */
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
