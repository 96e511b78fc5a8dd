/** A person with lines under shipped rules, and a publisher over a store. */
import type { Test } from 'tap';
import { createPublisher, type PublisherContext } from '../../src/publication/index.ts';
import type { RecordInput } from '../../src/retention/record.ts';
import { loadRulebook } from '../../src/rulebook/index.ts';
import type { Feed, Line, NewFeed, NewLine, NewUser, Publication, Store } from '../../src/store/types.ts';
import { readFeed } from '../support/feeds.ts';
import { anna, type EngineUnderTest, newFeed, openTestStore } from '../support/stores.ts';

export const SECRET = 'a-secret-of-thirty-two-characters';
export const START = '2026-03-10T10:00:00.000Z';
export const { rulebook } = await loadRulebook(new URL('../../rules', import.meta.url).pathname);

export const call = (at: string): RecordInput => ({
  type: 'activity',
  at,
  kind: 'call',
  direction: 'outgoing',
  charged: true,
});

export async function workbench(t: Test, engine: EngineUnderTest, person: NewUser = anna) {
  const clock = { now: Date.parse(START) };
  const store = await openTestStore(t, engine, clock);
  const user = await store.write(null, (q) => q.users.create(person));
  let feeds = 0;
  return {
    store,
    user,
    clock,
    now: () => new Date(clock.now),
    setNow(moment: string) {
      clock.now = Date.parse(moment);
    },
    publisher: (given: Partial<PublisherContext> = {}) =>
      createPublisher({ store, rulebook, release: 1, secret: SECRET, site: null, ...given }),
    addLine: (rule: string, at: string | null, rest: Partial<NewLine> = {}): Promise<Line> =>
      store.write(user.id, async (q) => {
        const line = await q.lines.create({ user: user.id, rule, label: `Line of ${rule}`, ...rest });
        if (at !== null) await q.records.append(line.id, [{ body: call(at) }]);
        return line;
      }),
    record: (line: Line, body: RecordInput) =>
      store.write(user.id, (q) => q.records.append(line.id, [{ body }])),
    addFeed(rest: Partial<NewFeed> = {}): Promise<Feed> {
      feeds += 1;
      return store.write(user.id, (q) => q.feeds.create(newFeed(user.id, rest), `digest-${feeds}`));
    },
  };
}

/** A stored publication with its parsed events; tests read feeds only through this, so that each is linted. */
export function standing(publication: Publication | null) {
  if (!publication) throw new Error('no publication stands');
  return { ...publication, events: readFeed(publication.body) };
}

/** Wraps a store so that the names of its queries are recorded in `asked`. */
export function counting(store: Store): { store: Store; asked: string[] } {
  const asked: string[] = [];
  const watch = <T extends object>(group: string, queries: T): T =>
    new Proxy(queries, {
      get(target, name) {
        const value = target[name as keyof T];
        if (typeof value === 'object' && value !== null) return watch(String(name), value);
        if (typeof value !== 'function') return value;
        return (...parameters: unknown[]) => {
          asked.push(`${group}.${String(name)}`);
          return value(...parameters);
        };
      },
    });
  return {
    asked,
    store: {
      ...store,
      snapshot: (fn) => store.snapshot((q) => fn(watch('', q))),
      write: (owner, fn) => store.write(owner, (q) => fn(watch('', q))),
    },
  };
}
