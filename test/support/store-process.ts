/**
 * A process that works on a store, for tests that start many or kill them.
 *   open URL          opens the store, agrees on a secret, prints it
 *   write URL LINE…   appends records to the lines concurrently and endlessly, and prints each id once it is
 *                     acknowledged; ends when its standard input ends or the database goes away
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/store.ts';
import { topup } from './stores.ts';

const [mode, url = '', ...lines] = process.argv.slice(2);
const store = await openStore({ url });
const say = (text: string) => writeSync(1, `${text}\n`);

if (mode === 'open') {
  say(await store.write(null, (q) => q.settings.keep('secret', `made by ${process.pid}`)));
} else {
  let ended = false;
  process.stdin.resume().on('end', () => {
    ended = true;
  });
  const fill = async (line: string) => {
    while (!ended) {
      const records = await store.write(null, (q) => q.records.append(line, [{ body: topup('1') }]));
      for (const { id } of records) say(id);
    }
  };
  await Promise.all(lines.map(fill));
}
await store.close();
