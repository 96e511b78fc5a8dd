/**
 * Work that folds a line many times, as a generator that yields before each fold: a service can give way to other
 * requests there, and others run it in one go.
 */
export type Folding<T> = Generator<undefined, T, undefined>;

/** Runs the work synchronously to its end. */
export function runToEnd<T>(work: Folding<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Runs the work and awaits `yieldTurn` before each fold. */
export async function runInTurns<T>(work: Folding<T>, yieldTurn: () => Promise<unknown>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await yieldTurn();
  }
}
