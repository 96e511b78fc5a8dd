import { type Expression, type SqlBool, sql } from 'kysely';
import { invalidText } from './translate.ts';
import type { Page, Position } from './types.ts';

/** JSON as it is kept: a NUL in it would hide behind its escape, and is refused like any other. */
export const toJson = (value: unknown): string => {
  const text = JSON.stringify(value);
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(text)) throw invalidText();
  return text;
};
export const toJsonOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : toJson(value);

export const fromJsonOrNull = <T>(text: string | null): T | null => (text === null ? null : JSON.parse(text));

/** The condition that a value makes; without a value there is none. */
export const ifGiven = <T>(
  value: T | null | undefined,
  condition: (value: T) => Expression<SqlBool>,
): Expression<SqlBool> => (value === null || value === undefined ? sql<SqlBool>`1 = 1` : condition(value));

/** What stands behind `position` in the order (created_at, id); everything where there is none. */
export const after = (position: Position | null | undefined): Expression<SqlBool> =>
  ifGiven(position, ({ created_at, id }) => sql<SqlBool>`(created_at, id) > (${created_at}, ${id})`);

/** A page from rows of which one more than `limit` was asked for. */
export const toPage = <T extends { id: string }>(
  items: T[],
  limit: number,
  moment: (item: T) => string,
): Page<T> => {
  const kept = items.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept,
    next: items.length > limit && last ? { created_at: moment(last), id: last.id } : null,
  };
};

const PIECE = 500;
/** Lists in pieces that both engines take as parameters of one statement. */
export const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / PIECE) }, (_, n) => items.slice(n * PIECE, (n + 1) * PIECE));

/** What some keys have, by key, each in the order in which it is read; a key that has nothing has an empty list. */
export const groupByKey = async <Row, T>(
  keys: readonly string[],
  read: (some: string[]) => Promise<Row[]>,
  keyOf: (row: Row) => string,
  map: (row: Row) => T,
): Promise<Map<string, T[]>> => {
  const lists = new Map<string, T[]>(keys.map((key) => [key, []]));
  for (const some of chunks(keys)) {
    for (const row of await read(some)) lists.get(keyOf(row))?.push(map(row));
  }
  return lists;
};

/** What has one of some keys, by that key. */
export const mapByKey = async <Row, T>(
  keys: readonly string[],
  read: (some: string[]) => Promise<Row[]>,
  keyOf: (row: Row) => string,
  map: (row: Row) => T,
): Promise<Map<string, T>> => {
  const found = new Map<string, T>();
  for (const some of chunks(keys)) {
    for (const row of await read(some)) found.set(keyOf(row), map(row));
  }
  return found;
};
