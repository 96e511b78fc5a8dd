/** Files that run as they stand are taken as they are; whatever has changed is read and checked anew. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { loadRulebook, readCandidate } from '../../src/rulebook/index.ts';
import { temporaryFolder } from '../support/stores.ts';

const RULES = new URL('../../rules', import.meta.url).pathname;
const NAMES = ['ru/t2.yaml', 'gb/ee.yaml'];

t.test('only the file that has changed is read anew', async (t) => {
  const folder = join(await temporaryFolder(t), 'rules');
  for (const name of NAMES) await cp(join(RULES, name), join(folder, name));
  const { rulebook: running } = await loadRulebook(folder);
  const file = join(folder, 'gb/ee.yaml');
  const text = await readFile(file, 'utf8');
  const [t2, ee] = ['ru/t2', 'gb/ee'];

  const same = await readCandidate(folder, { running });
  t.same(same.problems, []);
  t.same(same.rulebook, running);
  for (const [id, rule] of running.rules)
    t.equal(same.rulebook.rules.get(id), rule, `${id} is the one that runs`);

  await writeFile(file, `${text}\n# A remark\n`);
  const remarked = await readCandidate(folder, { running });
  t.same(remarked.problems, []);
  t.equal(remarked.rulebook.digest, running.digest);
  t.equal(remarked.rulebook.carriers.get(t2), running.carriers.get(t2));
  t.not(remarked.rulebook.carriers.get(ee), running.carriers.get(ee));
  t.not(remarked.rulebook.sources.get(ee), running.sources.get(ee));

  const overlay = new Map([['ru/t2.yaml', 'carrier: nothing']]);
  t.not(
    (await readCandidate(folder, { overlay, running })).problems.length,
    0,
    'what is laid over is checked',
  );

  await writeFile(file, text.replace('carrier: gb/ee', 'carrier: gb/oe'));
  t.not((await readCandidate(folder, { running })).problems.length, 0, 'and so is what has changed');
});
