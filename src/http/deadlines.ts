/** Deadlines over many lines: found through the stored edges, then answered from today's timelines. */
import { type Static, Type } from 'typebox';
import { formatDay, parseDay } from '../retention/day.ts';
import { LocalDate, Stage } from '../retention/record.ts';
import { Id, nullable, RuleId, strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { type DeadlinePosition, deadlinePage } from '../service/due.ts';
import { invalid } from './errors.ts';
import { sendWithEtag } from './etag.ts';
import { DEFAULT_LIMIT, decodeCursor, encodeCursor, PageQuery, pageOf } from './paging.ts';
import { responsesWithEtag } from './schemas.ts';
import type { Server } from './server.ts';

const Deadline = strictObject(
  {
    line: Id,
    user: Id,
    rule: RuleId,
    stage: Stage,
    act_by: LocalDate,
    lost_on: nullable(LocalDate),
    provisional: Type.Boolean(),
  },
  {
    $id: 'Deadline',
    description: "The present stage of a line and the last day to act, in the line's own zone.",
  },
);

const DeadlineQuery = strictObject({
  after: Type.Optional(Type.String({ ...LocalDate, description: 'Not earlier than this day.' })),
  before: Type.Optional(Type.String({ ...LocalDate, description: 'Not later than this day.' })),
  ...PageQuery.properties,
});
const placeOf = (cursor: string | undefined): DeadlinePosition | null =>
  cursor === undefined ? null : decodeCursor(cursor, ['act_by', 'line']);

export function deadlines(app: App, server: Server) {
  server.get(
    '/deadlines',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listDeadlines',
        tags: ['Timelines'],
        summary: 'List the last days to act over all lines that the key may see',
        description:
          'Sorted by `act_by`, both ends included; only days that are still ahead. After a change of the rules ' +
          'it waits until the dates are computed again: 503 with `Retry-After` if that takes long.',
        querystring: DeadlineQuery,
        response: responsesWithEtag({ 200: pageOf(Deadline) }),
      },
    },
    async (request, reply) => {
      const { after, before, limit = DEFAULT_LIMIT, cursor }: Static<typeof DeadlineQuery> = request.query;
      if (after !== undefined && before !== undefined && after > before) {
        const mend = 'Give a `before` that is not earlier than `after`.';
        throw invalid({ pointer: '/before', in: 'query', detail: 'It is before `after`.', mend });
      }
      // Act-by dates are never in the past in their own zone, and no zone is more than a day behind UTC.
      const yesterday = formatDay((parseDay(app.clock().toISOString().slice(0, 10)) as number) - 1);
      const earliest = after !== undefined && after > yesterday ? after : yesterday;
      const window = { after: earliest, before: before ?? null, user: request.principal.user };
      const { items, next } = await deadlinePage(app, window, limit, placeOf(cursor));
      const next_cursor = next && encodeCursor([next.act_by, next.line]);
      return sendWithEtag(request, reply, { items, next_cursor });
    },
  );
}
