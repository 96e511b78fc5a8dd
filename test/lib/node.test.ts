import { hostname } from 'node:os';
import t from 'tap';
import { hasEnded, isAbandoned, thisNode } from '../../src/lib/node.ts';
import { markOf, NOBODY } from '../support/marks.ts';

const place = markOf(1).split('.')[1] as string;

t.test('a process that shares its numbers with this one is known to have ended', async (t) => {
  t.equal(hasEnded(markOf(NOBODY)), true);
  t.equal(hasEnded(`${markOf(NOBODY)}/claim`), true);
  t.equal(hasEnded(`${markOf(process.pid)}/claim`), true, 'which had the same number');
  t.equal(hasEnded(`${markOf(process.ppid)}/claim`), false, 'it runs');
  t.equal(hasEnded(thisNode()), false);
  t.equal(hasEnded(`${thisNode()}/claim`), false);
});

t.test('of any other only time tells', async (t) => {
  const since = '2026-03-15T12:00:00.000Z';
  for (const mark of [
    `${hostname()}/${NOBODY}/deadbeef.00000000-1`,
    `${hostname()}/${process.pid}/deadbeef.00000000-1/claim`,
    `${hostname()}/${NOBODY}/deadbeef`,
    `elsewhere/${NOBODY}/deadbeef.${place}`,
    'of no form',
    '',
  ]) {
    t.equal(hasEnded(mark), false, mark);
    t.equal(isAbandoned(mark, since, new Date('2026-03-15T12:10:00Z')), false, mark);
    t.equal(isAbandoned(mark, since, new Date('2026-03-15T12:10:01Z')), true, mark);
  }
});
