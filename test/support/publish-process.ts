/**
 * A process that publishes feeds, for a test or a benchmark that kills it. `node publish-process.ts URL NOW FROM`
 * publishes all feeds with an id after FROM, in order of id, as many concurrently as `keepline publish`, and prints
 * each id once its publication is acknowledged.
 */
import { writeSync } from 'node:fs';
import { createPublisher } from '../../src/publication/index.ts';
import { forEachConcurrently } from '../../src/publication/renewal.ts';
import { loadRulebook } from '../../src/rulebook/index.ts';
import { openStore } from '../../src/store/store.ts';
import type { Position } from '../../src/store/types.ts';

const [url = '', now = '', from = ''] = process.argv.slice(2);
const store = await openStore({ url });
const { rulebook } = await loadRulebook(new URL('../../rules', import.meta.url).pathname);
const secret = 'a-secret-of-thirty-two-characters';
const publish = createPublisher({ store, rulebook, release: 1, secret, site: null });
const query = { user: null, before: now, silent: null };
let next: Position | null = null;
do {
  const page: { items: { id: string }[]; next: Position | null } = await store.feeds.search(query, {
    limit: 1_000,
    after: next,
  });
  await forEachConcurrently(page.items, async ({ id }) => {
    if (id <= from) return;
    const publication = await publish(id, new Date(now));
    if (publication) writeSync(1, `${id}\n`);
  });
  next = page.next;
} while (next !== null);
await store.close();
