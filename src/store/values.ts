import { type Expression, type SqlBool, sql } from 'kysely';
import { invalidText } from './translate.ts';
import type { Page, Position } from './types.ts';

/** JSON as it is stored. Rejects a NUL, which its escape would hide from the check of texts. */
export const toJson = (value: unknown): string => {
  const text = JSON.stringify(value);
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) throw invalidText();
  return text;
};
export const toJsonOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : toJson(value);

export const fromJsonOrNull = <T>(text: string | null): T | null => (text === null ? null : JSON.parse(text));

/** A condition that applies only if there is a value; true otherwise. */
export const ifGiven = <T>(
  value: T | null | undefined,
  condition: (value: T) => Expression<SqlBool>,
): Expression<SqlBool> => (value === null || value === undefined ? sql<SqlBool>`1 = 1` : condition(value));

/** Rows after `position` in the order (created_at, id); all rows without one. */
export const after = (position: Position | null | undefined): Expression<SqlBool> =>
  ifGiven(position, ({ created_at, id }) => sql<SqlBool>`(created_at, id) > (${created_at}, ${id})`);

/** Makes a page from up to `limit` + 1 rows, of which the last only shows that there is a next page. */
export const toPage = <T extends { id: string }>(
  items: T[],
  limit: number,
  moment: (item: T) => string,
): Page<T> => {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page,
    next: items.length > limit && last ? { created_at: moment(last), id: last.id } : null,
  };
};

const CHUNK_SIZE = 500;
/** Splits a list so that each chunk fits into the parameters of one statement on both engines. */
export const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / CHUNK_SIZE) }, (_, n) =>
    items.slice(n * CHUNK_SIZE, (n + 1) * CHUNK_SIZE),
  );

/** Groups rows by key, in the order read; a key without rows has an empty list. */
export const groupByKey = async <Row, T>(
  keys: readonly string[],
  read: (chunk: string[]) => Promise<Row[]>,
  keyOf: (row: Row) => string,
  map: (row: Row) => T,
): Promise<Map<string, T[]>> => {
  const lists = new Map<string, T[]>(keys.map((key) => [key, []]));
  for (const chunk of chunks(keys)) {
    for (const row of await read(chunk)) lists.get(keyOf(row))?.push(map(row));
  }
  return lists;
};

/** Maps each key that was found to its row. */
export const mapByKey = async <Row, T>(
  keys: readonly string[],
  read: (chunk: string[]) => Promise<Row[]>,
  keyOf: (row: Row) => string,
  map: (row: Row) => T,
): Promise<Map<string, T>> => {
  const found = new Map<string, T>();
  for (const chunk of chunks(keys)) {
    for (const row of await read(chunk)) found.set(keyOf(row), map(row));
  }
  return found;
};
