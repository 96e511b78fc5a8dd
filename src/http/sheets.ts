/** `POST /v1/users/{user}/import`: imports lines or top-ups from a sheet in CSV. */
import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { importSheet, type Imported as Report, type SheetOptions } from '../imports/sheets/index.ts';
import { LINE_COLUMNS } from '../imports/sheets/lines.ts';
import { MAX_SHEET_ERRORS } from '../imports/sheets/rows.ts';
import { MAX_SHEET_BYTES } from '../imports/sheets/sheet.ts';
import { TOPUP_COLUMNS } from '../imports/sheets/topups.ts';
import { nullable, strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { answerUnstored } from './change.ts';
import { notFound } from './errors.ts';
import { claimOrReplay, digestOf } from './idempotency.ts';
import { formatApiMend } from './mend.ts';
import { responses, UserParams } from './schemas.ts';
import type { Server } from './server.ts';
import { visibleUser } from './users.ts';

const Query = strictObject({
  sheet: Type.Enum(['lines', 'topups'], { description: 'What each row is.' }),
  dates: Type.Optional(
    Type.Enum(['iso', 'dmy', 'mdy'], {
      default: 'iso',
      description: 'How dates are written: `2026-02-01`, or in numbers with the day or the month first.',
    }),
  ),
  decimal: Type.Optional(
    Type.Enum(['point', 'comma'], {
      description: 'The decimal mark, for amounts that are ambiguous.',
    }),
  ),
  dry_run: Type.Optional(
    Type.Boolean({ default: false, description: 'Report what would be done, and store nothing.' }),
  ),
});
const Imported = strictObject(
  {
    sheet: Type.Enum(['lines', 'topups']),
    dry_run: Type.Boolean(),
    rows: Type.Integer({ description: 'Rows that are not blank, without the header.' }),
    made: Type.Integer(),
    changed: Type.Integer(),
    unchanged: Type.Integer(),
    refused: Type.Integer({ description: 'Rows that were not imported.' }),
    errors: Type.Array(
      strictObject({
        row: Type.Integer({ description: "The row's number in the sheet; the header is 1." }),
        column: nullable(Type.String()),
        detail: Type.String(),
        mend: Type.String(),
      }),
      { description: `What is wrong with them, at most ${MAX_SHEET_ERRORS} errors.` },
    ),
  },
  { $id: 'ImportedSheet' },
);
/** The report as JSON, with the API's wording of `mend`. */
const answerOf = (told: Report): Static<typeof Imported> => ({
  ...told,
  errors: told.errors.map((error) => ({ ...error, mend: formatApiMend(error.mend) })),
});

export async function sheets(scope: FastifyInstance, { app }: { app: App }) {
  const server = scope as unknown as Server;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer', bodyLimit: MAX_SHEET_BYTES },
    (_request, body, done) => done(null, body),
  );

  server.post(
    '/users/:user/import',
    {
      config: { scope: 'write', claimsItself: true },
      schema: {
        operationId: 'importSheet',
        tags: ['Data'],
        summary: 'Import lines or top-ups from a sheet',
        description:
          'CSV in UTF-8 or UTF-16, separated by commas, semicolons or tabs, with the column names in the first row. ' +
          `Lines: ${LINE_COLUMNS.known.join(', ')} and \`facts.<name>\`. Top-ups: ${TOPUP_COLUMNS.known.join(', ')}. ` +
          'A wrong row is reported with its number, and the others are imported; importing twice does no harm.',
        params: UserParams,
        querystring: Query,
        body: { content: { 'text/csv': { schema: Type.String() } } },
        response: responses({ 200: Imported }),
      },
    },
    async (request, reply) => {
      const user = visibleUser(request.principal, await app.store.users.get(request.params.user)).id;
      const bytes = (request.body ?? Buffer.alloc(0)) as unknown as Buffer;
      const options = request.query as SheetOptions;
      const digest = digestOf(request, hash('sha256', bytes, 'base64url'));
      if ((await claimOrReplay(app, request, reply, digest)) === 'replayed') return reply;
      const body = answerOf(await importSheet(app, user, bytes, options));
      return answerUnstored(app, request, reply, { body, about: { user } }, async (q) => {
        if (!(await q.users.hold(user))) throw notFound('user');
      });
    },
  );
}
