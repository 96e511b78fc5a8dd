/** The walk with the readers that packages bring. */
import t from 'tap';
import { icalJs, pythonIcalendar } from './readers.ts';
import { walk } from './walk.ts';

const python = await pythonIcalendar();
if (!python)
  t.comment("python's icalendar is not installed (Debian: python3-icalendar): ical.js reads alone");
await t.test('a walk through a life', (t) => walk(t, [icalJs(), ...(python ? [python] : [])]));
