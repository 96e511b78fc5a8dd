/** Calendars that nobody fetches any more: told by the API, the metrics and their owner's other feeds. */
import t from 'tap';
import { noteSilence } from '../../src/service/silence.ts';
import { onEachEngine } from '../support/stores.ts';
import { ADMIN, addPerson, type Fixture, serve } from './service.ts';
import { after, feedOf, fetched, gauge, PUBLIC_URL, START, silentTitles, stay } from './silence.ts';

t.setTimeout(120_000);

await onEachEngine(t, async (t, engine) => {
  const environment = { DATABASE_URL: await engine.url(), PUBLIC_URL };
  const first = await serve({ teardown: () => {} }, { environment });
  const alice = await addPerson(first, 'Alice');
  const bob = await addPerson(first, 'Bob');
  const phone = await feedOf(first, alice.write, alice.id, { name: 'Phone, mine' });
  const family = await feedOf(first, alice.write, alice.id, { name: 'Family', detail: 'masked' });
  const russian = await feedOf(first, alice.write, alice.id, {
    name: 'Работа',
    locale: 'ru',
    detail: 'neutral',
  });
  const some = await feedOf(first, alice.write, alice.id, { name: 'Some', kinds: ['renew', 'nothing'] });
  for (const { url } of [phone, family]) t.equal((await fetched(first, url)).statusCode, 200);
  const health = (service: Fixture, feed: string) =>
    service
      .as(alice.read)('GET', `/v1/feeds/${feed}/health`)
      .then((answer) => answer.json());
  t.same(await health(first, family.id), {
    last_fetched_at: null,
    client: null,
    clients: [],
    silent: false,
    silent_after_days: 3,
  });
  await stay(first, 0, 2.5);
  await first.close();

  // Whether it is silent is told as of now; what stands in feeds as of the housekeeping, here that of the start.
  const service = await serve(t, { environment, now: after(3) });
  const search = async (key: string, query: string) => {
    const { items } = (await service.as(key)('GET', `/v1/feeds${query}`)).json();
    return items.map(({ id }: { id: string }) => id).sort();
  };
  t.same(await health(service, family.id), {
    last_fetched_at: START,
    client: 'apple',
    clients: [{ client: 'apple', first_fetched_at: START, last_fetched_at: START }],
    silent: false,
    silent_after_days: 3,
  });
  service.setNow(after(3.001));
  t.match(await health(service, family.id), { silent: true });
  t.match(
    await health(service, alice.feed),
    { silent: true, last_fetched_at: null },
    'never fetched, three days old',
  );
  const page = await service.server.inject({ method: 'GET', url: family.url.replace(/\/[^/]*$/, '') });
  t.match(
    page.body,
    'A calendar last fetched this: 15 March 2026, 13:00 · Apple. Nobody is being reminded by it now',
  );
  const late = await feedOf(service, alice.write, alice.id, { name: 'Late' });
  t.match(await health(service, late.id), { silent: false });
  t.equal((await service.as(bob.read)('GET', `/v1/feeds/${family.id}/health`)).statusCode, 404);

  const own = [alice.feed, phone.id, family.id, russian.id, some.id].sort();
  t.same(await search(alice.read, '?silent=true'), own);
  t.same(await search(alice.read, '?silent=false'), [late.id]);
  t.same(await search(alice.read, ''), [...own, late.id].sort());
  t.same(await search(ADMIN, '?silent=true'), [...own, bob.feed].sort());
  t.same(await search(bob.read, ''), [bob.feed]);
  t.equal((await service.as(ADMIN)('GET', '/v1/feeds?silent=yes')).statusCode, 422);
  const firstPage = (await service.as(ADMIN)('GET', '/v1/feeds?silent=true&limit=4')).json();
  const secondPage = (
    await service.as(ADMIN)('GET', `/v1/feeds?silent=true&limit=4&cursor=${firstPage.next_cursor}`)
  ).json();
  t.same([firstPage.items.length, secondPage.items.length, secondPage.next_cursor], [4, 2, null]);

  await noteSilence(service.app);
  t.equal(await gauge(service), '6');
  const before = await service.app.store.users.get(alice.id);
  await noteSilence(service.app);
  t.same(await service.app.store.users.get(alice.id), before, 'what is noted is not noted again');

  const told = await fetched(service, phone.url);
  const titles = silentTitles(told.rawPayload);
  t.same(
    new Set(titles.map(({ summary }) => summary)),
    new Set(['Mine', 'Family', 'Работа', 'Some'].map((name) => `⚠ A calendar is no longer fetched: ${name}`)),
    'of the others, not of itself',
  );
  const ofFamily = titles.filter(({ summary }) => summary.endsWith('Family'));
  t.same(ofFamily.map(({ date }) => date).slice(0, 2), ['2026-03-18', '2026-03-25'], 'each week');
  t.match(ofFamily[0]?.description, 'Since 15 March 2026 no program has fetched the calendar “Family”');
  t.same((await fetched(service, phone.url)).rawPayload, told.rawPayload, 'the same bytes');
  const masked = silentTitles((await fetched(service, family.url)).rawPayload);
  t.same(new Set(masked.map(({ summary }) => summary)), new Set(['⚠ A calendar is no longer fetched']));
  t.notMatch(masked.map(({ description }) => description).join(), /Phone|Mine|Работа/);
  const shared = { detail: 'full', lines: [alice.line] };
  await service.as(alice.write)('PATCH', `/v1/feeds/${family.id}`, shared);
  const helpers = silentTitles((await fetched(service, family.url)).rawPayload);
  t.same(
    new Set(helpers.map(({ summary }) => summary)),
    new Set(['⚠ A calendar is no longer fetched']),
    'who was given some lines is not told what else there is',
  );
  const neutral = silentTitles((await fetched(service, russian.url)).rawPayload);
  t.same(
    new Set(neutral.map(({ summary }) => summary)),
    new Set(['Один из календарей больше не загружается']),
  );
  t.same(silentTitles((await fetched(service, some.url)).rawPayload), [], 'a feed of chosen kinds');

  // The fetches are noted once a minute, here at the end; with them the silence ends at once.
  service.setNow(after(3.005));
  for (const agent of ['Google-Calendar-Importer', 'iOS/18.5 (22F76) dataaccessd/1.0']) {
    await fetched(service, phone.url, agent);
  }
  await service.server.inject({ url: phone.url, headers: { 'user-agent': '' } });
  await service.close();
  const third = await serve(t, { environment, now: after(3.01) });
  const lately = after(3.005);
  t.same((await health(third, phone.id)).clients, [
    { client: null, first_fetched_at: lately, last_fetched_at: lately },
    { client: 'apple', first_fetched_at: START, last_fetched_at: lately },
    { client: 'google', first_fetched_at: lately, last_fetched_at: lately },
  ]);
  t.equal(await gauge(third), '2');
  const later = silentTitles((await fetched(third, phone.url)).rawPayload);
  t.same(new Set(later.map(({ summary }) => summary)), new Set(['⚠ A calendar is no longer fetched: Mine']));
  t.equal((await third.as(alice.write)('DELETE', `/v1/feeds/${alice.feed}`)).statusCode, 204);
  const kept = await third.app.store.publications.get(phone.id);
  t.match(kept, { body: '', gzip: null, items: Array }, 'the name of what is gone is kept nowhere');
  t.same(silentTitles((await fetched(third, phone.url)).rawPayload), []);
  t.equal((await third.as(ADMIN)('DELETE', `/v1/users/${bob.id}`)).statusCode, 204);
  t.equal(await gauge(third), '0', 'nothing is left of who is gone');

  // A longer patience ends what a shorter one has noted.
  await stay(third, 3.5, 10);
  t.equal(await gauge(third), '5');
  await noteSilence({ ...third.app, config: { ...third.app.config, silentAfterDays: 30 } });
  t.equal(await gauge(third), '0');
});
