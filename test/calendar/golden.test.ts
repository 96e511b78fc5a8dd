/**
 * Feeds byte for byte. `UPDATE_GOLDEN=1 npx tap run test/calendar/golden.test.ts` writes the files anew; then read
 * the difference, since subscribers will see it as well.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import ICAL from 'ical.js';
import t from 'tap';
import { cleanLine, cleanText } from '../../src/calendar/index.ts';
import { publishClean, read } from './fixture.ts';
import { GOLDEN } from './golden-feeds.ts';

for (const [name, { head, items }] of Object.entries(GOLDEN)) {
  t.test(`${name}.ics`, async (t) => {
    const file = new URL(`../golden/${name}.ics`, import.meta.url);
    const { body } = publishClean(items, { head });
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, body);
    t.equal(body, readFileSync(file, 'utf8'));
    t.same(
      read(body).events.map(({ uid, start, summary, description }) => ({ uid, start, summary, description })),
      items.map(({ uid, date, summary, description, done }) => ({
        uid,
        start: date,
        summary: (done ? '✅ ' : '') + cleanLine(summary),
        description: cleanText(description),
      })),
      'an independent parser reads back what went in',
    );
    t.equal(read(body).name, cleanLine(head.name));
    const rewritten = ICAL.stringify(ICAL.parse(body));
    t.same(read(rewritten).events, read(body).events, 'and writes it so that it reads the same');
  });
}

t.test('only entries have a UID: a reader that splits a calendar takes the first it meets', async (t) => {
  for (const [name, { head, items }] of Object.entries(GOLDEN)) {
    t.notMatch(publishClean(items, { head }).body.split('BEGIN:VEVENT')[0], /^UID[:;]/m, name);
  }
});
