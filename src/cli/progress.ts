/** A bar on standard error, where somebody watches it; nothing where nobody does. */
import type { Streams } from './command.ts';

const WIDTH = 30;
const EVERY = 100;

export type Progress = { step: (done: number, total: number) => void; end: () => void };

/** `what` stands beside the bar. `end` clears the line. */
export function progressBar({ stderr }: Pick<Streams, 'stderr'>, what: string): Progress {
  if (!stderr.isTTY) return { step: () => {}, end: () => {} };
  let last = 0;
  return {
    step(done, total) {
      const present = performance.now();
      if (done < total && present - last < EVERY) return;
      last = present;
      const part = total > 0 ? Math.min(1, done / total) : 1;
      const full = Math.round(part * WIDTH);
      const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
      stderr.write(`\r${bar} ${String(Math.round(part * 100)).padStart(3)} % ${what}`);
    },
    end: () => void stderr.write('\r\x1b[2K'),
  };
}
