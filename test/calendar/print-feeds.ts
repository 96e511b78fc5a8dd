/** Prints the golden feeds; run in a process with another time zone than the test's. */
import { feedWindow, isNotModified } from '../../src/calendar/index.ts';
import { publishClean } from './fixture.ts';
import { GOLDEN } from './golden-feeds.ts';

const bodies = Object.values(GOLDEN).map(({ head, items }) => publishClean(items, { head }).body);
const windows = ['Asia/Shanghai', 'America/New_York'].map((zone) => feedWindow('2026-11-30', zone));
const current = { etag: '"x"', lastModified: Date.parse('2026-11-01T10:00:00.000Z') };
const conditions = ['Sun Nov  1 09:59:59 2026', 'Sun Nov  1 10:00:00 2026'].map((ifModifiedSince) =>
  isNotModified({ ifModifiedSince }, current),
);
const offset = new Date(0).getTimezoneOffset();
process.stdout.write(JSON.stringify({ offset, bodies, windows, conditions }));
