/** The memory of publications: bounded, and never trusted past a write. */
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { type Answer, calendarAnswer } from '../../src/http/cal/answer.ts';
import { createFreshness } from '../../src/http/cal/freshness.ts';
import { createMemory, type MemoryEntry } from '../../src/http/cal/memory.ts';

const KILOBYTES = 1000;
const CHANGED = {
  etag: '"a"',
  changed_at: '2026-03-01T10:00:00.000Z',
  now: new Date('2026-03-02T00:00:00.000Z'),
};

function entry(size = 8 * KILOBYTES, digest = 'anna'): MemoryEntry {
  const body = ' '.repeat(size);
  const answer = calendarAnswer({ ...CHANGED, body, gzip: null, mayHaveGzip: false }, []) as Answer;
  const served = {
    feed: 'feed',
    user: 'anna',
    user_revision: 1,
    locale: 'en',
    expires_at: null,
    revoked_at: null,
    publication: null,
  } as const;
  const until = Number.MAX_SAFE_INTEGER;
  return { digest, noteAs: digest, answer, served, status: null, until, readAt: 1 };
}

t.test('what is asked for stays, within the bound', async (t) => {
  const memory = createMemory(1000 * KILOBYTES);
  let misses = 0;
  for (let i = 0; i < 10_000; i += 1) {
    memory.put(`feed-${i}`, entry());
    if (i >= 3 && !memory.get('feed-3')) misses += 1;
  }
  t.equal(misses, 0, 'the one that everyone asks for');
  let kept = 0;
  for (let i = 0; i < 10_000; i += 1) if (memory.get(`feed-${i}`)) kept += 1;
  // Each takes 8 kB and what surrounds it; looking for them moves some out.
  t.ok(kept > 20 && kept <= 100, `${kept} are kept`);
  memory.forget('feed-3');
  t.notOk(memory.get('feed-3'));

  for (const turn of [1, 2, 3]) {
    memory.put('asked for', entry());
    t.notOk(memory.get('asked for'), `full, it takes nothing in for a fetch now and then: turn ${turn}`);
  }
  memory.put('asked for', entry());
  t.ok(memory.get('asked for'), 'but for the fourth');

  const small = createMemory(100 * KILOBYTES);
  small.put('another', entry());
  for (let i = 0; i < 1000; i += 1) small.put('the same', entry());
  t.ok(small.get('the same'));
  t.ok(small.get('another'), 'put again, it is counted once');
  for (let i = 0; i < 1000; i += 1) {
    small.put('passing', entry());
    small.forget('passing');
  }
  t.ok(small.get('another'), 'what is forgotten is counted no more');
  const latest = entry();
  small.put('another', latest);
  t.equal(small.get('another'), latest, 'what was put last holds');
});

t.test('what is asked for often comes in, and what everybody asks for stays', async (t) => {
  const memory = createMemory(1000 * KILOBYTES);
  const ask = (token: string, times: number, size = 1) => {
    for (let i = 0; i < times; i += 1) memory.put(token, entry(size));
  };
  const kept = (tokens: string[]) => tokens.filter((token) => memory.get(token)).length;
  const many = Array.from({ length: 5000 }, (_, i) => `often-${i}`);
  ask('everybody', 1);
  let misses = 0;
  for (const token of many) {
    ask(token, 4);
    if (!memory.get('everybody')) misses += 1;
  }
  t.equal(misses, 0);
  const few = kept(many);
  t.ok(few > 100 && few < 700, `${few} are kept, each of which takes as much as its headers`);

  const passing = Array.from({ length: 200_000 }, (_, i) => `once-${i}`);
  let entered = 0;
  for (const token of passing) {
    ask(token, 1);
    if (memory.get(token)) entered += 1;
  }
  t.equal(entered, 0, 'those that share a place count each for itself');

  ask('again', 4);
  t.ok(memory.get('again'));
  for (const token of many) ask(token, 4);
  t.notOk(memory.get('again'));
  ask('again', 4);
  t.ok(memory.get('again'), 'one that was driven out comes in as before');
});

t.test('what is unpacked is counted, too', async (t) => {
  const gzip = gzipSync(Buffer.alloc(8 * KILOBYTES)).toString('base64');
  const calendar = { ...CHANGED, body: null, gzip, mayHaveGzip: true };
  const keptOf = (unpacks: boolean) => {
    const memory = createMemory(1000 * KILOBYTES);
    for (let i = 0; i < 1000; i += 1) {
      const answer = calendarAnswer(calendar, []) as Answer;
      memory.put(`feed-${i}`, { ...entry(), answer });
      if (unpacks) answer.represent?.(false);
      memory.get(`feed-${i}`);
      if (i === 250)
        return Array.from({ length: i }, (_, n) => memory.get(`feed-${n}`)).filter(Boolean).length;
    }
    return 0;
  };
  t.equal(keptOf(false), 250);
  t.ok(keptOf(true) < 110, 'of those that take nine kilobytes each');
});

t.test('the forms of a calendar are made ready when they are first asked for, and then stay', async (t) => {
  const bytes = gzipSync('a calendar');
  const gzip = bytes.toString('base64');
  const calendar = { ...CHANGED, body: null, gzip, mayHaveGzip: true };
  const rest = ['x-robots-tag', 'noindex'];
  const answer = calendarAnswer(calendar, rest) as Answer;
  const first = answer.represent?.(true);
  t.equal(answer.represent?.(true), first);
  t.same(Buffer.from(first?.body ?? '', 'latin1'), bytes);
  t.equal(answer.size, bytes.length, 'in the one form, and not in the other as well');
  const asItIs = answer.represent?.(false);
  t.equal(answer.represent?.(false), asItIs);
  t.equal(asItIs?.body, 'a calendar');
  t.equal(answer.size, bytes.length + 10);
  t.equal(answer.lacksGzip, false);
  const text = { ...calendar, gzip: null, body: 'a calendar' };
  t.equal(calendarAnswer(text, rest)?.lacksGzip, true, 'not for those who would take less');
  t.equal(calendarAnswer(text, rest, false)?.lacksGzip, false, 'where all get the same');
  const pairs = (list: readonly string[] = []) =>
    Object.fromEntries(list.flatMap((name, i) => (i % 2 ? [] : [[name, list[i + 1]]])));
  const plain = pairs(asItIs?.headers);
  t.match(plain, { 'content-length': '10', etag: '"a"', vary: 'Accept-Encoding', 'x-robots-tag': 'noindex' });
  t.same(pairs(first?.headers), {
    ...plain,
    'content-length': `${bytes.length}`,
    'content-encoding': 'gzip',
    etag: 'W/"a"',
  });
  t.equal(
    calendarAnswer(calendar, rest, false)?.represent?.(true).body,
    'a calendar',
    'where none is sent so',
  );
  t.equal(calendarAnswer({ ...calendar, gzip: null, body: '' }, rest), null, 'nothing is kept');
});

t.test('a change takes the trust from what was read before it', async (t) => {
  const freshness = createFreshness();
  const { time, isFresh, note } = freshness;
  const before = time();
  t.ok(isFresh('anna', before));
  const during = time();
  note(['anna', 'carol']);
  const since = time();
  t.same(
    ['anna', 'boris', 'carol'].map((digest) => isFresh(digest, during)),
    [false, true, false],
    'looked up before the change, put after it',
  );
  t.ok(isFresh('anna', since), 'looked up after it');
  note(null);
  for (const digest of ['anna', 'boris']) t.notOk(isFresh(digest, since), 'any may have changed');
  const later = time();
  t.ok(isFresh('anna', later));
  for (let i = 0; i < 25_000; i += 1) note([`address-${i}`]);
  t.notOk(isFresh('anna', later), 'after very many changes, nothing is trusted unseen');
  t.ok(isFresh('anna', time()));
  t.notOk(isFresh('anna', 0), 'nor ever what was outdated when it was put');
});

t.test('of addresses that have served what is erased now nothing is kept', async (t) => {
  const memory = createMemory(100 * KILOBYTES);
  const annas = [0, 1, 2, 3, 4].map((i) => `anna-${i}`);
  for (const token of annas) memory.put(token, entry(8 * KILOBYTES, `digest of ${token}`));
  memory.put('boris', entry(8 * KILOBYTES, 'another'));
  // It moves into the young generation; the others lie in the old one.
  t.ok(memory.get('anna-0'));
  memory.forgetAddresses(annas.map((token) => `digest of ${token}`));
  for (const token of annas) t.notOk(memory.get(token), token);
  t.ok(memory.get('boris'));
});
