/** Prints the golden feeds, for a process in another time zone than the test's. */
import { feedWindow } from '../../src/calendar/index.ts';
import { publishClean } from './fixture.ts';
import { GOLDEN } from './golden-feeds.ts';

const bodies = Object.values(GOLDEN).map(({ head, items }) => publishClean(items, { head }).body);
const windows = ['Asia/Shanghai', 'America/New_York'].map((zone) => feedWindow('2026-11-30', zone));
process.stdout.write(JSON.stringify({ offset: new Date(0).getTimezoneOffset(), bodies, windows }));
