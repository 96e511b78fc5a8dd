/** `keepline feed`: a calendar out of a file, without a service. */
import { readFile } from 'node:fs/promises';
import ICAL from 'ical.js';
import t from 'tap';
import { lintCalendar } from '../support/ical-lint.ts';
import { invoke, NOW, scratch } from './invoke.ts';

const EXAMPLE = 'examples/records.yaml';

t.test('feed: one calendar, linted, read by another parser, the same bytes each time', async (t) => {
  const { folder } = await scratch(t);
  const now = NOW.toISOString();
  const counts: Record<string, number> = {};
  for (const person of ['demo-anna', 'demo-boris', 'demo-carol', null]) {
    const args = ['feed', EXAMPLE, '--now', now, ...(person ? ['--person', person] : [])];
    const { code, stdout } = await invoke(args);
    t.equal(code, 0);
    t.same(lintCalendar(stdout), [], `${person}`);
    t.equal((await invoke(args, { now: new Date() })).stdout, stdout, 'the same bytes');
    t.match(stdout, 'DTSTAMP:20260615T090000Z');
    const events = new ICAL.Component(ICAL.parse(stdout)).getAllSubcomponents('vevent');
    const days = events.map((event) => String(event.getFirstPropertyValue('dtstart')));
    t.same(days, days.toSorted(), 'by day');
    counts[person ?? 'all'] = events.length;
  }
  const { all, ...each } = counts;
  t.equal(
    all,
    Object.values(each).reduce((sum, count) => sum + count, 0),
  );
  t.ok(Object.values(each).every((count) => count > 5));

  const out = `${folder}/carol.ics`;
  const russian = ['feed', EXAMPLE, '--person', 'Carol', '--locale', 'ru', '--name', 'Кэрол', '--out', out];
  t.same(await invoke(russian), { code: 0, stdout: '', stderr: '' });
  const text = await readFile(out, 'utf8');
  t.same(lintCalendar(text), []);
  t.match(text, 'NAME:Кэрол');
  t.match(text, /SUMMARY:…\d{4}: последний день — /);
  const options = ['--alarms', 'events', '--lead-days', '3', '--detail', 'neutral'];
  const neutral = (await invoke(['feed', EXAMPLE, '--person', 'Carol', ...options])).stdout;
  t.same(lintCalendar(neutral), []);
  t.notMatch(neutral, /giffgaff|BEGIN:VALARM/);
  t.match(neutral, 'SUMMARY:⏳ Renewal due in 3 days');
  t.equal((await invoke([...russian.slice(0, -1), `${folder}/none/x.ics`])).code, 1);
});
