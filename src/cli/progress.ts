/** A progress bar on standard error, if that is a terminal. */
import type { Streams } from './command.ts';

const WIDTH = 30;
const MIN_INTERVAL_MS = 100;

export type Progress = { step: (done: number, total: number) => void; end: () => void };

/** `what` is shown beside the bar. `end` clears the line. */
export function progressBar({ stderr }: Pick<Streams, 'stderr'>, what: string): Progress {
  if (!stderr.isTTY) return { step: () => {}, end: () => {} };
  let last = 0;
  return {
    step(done, total) {
      const present = performance.now();
      if (done < total && present - last < MIN_INTERVAL_MS) return;
      last = present;
      const fraction = total > 0 ? Math.min(1, done / total) : 1;
      const full = Math.round(fraction * WIDTH);
      const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
      stderr.write(`\r${bar} ${String(Math.round(fraction * 100)).padStart(3)} % ${what}`);
    },
    end: () => void stderr.write('\r\x1b[2K'),
  };
}
