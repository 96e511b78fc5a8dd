import { setImmediate as nextTurn } from 'node:timers/promises';

const sliceMilliseconds = 10;

/**
 * SQLite answers at once, so a loop of writes that are awaited would never let the event loop turn: no request
 * would be taken and no signal heard. Awaited before each write, this lets it turn now and then.
 */
export const eventLoopYielder = () => {
  let last = 0;
  return async (): Promise<void> => {
    if (performance.now() - last < sliceMilliseconds) return;
    await nextTurn();
    last = performance.now();
  };
};
