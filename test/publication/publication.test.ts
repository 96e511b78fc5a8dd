/** From a person's lines to the bytes of their feeds: what changes them, what does not, and whose bytes stand. */
import t from 'tap';
import { buildFeed } from '../../src/publication/index.ts';
import { headLine, readFeed } from '../support/feeds.ts';
import { onEachEngine } from '../support/stores.ts';
import { call, counting, rulebook, SECRET, START, standing, workbench } from './fixture.ts';

t.setTimeout(120_000);

await onEachEngine(t, (t, engine) => {
  t.test('the same bytes until something changes', async (t) => {
    const bench = await workbench(t, engine);
    await bench.addLine('ru/t2/prepaid', '2026-03-01');
    const feed = await bench.addFeed();
    const first = standing(await bench.publisher()(feed.id, bench.now()));
    t.ok(first.events.size > 3, 'there are entries');
    t.equal(first.version, 1);
    bench.setNow('2026-03-28T10:00:00.000Z');
    const again = standing(await bench.publisher()(feed.id, bench.now()));
    t.same([again.version, again.body, again.etag], [1, first.body, first.etag], 'nothing is published anew');

    await bench.store.write(bench.user.id, (q) => q.users.update(bench.user.id, { name: 'Anna L.' }));
    const touched = standing(await bench.publisher()(feed.id, bench.now()));
    t.equal(touched.version, 2, 'made anew after a write');
    t.same([touched.body, touched.etag, touched.changed_at], [first.body, first.etag, first.changed_at]);
    t.ok(touched.revision > first.revision);
  });

  t.test('a record changes the entries of its line and no other', async (t) => {
    const bench = await workbench(t, engine);
    const t2 = await bench.addLine('ru/t2/prepaid', '2026-01-15');
    await bench.addLine('gb/giffgaff/prepaid', '2026-01-20');
    const feed = await bench.addFeed();
    const publish = bench.publisher();
    const before = standing(await publish(feed.id, bench.now()));
    bench.setNow('2026-03-12T09:30:00.000Z');
    await bench.record(t2, call('2026-03-12'));
    const after = standing(await publish(feed.id, bench.now()));

    const lineOf = new Map([...before.items, ...after.items].map(({ uid, line }) => [uid, line]));
    let changed = 0;
    for (const [uid, event] of after.events) {
      const was = before.events.get(uid);
      if (lineOf.get(uid) !== t2.id || was?.text === event.text) {
        t.equal(event.text, was?.text, 'an entry that has not changed keeps its bytes');
        continue;
      }
      t.equal(event.sequence, was ? was.sequence + 1 : 0, 'SEQUENCE grows by one');
      t.equal(event.stamp, '2026-03-12T09:30:00Z');
      t.equal(event.modified, event.stamp, 'DTSTAMP is LAST-MODIFIED');
      if (was) changed += 1;
    }
    t.ok(changed > 0, 'some entries of the line have moved');
    for (const uid of before.events.keys()) {
      if (!after.events.has(uid)) t.equal(lineOf.get(uid), t2.id, 'only the line loses entries');
    }
    t.equal(after.changed_at, '2026-03-12T09:30:00.000Z');
    t.not(after.etag, before.etag);
  });

  t.test('as many queries for thirty lines as for two', async (t) => {
    const bench = await workbench(t, engine);
    const { store, asked } = counting(bench.store);
    for (let i = 0; i < 2; i += 1) await bench.addLine('ru/t2/prepaid', '2026-03-01');
    const feed = await bench.addFeed();
    const publish = bench.publisher({ store });
    await publish(feed.id, bench.now());
    const expected = [
      'feeds.byIds', // its options
      'users.byIds', // the zone, the language, the revision
      'publications.ofFeeds', // what the new one is compared with
      'lines.ofUsers',
      'records.ofLines', // all ledgers at once
      'payments.ofLines', // and all payments
      'marks.ofLines',
      'silences.ofUsers', // their feeds that nobody fetches
      'publications.publish',
    ];
    t.same(asked, expected);
    for (let i = 0; i < 28; i += 1) await bench.addLine('ru/t2/prepaid', '2026-03-01');
    asked.length = 0;
    await publish(feed.id, bench.now());
    t.same(asked, expected);
  });

  t.test('as many queries for twelve feeds as for one, and each is of its own owner and lines', async (t) => {
    const bench = await workbench(t, engine);
    const { store, asked } = counting(bench.store);
    const lines = [];
    for (let i = 0; i < 3; i += 1) lines.push(await bench.addLine('ru/t2/prepaid', '2026-03-01'));
    const feeds = [];
    for (let i = 0; i < 12; i += 1) feeds.push(await bench.addFeed({ lines: [lines[i % 3]!.id] }));
    const publish = bench.publisher({ store });
    const all = await Promise.all(
      [...feeds.map(({ id }) => id), 'feed_gone'].map((id) => publish(id, bench.now())),
    );
    t.equal(all.pop(), null, 'one that is gone');
    for (const [index, one] of all.entries()) {
      const shown = new Set(standing(one).items.map(({ line }) => line));
      t.same([...shown], [lines[index % 3]?.id]);
    }
    for (const name of [
      'feeds.byIds',
      'users.byIds',
      'lines.ofUsers',
      'records.ofLines',
      'silences.ofUsers',
    ]) {
      t.equal(asked.filter((one) => one === name).length, 1, name);
    }
  });

  t.test('fetches that come together are one publication', async (t) => {
    const bench = await workbench(t, engine);
    await bench.addLine('ru/t2/prepaid', '2026-03-01');
    const feed = await bench.addFeed();
    const { store, asked } = counting(bench.store);
    const one = bench.publisher({ store });
    const other = bench.publisher({ store });
    const results = await Promise.all([one, one, one, other].map((publish) => publish(feed.id, bench.now())));
    const [first] = results.map(standing);
    for (const result of results) t.same(standing(result).body, first?.body);
    t.equal(asked.filter((name) => name === 'feeds.byIds').length, 2, 'one read for each process');
    t.equal((await bench.store.publications.get(feed.id))?.version, 1, 'and one of them published');
  });

  t.test('who loses serves what the winner published', async (t) => {
    const bench = await workbench(t, engine);
    await bench.addLine('ru/t2/prepaid', '2026-03-01');
    const feed = await bench.addFeed();
    // The slow node has read before the quick one publishes, one second later by the clock.
    const { store } = bench;
    let overtake = async () => {};
    const slow = bench.publisher({
      store: {
        ...store,
        write: async (owner, fn) => {
          const run = overtake;
          overtake = async () => {};
          await run();
          return store.write(owner, fn);
        },
      },
    });
    const quick = bench.publisher();
    const later = new Date(bench.clock.now + 1000);
    let winner: string | undefined;
    overtake = async () => {
      winner = standing(await quick(feed.id, later)).body;
    };
    t.equal(standing(await slow(feed.id, bench.now())).body, winner);
    t.equal((await store.publications.get(feed.id))?.version, 1);

    // The winner has read before a write that the loser has seen: the loser goes on until the write is in it.
    overtake = async () => {
      await quick(feed.id, later);
      const line = await bench.addLine('gb/giffgaff/prepaid', '2026-03-02');
      t.ok(line);
    };
    await bench.addLine('ua/lifecell/prepaid', '2026-03-02');
    await slow(feed.id, later);
    const stands = standing(await slow(feed.id, later));
    t.equal(new Set(stands.items.map(({ line }) => line)).size, 3, 'all three lines are in it');
  });

  t.test(
    'an older release serves what a newer one has published, and goes on from it where it is behind',
    async (t) => {
      const bench = await workbench(t, engine);
      const line = await bench.addLine('ru/t2/prepaid', '2026-01-15');
      await bench.addLine('gb/giffgaff/prepaid', '2026-01-20');
      const feed = await bench.addFeed({ action_links: true });
      // Their entries differ by where links lead.
      const older = bench.publisher({ release: 1, site: 'https://older.example' });
      const newer = bench.publisher({ release: 2, site: 'https://newer.example' });
      await older(feed.id, bench.now());
      const published = standing(await newer(feed.id, bench.now()));
      t.equal(published.release, 2, 'a newer release publishes anew');
      t.match(published.body, /URL;VALUE=URI:https:\/\/newer\.example\//);
      t.equal(standing(await older(feed.id, bench.now())).body, published.body, 'the older one serves it');

      // Readers come to the older one first, then to either.
      let before = published;
      for (const [day, nodes] of [
        ['2026-03-12', [older, newer, older]],
        ['2026-03-13', [older, newer]],
        ['2026-03-14', [older]],
        ['2026-03-15', [older]],
      ] as const) {
        bench.setNow(`${day}T09:30:00.000Z`);
        await bench.record(line, call(day));
        for (const node of nodes) {
          const after = standing(await node(feed.id, bench.now()));
          t.ok(after.revision > published.revision, 'what was recorded is seen at once');
          for (const [uid, event] of after.events) {
            const was = before.events.get(uid);
            const least = was && was.text !== event.text ? was.sequence + 1 : (was?.sequence ?? 0);
            if (event.sequence < least) t.fail(`${day}: SEQUENCE ${event.sequence} after ${was?.sequence}`);
          }
          before = after;
        }
        const serves = standing(await older(feed.id, bench.now()));
        t.equal(serves.body, before.body, 'and what stands then is served by the older one too');
      }
    },
  );

  t.test('an erased line leaves the feed, and the others keep their SEQUENCE', async (t) => {
    const bench = await workbench(t, engine);
    const t2 = await bench.addLine('ru/t2/prepaid', '2026-01-15', { label: 'Gone tomorrow' });
    const kept = await bench.addLine('gb/giffgaff/prepaid', '2026-01-15');
    const feed = await bench.addFeed();
    const publish = bench.publisher();
    await publish(feed.id, bench.now());
    await bench.record(kept, call('2026-03-09'));
    const before = standing(await publish(feed.id, bench.now()));
    await bench.store.write(bench.user.id, (q) => q.lines.erase(t2.id));
    const after = standing(await publish(feed.id, bench.now()));
    t.ok(after.items.every(({ line }) => line !== t2.id));
    t.notMatch(after.body, 'Gone tomorrow');
    t.ok(after.events.size > 0);
    for (const [uid, event] of after.events) t.equal(event.text, before.events.get(uid)?.text);

    await bench.store.write(bench.user.id, (q) => q.feeds.erase(feed.id));
    t.equal(await publish(feed.id, bench.now()), null, 'of a feed that is gone there is none');
  });

  t.test('the window rolls at the start of a month, in the zone of its reader', async (t) => {
    const bench = await workbench(t, engine);
    await bench.addLine('gb/giffgaff/prepaid', '2025-06-20');
    const feed = await bench.addFeed();
    const publish = bench.publisher();
    const march = standing(await publish(feed.id, bench.now()));
    t.equal(march.stale_at, '2026-03-31T16:00:00.000Z', 'midnight in Shanghai');
    const dates = [...march.events.values()].map(({ date }) => date);
    t.ok(dates.every((date) => date >= '2025-12-01' && date < '2027-06-01'));
    t.equal(standing(await publish(feed.id, new Date('2026-03-31T15:59:59.999Z'))).version, 1);
    const april = standing(await publish(feed.id, new Date('2026-03-31T16:00:00.000Z')));
    t.equal(april.version, 2);
    t.equal(april.stale_at, '2026-04-30T16:00:00.000Z');
    const first = [...april.events.values()].map(({ date }) => date).sort()[0] as string;
    t.ok(first >= '2026-01-01', 'what is long past has left');
    t.ok(
      [...march.events.values()].some(({ date }) => date < '2026-01-01'),
      'and there was such',
    );
    for (const [uid, event] of april.events) {
      const was = march.events.get(uid);
      if (was) t.equal(event.text, was.text, 'what stays keeps its bytes');
    }
  });
});

t.test('without a store: the same bytes', async (t) => {
  await onEachEngine(t, async (t, engine) => {
    const bench = await workbench(t, engine);
    const line = await bench.addLine('ru/t2/prepaid', '2026-03-01');
    const feed = await bench.addFeed();
    const published = standing(await bench.publisher()(feed.id, bench.now()));
    const records = await bench.store.records.ofLine(line.id);
    const source = { user: bench.user, lines: [{ line, records }] };
    const context = { rulebook, secret: SECRET, site: null };
    const built = await buildFeed(context, source, feed, null, new Date(START));
    t.equal(built.calendar.body, published.body);
    t.equal(built.stale_at, published.stale_at);
    t.equal(headLine(published.body, 'X-WR-CALNAME'), 'Phones');
    t.ok(readFeed(built.calendar.body).size > 0);
  });
});
