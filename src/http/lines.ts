/** Lines: one number of one person, under one rule. */

import {
  LineParams,
  LinePatchSchema,
  LineSchema,
  NewLine,
  patchable,
  presentLine,
} from '../schemas/lines.ts';
import type { App } from '../service/context.ts';
import { rewriteEdges } from '../service/edges.ts';
import { afterLineChange } from '../service/line-change.ts';
import { checkLine } from '../service/line-checks.ts';
import { storedFields } from '../service/line-fields.ts';
import type { Line, LinePatch } from '../store/types.ts';
import { refuseIfInvalid, schemaErrorsOf, validFields } from './all-errors.ts';
import { maySee, type Principal } from './authentication.ts';
import { change } from './change.ts';
import { type FieldError, notFound } from './errors.ts';
import { checkIfMatch, etagOf, sendWithEtag } from './etag.ts';
import { routeOf } from './idempotency.ts';
import { patcher } from './merge-patch.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { ETAG, LOCATION, NoContent, responses, responsesWithEtag, UserParams } from './schemas.ts';
import type { Server } from './server.ts';
import { visibleUser } from './users.ts';

/**
 * The line, if the caller may see it.
 * @throws Problem not_found if there is none or it is another's
 */
export function visibleLine(principal: Principal, line: Line | null): Line {
  if (!line || !maySee(principal, line.user)) throw notFound('line');
  return line;
}

const patch = patcher<NewLine>(NewLine);
function applyPatch(app: App, line: Line, body: unknown): LinePatch {
  const { rule } = line;
  const checkSemantics = (fields: Partial<NewLine>): FieldError[] => {
    const detail = "A line's rule does not change.";
    const mend = 'Delete this line, or leave it, and add another.';
    const ruleErrors =
      fields.rule !== undefined && fields.rule !== rule ? [{ pointer: '/rule', detail, mend }] : [];
    // Fields that the patch does not touch may predate the rule: their errors do not prevent a change of others.
    const fieldErrors = checkLine(app.rulebook, { ...fields, rule }).filter(({ pointer }) =>
      Object.hasOwn(body as object, pointer.split('/', 2)[1] as string),
    );
    return [...ruleErrors, ...fieldErrors];
  };
  const { rule: _, ...next } = storedFields(patch(patchable(line), body, checkSemantics));
  // A number that is not patched is not normalised again: it might not be accepted today.
  return Object.hasOwn(body as object, 'number') ? next : { ...next, number: line.number };
}

export function lines(app: App, server: Server) {
  const { store } = app;

  server.post(
    '/users/:user/lines',
    {
      attachValidation: true,
      schema: {
        operationId: 'createLine',
        tags: ['Lines'],
        summary: 'Add a line',
        params: UserParams,
        body: NewLine,
        response: responses({ 201: LineSchema }, { ...LOCATION, ...ETAG }),
      },
    },
    async (request, reply) => {
      const schemaErrors = schemaErrorsOf(request);
      const user = visibleUser(request.principal, await store.users.get(request.params.user)).id;
      refuseIfInvalid(schemaErrors, () => checkLine(app.rulebook, validFields(request.body, schemaErrors)));
      return change(app, request, reply, user, async (q) => {
        const line = await q.lines.create({ user, ...storedFields(request.body) });
        await rewriteEdges(app, q, line);
        const body = presentLine(line);
        const headers = { location: `/v1/lines/${line.id}`, etag: etagOf(body) };
        return { status: 201, headers, body, about: { user, line: line.id } };
      });
    },
  );

  server.get(
    '/users/:user/lines',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listLines',
        tags: ['Lines'],
        summary: "List a person's lines",
        params: UserParams,
        querystring: PageQuery,
        response: responses({ 200: pageOf(LineSchema) }),
      },
    },
    async (request) => {
      const user = visibleUser(request.principal, await store.users.get(request.params.user)).id;
      const page = await store.lines.list(user, pageRequest(request.query));
      return { items: page.items.map(presentLine), next_cursor: nextCursor(page.next) };
    },
  );

  server.get(
    '/lines/:line',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getLine',
        tags: ['Lines'],
        summary: 'Show a line',
        params: LineParams,
        response: responsesWithEtag({ 200: LineSchema }),
      },
    },
    async (request, reply) => {
      const line = visibleLine(request.principal, await store.lines.get(request.params.line));
      return sendWithEtag(request, reply, presentLine(line));
    },
  );

  server.patch(
    '/lines/:line',
    {
      schema: {
        operationId: 'changeLine',
        tags: ['Lines'],
        summary: 'Change a line (merge patch)',
        params: LineParams,
        body: LinePatchSchema,
        response: responses({ 200: LineSchema }),
      },
    },
    async (request, reply) => {
      const { id, user } = visibleLine(request.principal, await store.lines.get(request.params.line));
      return change(app, request, reply, user, async (q) => {
        const present = visibleLine(request.principal, await q.lines.get(id));
        checkIfMatch(request, presentLine(present));
        const line = visibleLine(
          request.principal,
          await q.lines.update(id, applyPatch(app, present, request.body)),
        );
        await afterLineChange(app, q, present, line);
        const body = presentLine(line);
        return { status: 200, headers: { etag: etagOf(body) }, body };
      });
    },
  );

  server.delete(
    '/lines/:line',
    {
      config: { ifMatch: true },
      schema: {
        operationId: 'eraseLine',
        tags: ['Lines'],
        summary: 'Erase a line and its records',
        params: LineParams,
        response: responses({ 204: NoContent }),
      },
    },
    async (request, reply) => {
      const { id, user } = visibleLine(request.principal, await store.lines.get(request.params.line));
      return change(app, request, reply, user, async (q) => {
        checkIfMatch(request, presentLine(visibleLine(request.principal, await q.lines.get(id))));
        if (!(await q.lines.erase(id))) throw notFound('line');
        // Stored answers of sheet imports may quote data of the line in their errors.
        await q.idempotency.forget(routeOf(`/v1/users/${user}/import`));
        return { status: 204, removesFiles: true };
      });
    },
  );
}
