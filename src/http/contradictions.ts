/** Lists contradictions between what users saw at their carriers and what a rule expected, which reveal wrong rules. */
import { type Static, Type } from 'typebox';
import { LocalDate, Money } from '../retention/record.ts';
import { Id, nullable, RuleId, strictObject, Timestamp } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { notFound } from './errors.ts';
import { DEFAULT_LIMIT, decodeCursor, encodeCursor, PageQuery, pageOf } from './paging.ts';
import { RuleParams, responses } from './schemas.ts';
import type { Server } from './server.ts';

const Seen = Type.Union([LocalDate, Money], { description: 'A date, or an amount.' });
const ContradictionSchema = strictObject(
  {
    record: Type.String({ description: 'The record of what was seen.' }),
    line: Id,
    rule: RuleId,
    version: Type.String({ description: 'The `since` date of the rule version in force.' }),
    kind: Type.Enum(['balance', 'validity']),
    clock: nullable(Type.String(), { description: 'The clock that shows the date.' }),
    expected: Seen,
    seen: Seen,
    found_at: Timestamp,
  },
  { $id: 'Contradiction', description: 'A difference between what a person saw and what the rule expected.' },
);

const parseSeen = (text: string): string | Static<typeof Money> => {
  const [amount = '', currency] = text.split(' ');
  return currency ? { amount, currency } : text;
};

export function contradictions(app: App, server: Server) {
  server.get(
    '/rules/:country/:carrier/:rule/contradictions',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listContradictions',
        tags: ['Rulebook'],
        summary: 'List where people saw something else than the rule expected',
        description:
          'Newest first, for all lines that the key may see. On its own line, what was seen wins over the rule.',
        params: RuleParams,
        querystring: PageQuery,
        response: responses({ 200: pageOf(ContradictionSchema) }),
      },
    },
    async (request) => {
      const { country, carrier, rule: name } = request.params;
      const rule = `${country}/${carrier}/${name}`;
      if (!app.rulebook.rules.has(rule)) throw notFound('rule');
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const after = cursor === undefined ? null : decodeCursor(cursor, ['found_at', 'record']);
      const query = { rule, user: request.principal.user, limit: limit + 1, after };
      const found = await app.store.contradictions.ofRule(query);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return {
        items: items.map(({ expected, seen, ...rest }) => ({
          ...rest,
          expected: parseSeen(expected),
          seen: parseSeen(seen),
        })),
        next_cursor: last && found.length > limit ? encodeCursor([last.found_at, last.record]) : null,
      };
    },
  );
}
