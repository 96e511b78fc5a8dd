/** Everything of one person, or of all, as an import takes it: NDJSON, streamed, without keys and tokens. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Line, Position, StoredRecord, User } from '../store/types.ts';
import type { App } from './context.ts';
import { LineRow, RecordRow, UserRow } from './import/rows.ts';
import { answers, Id } from './schemas.ts';
import type { Server } from './server.ts';
import { visibleUser } from './users.ts';

const PEOPLE_AT_ONCE = 50;

const stated = (row: object) =>
  `${JSON.stringify(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))}\n`;

const pick = <T extends object, K extends keyof T>(row: T, names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, row[name]]));

const USER = ['id', 'name', 'locale', 'time_zone', 'external_id', 'created_at'] as const;
const LINE = [
  'id',
  'user',
  'rule',
  'label',
  'number',
  'time_zone',
  'plan_price',
  'facts',
  'external_id',
  'created_at',
] as const;

const userRow = (user: User) => stated({ object: 'user', ...pick(user, USER) });

const lineRow = (line: Line) => stated({ object: 'line', ...pick(line, LINE) });

const recordRow = ({ id, line, body, recorded_at, voided_by }: StoredRecord) =>
  stated({ object: 'record', id, line, ...body, recorded_at, voided_by });

/** So many rows are sent at once: many small pieces cost more to compress than their text. */
const ROWS_AT_ONCE = 200;

/** One person's rows, as they are at one moment, in pieces; none for a person who is no more. */
async function* rowsOf(app: App, id: string): AsyncGenerator<string> {
  const rows = await readRows(app, id);
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    yield rows.slice(from, from + ROWS_AT_ONCE).join('');
  }
}

async function readRows(app: App, id: string): Promise<string[]> {
  return app.store.snapshot(async (q) => {
    const user = await q.users.get(id);
    if (!user) return [];
    const lines = await q.lines.ofUser(id);
    const ledgers = await q.records.ofLines(lines.map((line) => line.id));
    const records = lines.flatMap((line) => (ledgers.get(line.id) ?? []).map(recordRow));
    return [userRow(user), ...lines.map(lineRow), ...records];
  });
}

async function* everybody(app: App): AsyncGenerator<string> {
  let after: Position | null = null;
  do {
    const page: { items: User[]; next: Position | null } = await app.store.users.list({
      limit: PEOPLE_AT_ONCE,
      after,
    });
    for (const { id } of page.items) yield* rowsOf(app, id);
    after = page.next;
  } while (after !== null);
}

/** The NDJSON of one person, or of everybody, in pieces of whole rows. */
export const exportRows = (app: App, user: string | null): AsyncGenerator<string> =>
  user === null ? everybody(app) : rowsOf(app, user);

const send = (reply: FastifyReply, rows: AsyncGenerator<string>) =>
  reply
    .type('application/x-ndjson; charset=utf-8')
    .headers({ 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="keepline.ndjson"' })
    .send(Readable.from(rows));

const Rows = {
  description: 'One object a line: people, their lines, their records.',
  content: { 'application/x-ndjson': { schema: { anyOf: [UserRow, LineRow, RecordRow] } } },
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
        description: 'As `POST /v1/import` takes it. No keys and no tokens go out.',
        response: answers({ 200: Rows }),
      },
    },
    (request, reply) => send(reply, exportRows(app, request.principal.user)),
  );

  server.get(
    '/users/:user/export',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'exportUser',
        tags: ['Data'],
        summary: "Export a person's data",
        params: Type.Object({ user: Id }),
        response: answers({ 200: Rows }),
      },
    },
    async (request, reply) => {
      const { id } = visibleUser(request.principal, await app.store.users.get(request.params.user));
      return send(reply, exportRows(app, id));
    },
  );
}
