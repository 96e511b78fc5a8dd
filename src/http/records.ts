/** The append-only ledger of a line. A mistake is voided by another record, never changed. */
import type { RecordInput } from '../retention/record.ts';
import { LineParams } from '../schemas/lines.ts';
import { OneOrManyRecords, presentRecord, RecordSchema } from '../schemas/records.ts';
import { type App, withPinnedRules } from '../service/context.ts';
import { enterRecords } from '../service/enter-records.ts';
import { checkRecords, ledgerFor, refuseCollisions } from '../service/record-checks.ts';
import { refuseIfInvalid, schemaErrorsOf, validFields } from './all-errors.ts';
import { change } from './change.ts';
import type { FieldError } from './errors.ts';
import { visibleLine } from './lines.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { responses } from './schemas.ts';
import type { Server } from './server.ts';

/** The valid fields of each record; null if its type is not valid. */
const validRecords = (inputs: unknown, schemaErrors: FieldError[], pointer: (index: number) => string) =>
  (Array.isArray(inputs) ? inputs : []).map((input, index) => {
    const fields = validFields(input as RecordInput, schemaErrors, pointer(index));
    return fields.type === undefined ? null : (fields as RecordInput);
  });

export function records(app: App, server: Server) {
  const { store } = app;

  server.post(
    '/lines/:line/records',
    {
      attachValidation: true,
      schema: {
        operationId: 'addRecords',
        tags: ['Records'],
        summary: 'Add one record, or several',
        description: 'All or none are added. A mistake is taken back with a record of the type `void`.',
        params: LineParams,
        body: OneOrManyRecords,
        response: responses({ 201: { anyOf: [RecordSchema, pageOf(RecordSchema)] } }),
      },
    },
    async (request, reply) => {
      const schemaErrors = schemaErrorsOf(request);
      const { id, user } = visibleLine(request.principal, await store.lines.get(request.params.line));
      const body = request.body;
      const many = 'items' in body;
      const inputs: RecordInput[] = many ? body.items : [body];
      const pointer = (index: number) => (many ? `/items/${index}` : '');
      return change(app, request, reply, user, async (q) => {
        const line = visibleLine(request.principal, await q.lines.get(id));
        const pinned = withPinnedRules(app);
        const ledger = await ledgerFor({ app: pinned, q, line });
        refuseIfInvalid(schemaErrors, () =>
          checkRecords(ledger, validRecords(inputs, schemaErrors, pointer), pointer),
        );
        refuseCollisions(ledger.records, inputs, pointer);
        const kept = await enterRecords(pinned, q, ledger, inputs);
        const shown = kept.map(presentRecord);
        const answer = many ? { items: shown, next_cursor: null } : shown[0];
        return { status: 201, body: answer, about: { user, line: id } };
      });
    },
  );

  server.get(
    '/lines/:line/records',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listRecords',
        tags: ['Records'],
        summary: "List a line's records",
        description: 'In the order entered, voided ones included.',
        params: LineParams,
        querystring: PageQuery,
        response: responses({ 200: pageOf(RecordSchema) }),
      },
    },
    async (request) => {
      const { id } = visibleLine(request.principal, await store.lines.get(request.params.line));
      const page = await store.records.list(id, pageRequest(request.query));
      return { items: page.items.map(presentRecord), next_cursor: nextCursor(page.next) };
    },
  );
}
