/** Keyset pagination by an opaque cursor: the last item's place in the list's order. */
import { type Static, type TSchema, Type } from 'typebox';
import type { PageRequest, Position } from '../store/types.ts';
import { Problem } from './errors.ts';

/** Items per page by default. */
export const DEFAULT_LIMIT = 50;

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 200,
        default: DEFAULT_LIMIT,
        description: 'The maximum number of items.',
      }),
    ),
    cursor: Type.Optional(
      Type.String({ minLength: 1, maxLength: 400, description: 'The `next_cursor` of the previous page.' }),
    ),
  },
  { additionalProperties: false },
);

type PageQuery = Static<typeof PageQuery>;

/** A page of items; `next_cursor` is null on the last one. */
export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object(
    {
      items: Type.Array(item),
      next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'Null on the last page.' }),
    },
    { additionalProperties: false },
  );

export const encodeCursor = (values: readonly string[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

const isValidValue = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x20-\x7e]{1,100}$/.test(value);

/**
 * Decodes a cursor into its values, under the given names, in the order in which they were encoded.
 * @throws Problem invalid
 */
export function decodeCursor<Name extends string>(
  cursor: string,
  names: readonly Name[],
): Record<Name, string> {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(values) && values.length === names.length && values.every(isValidValue)) {
      return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Name, string>;
    }
  } catch {
    // Not a cursor of ours: refused below.
  }
  throw new Problem('invalid', [
    {
      pointer: '/cursor',
      in: 'query',
      detail: 'It is not a cursor of this service.',
      mend: 'Send the `next_cursor` of the previous page, unchanged, or leave it out for the first page.',
    },
  ]);
}

/** The store's request for a page. */
export function pageRequest({ limit = DEFAULT_LIMIT, cursor }: PageQuery): PageRequest {
  if (cursor === undefined) return { limit };
  return { limit, after: decodeCursor(cursor, ['created_at', 'id']) };
}

export const nextCursor = (position: Position | null): string | null =>
  position && encodeCursor([position.created_at, position.id]);

/** A page of an in-memory list, ordered by id. */
export function pageInMemory<T extends { id: string }>(all: T[], query: PageQuery) {
  const { limit = DEFAULT_LIMIT } = query;
  const from = query.cursor === undefined ? '' : decodeCursor(query.cursor, ['id']).id;
  const sorted = all.filter(({ id }) => id > from).sort((a, b) => (a.id < b.id ? -1 : 1));
  const items = sorted.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: last && sorted.length > items.length ? encodeCursor([last.id]) : null };
}
