/** What is looked for all over a table is found by an index: asked of SQLite itself, in the words of our queries. */
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import t from 'tap';
import { openStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../support/stores.ts';

const SIGN = 'coalesce(feeds.last_fetched_at, feeds.updated_at)';
const silent = (where: string, order: string) => `
  select feeds.id, ${SIGN} from feeds left join feed_silence on feed_silence.feed = feeds.id
  where ${SIGN} < 'c' and ${where} order by ${order} limit 9`;
const QUESTIONS = {
  'feeds without a sign': silent(`${SIGN} > 'b'`, `${SIGN}, feeds.id`),
  'feeds with the same sign': silent(`${SIGN} = 'b' and feeds.id > 'x'`, 'feeds.id'),
  "everybody's feeds": `
    select * from feeds where (created_at, id) > ('a', 'b') order by created_at, id limit 9`,
  'answers of a route': `delete from idempotency where route = 'x' and status is not null`,
  'addresses changed since': 'select digest, changed from serving where changed > 5 order by changed limit 9',
  'the last change': 'select max(changed) from serving where changed is not null',
  'records in the order entered': `select * from records where line = 'x' order by seq`,
};

t.test('no question walks a table, or sorts what it finds', async (t) => {
  const file = path.join(await temporaryFolder(t), 'keepline.db');
  await (await openStore({ url: `sqlite:${file}` })).close();
  const database = new Sqlite(file, { readonly: true });
  t.teardown(() => database.close());
  for (const [name, question] of Object.entries(QUESTIONS)) {
    const steps = database.prepare<[], { detail: string }>(`explain query plan ${question}`).all();
    const plan = steps.map(({ detail }) => detail).join('\n');
    t.match(plan, /USING (COVERING )?INDEX/, name);
    t.notMatch(plan, /^SCAN (?!\w+ USING (COVERING )?INDEX)|TEMP B-TREE/m, name);
  }
  const place = (question: string) =>
    database.prepare<[], { detail: string }>(`explain query plan ${question}`).all()[0]?.detail;
  t.match(place(QUESTIONS['feeds without a sign']), /<expr>>\? AND <expr><\?/, 'from where it was left');
  t.match(place(QUESTIONS['feeds with the same sign']), /<expr>=\? AND id>\?/);
});
