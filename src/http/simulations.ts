/** "What if": the timeline of records that are not stored, past, present or planned. */
import { type Static, Type } from 'typebox';
import { engineLine, foldLine } from '../ledger.ts';
import { checkRecord, END_OF_DAYS } from '../retention/index.ts';
import { type LedgerRecord, LocalDate, type RecordInput } from '../retention/record.ts';
import type { BookedRule } from '../rulebook/index.ts';
import { MAX_LIST_LENGTH } from '../schemas/json.ts';
import { NewRecord } from '../schemas/records.ts';
import { Facts, PlanPrice, RuleId, strictObject, TimeZone } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { checkTerms, findRule, isFieldError } from '../service/line-checks.ts';
import { relevantRecords } from '../service/record-checks.ts';
import { timelineJson } from '../wording/index.ts';
import { refuseIfInvalid, schemaErrorsOf, validFields } from './all-errors.ts';
import { answerUnstored } from './change.ts';
import type { FieldError } from './errors.ts';
import { languageHeaders, localeOf } from './locale.ts';
import { LANGUAGE, responses } from './schemas.ts';
import type { Server } from './server.ts';
import { TimelineSchema } from './timeline-schema.ts';
import { checkUntil } from './timelines.ts';

const Simulation = strictObject(
  {
    rule: RuleId,
    time_zone: Type.Optional(TimeZone),
    facts: Type.Optional(Facts),
    plan_price: Type.Optional(PlanPrice),
    records: Type.Array(NewRecord, {
      maxItems: MAX_LIST_LENGTH,
      description: 'In the order entered. Those after `as_of` are plans, and are folded too.',
    }),
    as_of: LocalDate,
    until: Type.Optional(LocalDate),
  },
  { $id: 'Simulation' },
);
type Simulation = Static<typeof Simulation>;

/** Gives each record an id, by which a void can name it: its external_id, else its JSON pointer. */
const toLedger = (records: readonly RecordInput[]): LedgerRecord[] =>
  records.map((input, index) => ({ id: input.external_id ?? `/records/${index}`, input }));

type ValidFields = Partial<Omit<Simulation, 'records'>>;

function check(booked: BookedRule, given: ValidFields, ledger: LedgerRecord[]): FieldError[] {
  const terms = engineLine(given, booked);
  const seen = new Set<string>();
  const relevantTo = relevantRecords(ledger);
  const recordErrors = ledger.flatMap(({ id, input }, index) => {
    if (input.type === undefined) return [];
    const isDuplicate = input.external_id !== undefined && seen.has(id);
    seen.add(id);
    const duplicate = {
      pointer: '/external_id',
      detail: 'An earlier record has it.',
      mend: 'Give each its own.',
    };
    return [
      ...(isDuplicate ? [duplicate] : []),
      ...checkRecord(booked.compiled, terms, input, END_OF_DAYS, relevantTo(input)),
    ].map((error) => ({ ...error, pointer: `/records/${index}${error.pointer}` }));
  });
  const dateErrors = given.as_of === undefined ? [] : checkUntil(given.as_of, given.until);
  return [...checkTerms(booked, given), ...dateErrors, ...recordErrors];
}

/** The semantic errors in the valid fields; the records keep their indexes. */
function semanticErrors(app: App, given: Simulation, schemaErrors: FieldError[]): FieldError[] {
  const { records: _, ...fields } = validFields(given, schemaErrors);
  if (fields.rule === undefined) return [];
  const booked = findRule(app.rulebook, fields.rule);
  if (isFieldError(booked)) return [booked];
  const records = Array.isArray(given.records) ? given.records : [];
  const inputs = records.map(
    (input, index) => validFields(input, schemaErrors, `/records/${index}`) as RecordInput,
  );
  return check(booked, fields, toLedger(inputs));
}

export function simulations(app: App, server: Server) {
  server.post(
    '/simulations',
    {
      config: { scope: 'read' },
      attachValidation: true,
      schema: {
        operationId: 'simulate',
        tags: ['Timelines'],
        summary: 'Fold supposed records into a timeline',
        description: 'Stores nothing. Any dates; records after `as_of` are plans, and folded too.',
        body: Simulation,
        response: responses({ 200: TimelineSchema }, LANGUAGE),
      },
    },
    async (request, reply) => {
      const given = request.body;
      const schemaErrors = schemaErrorsOf(request);
      refuseIfInvalid(schemaErrors, () => semanticErrors(app, given, schemaErrors));
      const booked = findRule(app.rulebook, given.rule) as BookedRule;
      const records = toLedger(given.records);
      const { user } = request.principal;
      const caller = user === null ? null : await app.store.users.get(user);
      const locale = localeOf(request, caller?.locale ?? 'en');
      const timeline = foldLine(booked, given, records, { as_of: given.as_of, until: given.until });
      const body = timelineJson(timeline, booked, locale, records);
      const headers = languageHeaders(locale);
      return answerUnstored(app, request, reply, { headers, body, about: { user } });
    },
  );
}
