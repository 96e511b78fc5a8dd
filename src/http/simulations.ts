/** "What if": a timeline of records that nobody has stored, past, present or planned. */
import { type Static, Type } from 'typebox';
import { engineLine, foldLine } from '../ledger.ts';
import { checkRecord } from '../retention/index.ts';
import { type LedgerRecord, LocalDate, type RecordInput } from '../retention/record.ts';
import type { BookedRule } from '../rulebook/index.ts';
import { timelineJson } from '../wording/index.ts';
import { change } from './change.ts';
import type { App } from './context.ts';
import { type FieldError, Problem } from './errors.ts';
import { LONGEST } from './json.ts';
import { checkTerms, findRule, isFieldError } from './line-checks.ts';
import { localeOf } from './locale.ts';
import { END_OF_DAYS } from './record-checks.ts';
import { NewRecord } from './record-schemas.ts';
import { answers, Facts, PlanPrice, RuleId, strictObject, TimeZone } from './schemas.ts';
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
      maxItems: LONGEST,
      description: 'In the order entered. Those after `as_of` are plans and folded too.',
    }),
    as_of: LocalDate,
    until: Type.Optional(LocalDate),
  },
  { $id: 'Simulation' },
);
type Simulation = Static<typeof Simulation>;

/** A supposed record is called by its external_id, else by its place; a void names it so. */
const named = (records: readonly RecordInput[]): LedgerRecord[] =>
  records.map((input, index) => ({ id: input.external_id ?? `/records/${index}`, input }));

function check(booked: BookedRule, { records, ...given }: Simulation, ledger: LedgerRecord[]): FieldError[] {
  const terms = engineLine(given, booked);
  const seen = new Set<string>();
  const bearing = ledger.filter(({ input }) => input.type === 'activated' || input.type === 'void');
  const ofRecords = ledger.flatMap(({ id, input }, index) => {
    const twice = input.external_id !== undefined && seen.has(id);
    seen.add(id);
    const taken = {
      pointer: '/external_id',
      detail: 'An earlier record has it.',
      mend: 'Give each its own.',
    };
    const others = input.type === 'void' ? ledger : bearing.filter((other) => other.input !== input);
    return [
      ...(twice ? [taken] : []),
      ...checkRecord(booked.compiled, terms, input, END_OF_DAYS, others),
    ].map((error) => ({ ...error, pointer: `/records/${index}${error.pointer}` }));
  });
  return [...checkTerms(booked, given), ...checkUntil(given.as_of, given.until), ...ofRecords];
}

export function simulations(app: App, server: Server) {
  server.post(
    '/simulations',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'simulate',
        tags: ['Timelines'],
        summary: 'Fold supposed records into a timeline',
        description: 'Stores nothing. Any dates; records after `as_of` are plans, and folded too.',
        body: Simulation,
        response: answers({ 200: TimelineSchema }),
      },
    },
    async (request, reply) => {
      const given = request.body;
      const booked = findRule(app.rulebook, given.rule);
      if (isFieldError(booked)) throw new Problem('invalid', [booked]);
      const records = named(given.records);
      const errors = check(booked, given, records);
      if (errors.length > 0) throw new Problem('invalid', errors);
      const { user } = request.principal;
      const caller = user === null ? null : await app.store.users.get(user);
      const locale = localeOf(request, caller?.locale ?? 'en');
      const timeline = foldLine(booked, given, records, { as_of: given.as_of, until: given.until });
      const body = timelineJson(timeline, booked, locale, records);
      const headers = { vary: 'Accept-Language', 'content-language': locale };
      if (request.claim === null) return reply.headers(headers).send(body);
      return change(app, request, reply, null, async () => ({ status: 200, headers, body, about: { user } }));
    },
  );
}
