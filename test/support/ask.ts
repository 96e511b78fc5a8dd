import Sqlite from 'better-sqlite3';
import pg from 'pg';

/** Runs SQL on the database directly, bypassing the store; returns the rows of each statement. */
export async function ask(url: string, ...texts: string[]): Promise<unknown[][]> {
  if (url.startsWith('sqlite:')) {
    const db = new Sqlite(url.slice('sqlite:'.length));
    const answers = texts.map((text) => {
      const statement = db.prepare(text);
      return statement.reader ? statement.all() : [statement.run()];
    });
    db.close();
    return answers;
  }
  const client = new pg.Client(url);
  await client.connect();
  const answers: unknown[][] = [];
  for (const text of texts) answers.push((await client.query(text)).rows);
  await client.end();
  return answers;
}
