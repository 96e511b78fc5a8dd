/** `npm run test:clients`: the walk with every program that is installed here, and its log. */
import t from 'tap';
import { icalJs, pythonIcalendar, type Reader, vdirsyncerWithKhal } from './readers.ts';
import { walk } from './walk.ts';

// Each step starts programs: on a busy machine all of them take longer than a test usually may.
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
