import type Sqlite from 'better-sqlite3';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { invalidText } from './translate.ts';

/** Enough for every query of ours; lists of ids make ever new ones, which must not gather without bound. */
const capacity = 200;

/** A connection as Kysely takes it: statements are prepared once, and text is checked. */
export const statementCache = (connection: Sqlite.Database): SqliteDatabase => {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => connection.close(),
    prepare(sql) {
      const kept = statements.get(sql);
      if (kept) statements.delete(sql);
      const statement = kept ?? prepare(connection, sql);
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

/** PostgreSQL refuses a NUL by itself; what one engine refuses, both do. */
const checked = (parameters: readonly unknown[]) => {
  for (const value of parameters) {
    if (typeof value === 'string' && value.includes('\0')) throw invalidText();
  }
  return parameters;
};
