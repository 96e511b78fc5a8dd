/** What the links of a calendar are bound to, and that a ticket which is not exactly ours says nothing. */
import t from 'tap';
import { ACTS, linkBindingOf, readTicket, ticketOf } from '../../src/publication/acts.ts';
import { SECRET, START } from './fixture.ts';

const NOW = new Date(START);
const LATER = '2026-03-12T10:00:00.000Z';
const LAST = '2026-03-17T10:00:00.000Z';

const address = (digest: string, expires_at: string | null = null, revoked_at: string | null = null) => ({
  feed: 'feed',
  locale: null,
  digest,
  created_at: '2026-01-05T08:00:00.000Z',
  expires_at,
  revoked_at,
});

t.test('links are bound to all addresses of their feed, until the first of them ends', async (t) => {
  const [stays, ends, endsLast] = [address('b'), address('c', LATER), address('a', LAST)];
  t.same(linkBindingOf([stays], NOW), { token: 'b', until: null });
  const binding = { token: 'a b c', until: LATER };
  t.same(linkBindingOf([stays, ends, endsLast], NOW), binding);
  t.same(linkBindingOf([endsLast, ends, stays], NOW), binding, 'in whatever order they are read');
  t.same(linkBindingOf([stays, ends, endsLast], new Date(LATER)), { token: 'a b', until: LAST });
  t.same(
    linkBindingOf([stays, address('d', null, START)], NOW),
    { token: 'b', until: null },
    'one that was revoked',
  );
  for (const none of [[], [ends, endsLast], [address('d', null, START)]])
    t.equal(linkBindingOf(none, NOW), null);
});

t.test('a ticket is read as it was written, and in no other spelling', async (t) => {
  const ids = {
    feed: 'feed_018f3a5e-0000-7000-8000-00000000000a',
    line: 'line_018f3a5e-0000-7000-8000-00000000000b',
    uid: '018f3a5e-0000-5000-8000-00000000000c',
  };
  for (const act of ACTS) {
    const text = ticketOf({ act, ...ids, secret: SECRET, token: 'a b' });
    const ticket = readTicket(text);
    t.match(ticket, { act, ...ids });
    t.equal(ticket?.isSigned(SECRET, 'a b'), true);
    t.equal(ticket?.isSigned(SECRET, 'a'), false, 'bound to other addresses');
    t.equal(ticket?.isSigned(`${SECRET}!`, 'a b'), false);
  }
  const text = ticketOf({ act: 'done', ...ids, secret: SECRET, token: 'a b' });
  const bytes = Buffer.from(text, 'base64url');
  for (const at of bytes.keys()) {
    const forged = Buffer.from(bytes);
    forged[at] = (forged[at] as number) ^ 1;
    t.not(readTicket(forged.toString('base64url'))?.isSigned(SECRET, 'a b'), true, `byte ${at}`);
  }
  const last = text.at(-1) as string;
  const sameBytes = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    .filter((letter) => letter !== last && Buffer.from(text.slice(0, -1) + letter, 'base64url').equals(bytes))
    .map((letter) => text.slice(0, -1) + letter);
  t.equal(sameBytes.length, 3);
  const unknownAct = Buffer.concat([Buffer.from([ACTS.length]), bytes.subarray(1)]).toString('base64url');
  const more = Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url');
  for (const other of [...sameBytes, `${text}=`, more, text.slice(0, -4), '', unknownAct]) {
    t.equal(readTicket(other), null, other);
  }
  t.throws(() => ticketOf({ act: 'done', ...ids, uid: 'none', secret: SECRET, token: 'a b' }), RangeError);
});
