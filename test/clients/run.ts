/** `npm run test:clients`: runs the walk with every client program installed here, and prints its log. */
import t from 'tap';
import { icalJs, pythonIcalendar, type Reader, vdirsyncerWithKhal } from './readers.ts';
import { walk } from './walk.ts';

// Each step starts programs, which on a busy machine take longer than the usual timeout.
t.setTimeout(300_000);

const readers: Reader[] = [icalJs()];
for (const [name, found] of [
  ["python's icalendar (Debian: python3-icalendar)", await pythonIcalendar()],
  ['vdirsyncer with khal (Debian: vdirsyncer, khal)', await vdirsyncerWithKhal()],
] as const) {
  if (found) readers.push(found);
  else t.comment(`skipped, not installed: ${name}`);
}
await t.test('a walk through a life', (t) => walk(t, readers, (line) => t.comment(line)));
