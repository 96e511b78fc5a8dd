/** The timeline of a stored line; `simulations.ts` has those of hypothetical records. */
import { type Static, Type } from 'typebox';
import { foldLine, ledgerOf, recordsUpTo, todayOf, zoneOf } from '../ledger.ts';
import { addMonths, parseDay } from '../retention/day.ts';
import { LocalDate } from '../retention/record.ts';
import { LineParams } from '../schemas/lines.ts';
import { strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { ruleOf } from '../service/record-checks.ts';
import { timelineJson } from '../wording/index.ts';
import { type FieldError, Problem } from './errors.ts';
import { sendWithEtag } from './etag.ts';
import { visibleLine } from './lines.ts';
import { languageHeaders, localeOf } from './locale.ts';
import { LANGUAGE, responsesWithEtag } from './schemas.ts';
import type { Server } from './server.ts';
import { TimelineSchema } from './timeline-schema.ts';

/** A timeline's `until` may be at most a century after `as_of`. */
const MAX_MONTHS = 1200;

const TimelineQuery = strictObject({
  as_of: Type.Optional(
    Type.String({ ...LocalDate, description: 'The day up to which records have happened. Default: today.' }),
  ),
  until: Type.Optional(
    Type.String({ ...LocalDate, description: 'The last day of the timeline. Default: ten years on.' }),
  ),
});

/** Errors in a timeline's `until`. */
export function checkUntil(asOf: string, until: string | undefined): FieldError[] {
  if (until === undefined) return [];
  const latest = addMonths(parseDay(asOf) as number, MAX_MONTHS);
  const day = parseDay(until) as number;
  const mend = 'Give a date from `as_of` to a hundred years after it.';
  if (until < asOf) return [{ pointer: '/until', detail: 'It is before `as_of`.', mend }];
  return day > latest ? [{ pointer: '/until', detail: 'It is too far ahead.', mend }] : [];
}

export function timelines(app: App, server: Server) {
  const { store } = app;

  server.get(
    '/lines/:line/timeline',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getTimeline',
        tags: ['Timelines'],
        summary: "Fold a line's records into its timeline",
        params: LineParams,
        querystring: TimelineQuery,
        response: responsesWithEtag({ 200: TimelineSchema }, LANGUAGE),
      },
    },
    async (request, reply) => {
      const line = visibleLine(request.principal, await store.lines.get(request.params.line));
      const booked = ruleOf(app, line);
      const { as_of = todayOf(line, booked, app.clock()), until }: Static<typeof TimelineQuery> =
        request.query;
      const errors = checkUntil(as_of, until);
      if (errors.length > 0)
        throw new Problem(
          'invalid',
          errors.map((error) => ({ ...error, in: 'query' })),
        );
      const owner = await store.users.get(line.user);
      const records = recordsUpTo(ledgerOf(await store.records.ofLine(line.id)), as_of, zoneOf(line, booked));
      const timeline = foldLine(booked, line, records, { as_of, until });
      const locale = localeOf(request, owner?.locale ?? 'en');
      reply.headers(languageHeaders(locale));
      return sendWithEtag(request, reply, timelineJson(timeline, booked, locale, records));
    },
  );
}
