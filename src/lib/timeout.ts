/**
 * What `work` comes to; where that takes longer than so many milliseconds, what `late` answers or throws. The work goes
 * on then, and nobody hears of its end.
 */
export function withTimeout<T>(milliseconds: number, work: Promise<T>, late: () => T): Promise<T> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, milliseconds);
  return Promise.race([work, over.promise.then(late)]).finally(() => clearTimeout(timer));
}
