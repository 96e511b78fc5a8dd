/** `POST /v1/import`: streamed NDJSON, upserted by external_id, all or nothing for each user. */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { importNdjson } from '../imports/index.ts';
import { ROWS } from '../imports/rows.ts';
import { spool } from '../lib/spool.ts';
import { strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { MAX_BYTES } from '../service/import/gather.ts';
import { answerUnstored } from './change.ts';
import { Problem, requestProblem } from './errors.ts';
import { claimOrReplay, digestOf } from './idempotency.ts';
import { responses } from './schemas.ts';

const Counted = strictObject(
  { made: Type.Integer(), changed: Type.Integer(), unchanged: Type.Integer() },
  { $id: 'Counts' },
);
const Imported = strictObject(
  {
    users: Counted,
    lines: Counted,
    records: Counted,
    payments: Counted,
    proofs: Counted,
    marks: Counted,
    feeds: Counted,
  },
  { $id: 'Imported' },
);
const MEDIA_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];

/**
 * Passes a stream through up to `maxBytes`.
 * @throws Problem body_too_large beyond them
 */
async function* limitBytes(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw requestProblem(
        'body_too_large',
        `It is longer than ${maxBytes} bytes, all that one key may import.`,
      );
    }
    yield chunk;
  }
}

export async function imports(server: FastifyInstance, { app }: { app: App }) {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(MEDIA_TYPES, (_request, payload, done) => done(null, payload));

  server.post(
    '/import',
    {
      config: { scope: 'write', claimsItself: true },
      schema: {
        operationId: 'importData',
        tags: ['Data'],
        summary: 'Import people, lines and records',
        description:
          'NDJSON, read as a stream: a `user` row, then its `line`, `payment`, `record`, `mark` and `feed` ' +
          'rows, then the next `user`. What exists already, by `external_id` or `id`, is updated; importing ' +
          'twice does no harm. Each person is imported as a whole, proofs included, or not at all: if some are ' +
          'refused (422), `imported` counts the others.',
        querystring: strictObject({
          dry_run: Type.Optional(
            Type.Boolean({
              default: false,
              description: 'Report what would be done, and store nothing.',
            }),
          ),
        }),
        body: { content: { 'application/x-ndjson': { schema: { anyOf: ROWS } } } },
        response: responses({ 200: Imported }),
      },
    },
    async (request, reply) => {
      const onlyUser = request.principal.user;
      const sent = (request.body ?? []) as AsyncIterable<Uint8Array>;
      const body = onlyUser === null ? sent : limitBytes(sent, MAX_BYTES);
      const spooled = request.headers['idempotency-key'] === undefined ? null : await spool(body);
      try {
        // The digest includes the query, so a dry run is another request.
        const answer =
          spooled && (await claimOrReplay(app, request, reply, digestOf(request, spooled.digest)));
        if (answer === 'replayed') return reply;
        const { imported, errors } = await importNdjson(app, onlyUser, spooled?.read() ?? body, {
          dryRun: (request.query as { dry_run?: boolean }).dry_run === true,
        });
        if (errors.length > 0) throw new Problem('invalid', errors, { extensions: { imported } });
        return await answerUnstored(app, request, reply, { body: imported, about: { user: onlyUser } });
      } finally {
        await spooled?.close();
      }
    },
  );
}
