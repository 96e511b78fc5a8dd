import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { withTimeout } from '../../src/lib/timeout.ts';

const never = new Promise<string>(() => {});
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

t.test('work that ends in time is what counts, and leaves no timer', async (t) => {
  const before = timers();
  t.equal(await withTimeout(60_000, Promise.resolve('done'), () => 'late'), 'done');
  await t.rejects(
    withTimeout(60_000, Promise.reject(new Error('it failed')), () => 'late'),
    { message: 'it failed' },
  );
  t.equal(timers(), before);
});

t.test('of work that does not, what is answered or thrown instead', async (t) => {
  t.equal(await withTimeout(1, never, () => 'late'), 'late');
  const refuse = () => {
    throw new Error('too late');
  };
  await t.rejects(withTimeout(1, never, refuse), { message: 'too late' });
});

t.test('a failure that comes after that is nobody’s', async (t) => {
  const work = sleep(20).then(() => {
    throw new Error('it failed in the end');
  });
  t.equal(await withTimeout(1, work, () => 'late'), 'late');
  await t.rejects(work);
});
