import type Sqlite from 'better-sqlite3';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { invalidText } from './translate.ts';

/** Enough for all fixed queries; queries with lists of ids vary in length and must not fill the cache without bound. */
const capacity = 200;

/** Adapts a connection to Kysely, with an LRU cache of prepared statements and a check of text parameters. */
export const statementCache = (connection: Sqlite.Database): SqliteDatabase => {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => connection.close(),
    prepare(sql) {
      const cached = statements.get(sql);
      if (cached) statements.delete(sql);
      const statement = cached ?? prepare(connection, sql);
      statements.set(sql, statement);
      if (statements.size > capacity) statements.delete(statements.keys().next().value!);
      return statement;
    },
  };
};

const prepare = (connection: Sqlite.Database, sql: string): SqliteStatement => {
  const statement = connection.prepare(sql);
  return {
    reader: statement.reader,
    all: (parameters) => statement.all(checked(parameters)),
    run: (parameters) => statement.run(checked(parameters)),
    iterate: (parameters) => statement.iterate(checked(parameters)),
  };
};

/** Rejects NUL characters on SQLite too, as PostgreSQL does. */
const checked = (parameters: readonly unknown[]) => {
  for (const value of parameters) {
    if (typeof value === 'string' && value.includes('\0')) throw invalidText();
  }
  return parameters;
};
