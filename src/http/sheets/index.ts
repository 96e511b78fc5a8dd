/** `POST /v1/users/{user}/import`: imports lines or top-ups from a sheet in CSV. */
import { hash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { type App, atOneMoment } from '../../service/context.ts';
import { dryRun } from '../../service/import/dry-run.ts';
import { answerUnstored } from '../change.ts';
import { notFound } from '../errors.ts';
import { claimOrReplay, digestOf } from '../idempotency.ts';
import { apiMend } from '../mend.ts';
import { answers, nullable, strictObject, UserParams } from '../schemas.ts';
import type { Server } from '../server.ts';
import { visibleUser } from '../users.ts';
import { importLines, LINE_COLUMNS } from './lines.ts';
import { type Done, MAX_SHEET_ERRORS } from './rows.ts';
import { MAX_SHEET_BYTES, readSheet } from './sheet.ts';
import { importTopups, TOPUP_COLUMNS } from './topups.ts';

/** The kinds of sheet. */
const KINDS = {
  lines: { columns: LINE_COLUMNS, bring: importLines },
  topups: { columns: TOPUP_COLUMNS, bring: importTopups },
} as const;
type SheetKind = keyof typeof KINDS;

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
export type SheetOptions = Omit<Static<typeof Query>, 'sheet'> & { sheet: SheetKind };

const toldOf = (
  { sheet, dry_run = false }: SheetOptions,
  rows: number,
  { counts, errors }: Done,
): Omit<Static<typeof Imported>, 'errors'> & Pick<Done, 'errors'> => ({
  sheet,
  dry_run,
  rows,
  ...counts,
  refused: new Set(errors.map(({ row }) => row)).size,
  errors: errors.slice(0, MAX_SHEET_ERRORS),
});

/** The report as JSON, with the API's wording of `mend`. */
const answerOf = (told: ReturnType<typeof toldOf>): Static<typeof Imported> => ({
  ...told,
  errors: told.errors.map((error) => ({ ...error, mend: apiMend(error.mend) })),
});

/**
 * Imports a sheet for a user, each row by itself: rows with errors are reported, the others are stored.
 * @throws Refusal invalid if the sheet cannot be read at all
 */
export async function importSheet(running: App, user: string, bytes: Buffer, options: SheetOptions) {
  const app = atOneMoment(running);
  const { sheet, dates = 'iso', decimal = null, dry_run = false } = options;
  const { columns, bring } = KINDS[sheet];
  const rows = await readSheet(bytes, columns);
  const done = await dryRun(app, user, dry_run, (q) =>
    bring({ app, q, user, reading: { dates, decimal } }, rows),
  );
  return toldOf(options, rows.length, done);
}

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
        response: answers({ 200: Imported }),
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
