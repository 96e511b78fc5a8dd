import { setImmediate as nextTurn } from 'node:timers/promises';

const sliceMilliseconds = 10;

/**
 * Returns a function to await inside long loops: it yields to the event loop at most every 10 ms. SQLite answers
 * synchronously, so a loop of awaited writes alone would block requests and signals.
 */
export const eventLoopYielder = () => {
  let last = 0;
  return async (): Promise<void> => {
    if (performance.now() - last < sliceMilliseconds) return;
    await nextTurn();
    last = performance.now();
  };
};
