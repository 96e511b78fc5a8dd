/**
 * `npm run test:differential`: runs a hundred thousand random ledgers through both engines, on all cores, with progress
 * on standard error. With another number and seed: `npm run test:differential -- 5000 7`. Exits with 1 if they differ.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { searches } from './search.ts';

type Share = { index: number; of: number; runs: number; seed: number };

function work({ index, of, runs, seed }: Share): void {
  searches.forEach(({ search }, place) => {
    if (place % of === index) parentPort?.postMessage(search(seed + place, runs));
  });
}

async function lead(): Promise<void> {
  const [total = 100_000, seed = Math.floor(Date.now() / 1000)] = process.argv.slice(2).map(Number);
  process.stderr.write(`seed ${seed}\n`);
  const runs = Math.ceil(total / searches.length);
  const of = Math.max(1, availableParallelism());
  let done = 0;
  const found: string[] = [];
  const start = performance.now();
  const share = (index: number) =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { index, of, runs, seed } });
      worker.on('message', (disagreement: string | null) => {
        done++;
        if (disagreement) found.push(disagreement);
        process.stderr.write(
          `\r${done} of ${searches.length} searches, ${done * runs} ledgers, ${found.length} disagreements`,
        );
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  await Promise.all(Array.from({ length: of }, (_, index) => share(index)));
  process.stderr.write('\n');
  for (const disagreement of found) console.log(disagreement);
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(
    `${runs * searches.length} ledgers in ${searches.length} searches, seed ${seed}: ${found.length} disagreements (${seconds} s)`,
  );
  process.exitCode = found.length > 0 ? 1 : 0;
}

if (isMainThread) await lead();
else work(workerData as Share);
