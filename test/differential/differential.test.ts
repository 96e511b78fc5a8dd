/** Two engines on random ledgers, over every rule that ships and over random ones: `npm run test:differential` runs a hundred thousand. */
import t from 'tap';
import { compileRule } from '../../src/retention/index.ts';
import { packs } from '../support/packs.ts';
import { searches, searchPack } from './search.ts';

const RUNS = 40;
/** The same ledgers each time, so that a change alone can make it fail; others by DIFFERENTIAL_SEED. */
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);

t.test('the engine and the interpreter agree on every stage’s dates', async (t) => {
  t.comment(`seed ${SEED}`);
  for (const { id, search } of searches) t.equal(search(SEED, RUNS), null, id);
});

t.test('a fault in the engine is found, and told by the smallest ledger that shows it', async (t) => {
  const pack = packs.find(({ id }) => id === 'gb/vodafone/prepaid');
  if (!pack) return t.fail('the rule ships');
  const text = JSON.stringify(pack.rule.rule).replace('"180 days"', '"181 days"');
  const told = searchPack(pack, 1, 500, compileRule(JSON.parse(text)));
  t.match(told, /^gb\/vodafone\/prepaid, seed 1: they differ on\n {2}r0 /);
  t.equal((told as string).match(/^ {2}r\d/gm)?.length, 1, 'one record is enough');
  t.match(told, /\n {2}engine .*\n {2}interpreter /);
});
