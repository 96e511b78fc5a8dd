/** Streams all data of one user, or of all users, in the format of an import. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { ROWS } from '../imports/rows.ts';
import { strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { exportRows } from '../service/export.ts';
import { ATTACHMENT, responses, UserParams } from './schemas.ts';
import type { Server } from './server.ts';
import { visibleUser } from './users.ts';

const send = (reply: FastifyReply, rows: AsyncGenerator<string>) =>
  reply
    .type('application/x-ndjson; charset=utf-8')
    .headers({ 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="keepline.ndjson"' })
    .send(Readable.from(rows));

const Query = strictObject({
  proofs: Type.Optional(Type.Boolean({ default: false, description: 'Include the files of proofs.' })),
});

const Rows = {
  description: 'One object a line: people, their lines, payments, records, marks, feeds and proofs.',
  headers: ATTACHMENT,
  content: { 'application/x-ndjson': { schema: { anyOf: ROWS } } },
};

export function exports(app: App, server: Server) {
  server.get(
    '/export',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'exportData',
        tags: ['Data'],
        summary: 'Export everything that the key may see',
        description: 'In the form that `POST /v1/import` takes. Keys and feed addresses are not exported.',
        querystring: Query,
        response: responses({ 200: Rows }),
      },
    },
    (request, reply) => send(reply, exportRows(app, request.principal.user, request.query)),
  );

  server.get(
    '/users/:user/export',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'exportUser',
        tags: ['Data'],
        summary: "Export a person's data",
        params: UserParams,
        querystring: Query,
        response: responses({ 200: Rows }),
      },
    },
    async (request, reply) => {
      const { id } = visibleUser(request.principal, await app.store.users.get(request.params.user));
      return send(reply, exportRows(app, id, request.query));
    },
  );
}
