/** Silence is counted while the service is there to be asked, and noted in pieces. */
import t from 'tap';
import { noteSilence } from '../../src/service/silence.ts';
import { newFeed, onEachEngine } from '../support/stores.ts';
import { ADMIN, addPerson, type Fixture, serve } from './service.ts';
import { after, feedOf, fetched, gauge, PUBLIC_URL, silentTitles, stay } from './silence.ts';

t.setTimeout(120_000);

await onEachEngine(t, async (t, engine) => {
  const environment = { DATABASE_URL: await engine.url(), PUBLIC_URL };
  const first = await serve({ teardown: () => {} }, { environment });
  const alice = await addPerson(first, 'Alice');
  const phone = await feedOf(first, alice.write, alice.id, { name: 'Phone' });
  const dead = await feedOf(first, alice.write, alice.id, { name: 'Dead' });
  await stay(first, 0.5, 4);
  await fetched(first, phone.url);
  await first.close();

  const second = await serve({ teardown: () => {} }, { environment, now: after(4.1) });
  const silent = async (service: Fixture) => {
    const { items } = (await service.as(ADMIN)('GET', '/v1/feeds?silent=true')).json();
    return items.map(({ name }: { name: string }) => name);
  };
  const isSilent = async (service: Fixture, { id }: { id: string }) =>
    (await service.as(ADMIN)('GET', `/v1/feeds/${id}/health`)).json().silent;
  await stay(second, 4.5, 6);
  t.equal(await gauge(second), '2', 'the dead one, and that of the fixture');
  const told = silentTitles((await fetched(second, phone.url)).rawPayload);
  await second.close();

  // The service was away from day 6 to day 12: nobody could fetch.
  const back = await serve(t, { environment, now: after(12) });
  t.same([await isSilent(back, phone), await isSilent(back, dead)], [false, true]);
  t.notOk((await silent(back)).includes('Phone'), 'nor before its housekeeping');
  await stay(back, 12, 15);
  t.equal(await gauge(back), '2', 'who was silent before still is, and nobody else');
  t.notOk((await silent(back)).includes('Phone'));
  t.same([await isSilent(back, phone), await isSilent(back, dead)], [false, true]);
  await stay(back, 15.5, 15.5);
  t.equal(await gauge(back), '3', 'three days later it could have been fetched');
  t.ok(await isSilent(back, phone));
  t.ok(told.length > 0);

  const imported = newFeed(alice.id, { name: 'Imported', created_at: '2024-01-01T00:00:00.000Z' });
  const { id } = await back.app.store.write(alice.id, (q) => q.feeds.create(imported, 'digest'));
  await noteSilence(back.app);
  t.notOk(await isSilent(back, { id }), 'it is as old as elsewhere, and nobody could fetch it here');
  await stay(back, 16, 19);
  t.ok(await isSilent(back, { id }));
});

t.test('the housekeeping stops between two batches', async (t) => {
  const service = await serve(t, { environment: { PUBLIC_URL } });
  const alice = await addPerson(service, 'Alice');
  // More than are looked at at once.
  await service.app.store.write(alice.id, async (q) => {
    for (let n = 0; n < 520; n += 1)
      await q.feeds.create(newFeed(alice.id, { name: `Feed ${n}` }), `digest-${n}`);
  });
  await stay(service, 0, 3);
  service.setNow(after(3.5));
  const stopping = new AbortController();
  const { store } = service.app;
  let writes = 0;
  const counted: typeof store = {
    ...store,
    write: (...given) => {
      writes += 1;
      // The first says that the service is there, the second notes.
      if (writes === 2) stopping.abort();
      return store.write(...given);
    },
  };
  await noteSilence({ ...service.app, store: counted }, stopping.signal);
  t.equal(await store.silences.count(), 50);
  await noteSilence(service.app);
  t.equal(await store.silences.count(), 521, 'and goes on the next time');
  await service.as(alice.write)('PATCH', `/v1/feeds/${alice.feed}`, { name: 'Mended' });
  await noteSilence(service.app);
  t.equal(await store.silences.count(), 520, 'whoever changes a feed gives a sign of it');
});
