/** Lines: one number of one person, under one rule. */
import { Type } from 'typebox';
import type { Line, LinePatch } from '../store/types.ts';
import { maySee, type Principal } from './authentication.ts';
import { change } from './change.ts';
import type { App } from './context.ts';
import { rewriteEdges } from './derive.ts';
import { invalid, notFound, Problem } from './errors.ts';
import { demandFresh, etagOf, sendTagged } from './etag.ts';
import { checkLine } from './line-checks.ts';
import {
  LineParams,
  LinePatchSchema,
  LineSchema,
  NewLine,
  patchable,
  presentLine,
  storedFields,
} from './line-schemas.ts';
import { patcher } from './merge-patch.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { answers, Id, Nothing } from './schemas.ts';
import type { Server } from './server.ts';
import { visibleUser } from './users.ts';

/**
 * The line of an address.
 * @throws Problem not_found for another's too
 */
export function visibleLine(principal: Principal, line: Line | null): Line {
  if (!line || !maySee(principal, line.user)) throw notFound('line');
  return line;
}

const UserParams = Type.Object({ user: Id });

const patch = patcher<NewLine>(NewLine);
function patched(app: App, line: Line, body: unknown): LinePatch {
  const fields = patch(patchable(line), body);
  if (fields.rule !== line.rule) {
    const detail = "A line's rule does not change.";
    throw invalid({ pointer: '/rule', detail, mend: 'Delete this line, or leave it, and add another.' });
  }
  // What the patch leaves alone may be older than the rule; that is no reason to refuse another field.
  const errors = checkLine(app.rulebook, fields).filter(({ pointer }) =>
    Object.hasOwn(body as object, pointer.split('/', 2)[1] as string),
  );
  if (errors.length > 0) throw new Problem('invalid', errors);
  const { rule: _, ...next } = storedFields(fields);
  return next;
}

export function lines(app: App, server: Server) {
  const { store } = app;

  server.post(
    '/users/:user/lines',
    {
      schema: {
        operationId: 'createLine',
        tags: ['Lines'],
        summary: 'Add a line',
        params: UserParams,
        body: NewLine,
        response: answers({ 201: LineSchema }),
      },
    },
    async (request, reply) => {
      const user = visibleUser(request.principal, await store.users.get(request.params.user)).id;
      const errors = checkLine(app.rulebook, request.body);
      if (errors.length > 0) throw new Problem('invalid', errors);
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
        response: answers({ 200: pageOf(LineSchema) }),
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
        response: answers({ 200: LineSchema }),
      },
    },
    async (request, reply) => {
      const line = visibleLine(request.principal, await store.lines.get(request.params.line));
      return sendTagged(request, reply, presentLine(line));
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
        response: answers({ 200: LineSchema }),
      },
    },
    async (request, reply) => {
      const { id, user } = visibleLine(request.principal, await store.lines.get(request.params.line));
      return change(app, request, reply, user, async (q) => {
        const present = visibleLine(request.principal, await q.lines.get(id));
        demandFresh(request, presentLine(present));
        const line = visibleLine(
          request.principal,
          await q.lines.update(id, patched(app, present, request.body)),
        );
        await rewriteEdges(app, q, line);
        const body = presentLine(line);
        return { status: 200, headers: { etag: etagOf(body) }, body };
      });
    },
  );

  server.delete(
    '/lines/:line',
    {
      schema: {
        operationId: 'eraseLine',
        tags: ['Lines'],
        summary: 'Erase a line and its records',
        params: LineParams,
        response: answers({ 204: Nothing }),
      },
    },
    async (request, reply) => {
      const { id, user } = visibleLine(request.principal, await store.lines.get(request.params.line));
      return change(app, request, reply, user, async (q) => {
        if (!(await q.lines.erase(id))) throw notFound('line');
        return { status: 204 };
      });
    },
  );
}
