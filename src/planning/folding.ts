/**
 * Work that folds a line many times. It stops before each fold, so that a service can let others have their turn, and whoever
 * has nobody else to serve does all of it at once.
 */
export type Folding<T> = Generator<undefined, T, undefined>;

/** Does all of it now. */
export function runToEnd<T>(work: Folding<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does it fold by fold, and awaits `yieldTurn` before each. */
export async function runInTurns<T>(work: Folding<T>, yieldTurn: () => Promise<unknown>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    await yieldTurn();
  }
}
