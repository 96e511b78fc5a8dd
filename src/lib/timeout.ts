/**
 * Resolves as `work` does or, if that takes longer than the given time, as `onTimeout` returns or throws. The work is
 * not cancelled then; its outcome is ignored.
 */
export function withTimeout<T>(milliseconds: number, work: Promise<T>, onTimeout: () => T): Promise<T> {
  const expired = Promise.withResolvers<void>();
  const timer = setTimeout(expired.resolve, milliseconds);
  return Promise.race([work, expired.promise.then(onTimeout)]).finally(() => clearTimeout(timer));
}
