/**
 * Walks through a line's life: after each step every reader must show exactly the entries that the API's agenda has in
 * the feed's window, without duplicates or stale entries.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { feedWindow } from '../../src/calendar/index.ts';
import { addPerson, RULES, serve } from '../http/service.ts';
import type { Reader, Shown } from './readers.ts';

type Item = { uid: string; kind: string; on: string; state: string; title: string };

const pounds = (amount: string) => ({ amount, currency: 'GBP' });
const ZONE = 'Europe/Berlin';

const EXAMPLE = `
      - name: A line in use
        given: [{ type: topup, at: 2026-01-01, amount: 10 GBP }]
        as_of: 2026-01-02
        gives: { stage: active }`;
/** The rule with a period ten days shorter; its worked examples are replaced, since their dates no longer hold. */
const shorter = (text: string) =>
  `${text.replace(/\n {4}examples:[\s\S]*$/, `\n    examples:${EXAMPLE.repeat(3)}\n`)}`.replace(
    'earliest: 180 days',
    'earliest: 170 days',
  );

const byUid = (entries: readonly Shown[]) => entries.toSorted((a, b) => (a.uid < b.uid ? -1 : 1));

const byDay = (entries: readonly Shown[]) =>
  entries.toSorted((a, b) => (`${a.on} ${a.title}` < `${b.on} ${b.title}` ? -1 : 1));

/** `log` receives a line for each step: what happened, and what the readers show. */
export async function walk(t: Test, readers: readonly Reader[], log: (line: string) => void = () => {}) {
  const folder = t.testdir({});
  const rules = join(folder, 'rules');
  for (const name of ['ru/t2.yaml', 'gb/giffgaff.yaml']) cpSync(join(RULES, name), join(rules, name));
  const service = await serve(t, {
    now: '2026-02-20T09:00:00.000Z',
    environment: { PORT: '0', RULES_DIR: rules },
  });
  const origin = await service.listen();
  const anna = await addPerson(service, 'Anna');
  const api = service.as(anna.write);
  // The line that `addPerson` creates is not needed here.
  await api('DELETE', `/v1/lines/${anna.line}`);
  let now = '2026-02-20';
  const at = (day: string) => {
    now = day;
    service.setNow(`${day}T09:00:00.000Z`);
  };
  const made = (await api('POST', `/v1/users/${anna.id}/feeds`, { name: 'My numbers' })).json();
  let url = `${origin}${new URL(made.urls.https).pathname}`;

  async function agenda(): Promise<Shown[]> {
    const window = feedWindow(now, ZONE);
    const { items } = (await api('GET', `/v1/users/${anna.id}/agenda`)).json() as { items: Item[] };
    return items
      .filter(({ on }) => on >= window.from && on < window.until)
      .map(({ uid, on, title, state }) => ({
        uid,
        on,
        title: state === 'done' && !title.startsWith('✅') ? `✅ ${title}` : title,
      }));
  }

  async function step(what: string, see: (entries: readonly Shown[]) => void = () => {}) {
    await t.test(what, async (t) => {
      const expected = byUid(await agenda());
      const uids = new Set(expected.map(({ uid }) => uid));
      t.equal(uids.size, expected.length, 'the agenda has no entry twice');
      for (const reader of readers) {
        const shown = await reader.read(url);
        const [here, there] = reader.ownUids
          ? [byDay(shown), byDay(expected.map((entry) => ({ ...entry, uid: '' })))]
          : [byUid(shown), expected];
        t.same(here, there, `${reader.name} shows what the agenda has`);
      }
      see(expected);
      const next = expected.filter(({ on }) => on >= now).toSorted((a, b) => (a.on < b.on ? -1 : 1))[0];
      log(
        `${now}  ${what}: ${expected.length} entries in ${readers.map(({ name }) => name).join(', ')}; next: ${next ? `${next.on} ${next.title}` : 'none'}`,
      );
    });
  }
  const has = (entries: readonly Shown[], title: RegExp, count: 'some' | 'none' = 'some') =>
    t.equal(
      entries.some((entry) => title.test(entry.title)),
      count === 'some',
      `${title} ${count}`,
    );

  await step('nothing yet', (entries) => has(entries, /nothing in this feed yet/));
  const line = (
    await api('POST', `/v1/users/${anna.id}/lines`, { rule: 'gb/giffgaff/prepaid', label: 'UK, "old"; bank' })
  ).json().id;
  await step('line added, nothing known of it', (entries) => has(entries, /Facts missing/));
  await api('POST', `/v1/lines/${line}/records`, { type: 'topup', at: '2025-09-20', amount: pounds('10') });
  await step('its last top-up recorded', (entries) => has(entries, /Last safe day .*19 March/));
  at('2026-03-15');
  await step('renewal near');
  const paid = {
    paid_at: '2026-03-15',
    amount: { amount: '11.90', currency: 'EUR' },
    credited: pounds('10'),
    channel: 'third_party',
    reference: 'A,1;2',
  };
  const first = (await api('POST', `/v1/lines/${line}/payments`, paid)).json().id;
  await step('paid', (entries) => {
    has(entries, /go through/);
    has(entries, /unless your payment is confirmed/);
    has(entries, /Save the proof/);
  });
  at('2026-03-17');
  await api('POST', `/v1/payments/${first}/fail`, { reason: 'The seller vanished' });
  await step('failed: the old deadline is back', (entries) => {
    has(entries, /Last safe day .*19 March/);
    has(entries, /Ask support/);
    has(entries, /go through\?/, 'none');
  });
  const second = (
    await api('POST', `/v1/lines/${line}/payments`, { ...paid, paid_at: '2026-03-17', reference: 'B' })
  ).json().id;
  await api('POST', `/v1/payments/${first}/refund`, {});
  await step('paid again, the first one given back', (entries) =>
    has(entries, /Ask support: the €11.90.*failed/, 'none'),
  );
  at('2026-03-18');
  await api('POST', `/v1/payments/${second}/confirm`, { balance: pounds('10') });
  await api('PATCH', `/v1/payments/${second}`, { no_proof: true });
  await step('confirmed', (entries) => {
    has(entries, /^✅ Renewed/);
    has(entries, /Last safe day .*19 March/, 'none');
    has(entries, /Last safe day .*13 September/);
  });
  const file = join(rules, 'gb/giffgaff.yaml');
  writeFileSync(file, shorter(readFileSync(file, 'utf8')));
  await service.reload();
  t.match((await service.as(null)('GET', '/readyz')).json(), { rules: { state: 'current' } });
  await step('rule changed: ten days fewer', (entries) => has(entries, /Last safe day .*3 September/));
  at('2026-03-20');
  const rotated = (await api('POST', `/v1/feeds/${made.id}/rotate`, { overlap_days: 1 })).json();
  await step('feed rotated: the old address serves on');
  url = `${origin}${new URL(rotated.urls.https).pathname}`;
  await step('and the new one serves the same');
  await api('DELETE', `/v1/lines/${line}`);
  await step('line closed', (entries) => has(entries, /nothing in this feed yet/));
  await api('DELETE', `/v1/feeds/${made.id}`);
  await t.test('revoked', async (t) => {
    for (const reader of readers) {
      const shown = await reader.read(url);
      t.match(shown, [{ title: /ended/ }], `${reader.name} shows the farewell alone`);
    }
    log(`${now}  revoked: one entry, that the link has ended`);
  });
  for (const reader of readers) await reader.close?.();
}
