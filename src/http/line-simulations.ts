/** "What if" for a stored line: other records, another version of its rule, another date. Nothing is stored. */
import { type Static, Type } from 'typebox';
import { foldLine, ledgerOf, recordsUpTo, todayOf, zoneOf } from '../ledger.ts';
import { checkRecord, compileRule, END_OF_DAYS } from '../retention/index.ts';
import { type LedgerRecord, LocalDate, type RecordInput } from '../retention/record.ts';
import type { BookedRule } from '../rulebook/index.ts';
import { MAX_LIST_LENGTH } from '../schemas/json.ts';
import { LineParams } from '../schemas/lines.ts';
import { NewRecord } from '../schemas/records.ts';
import { Facts, nullable, PlanPrice, strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { checkTerms } from '../service/line-checks.ts';
import { relevantRecords, ruleOf } from '../service/record-checks.ts';
import type { Line } from '../store/types.ts';
import { differencesBetween, timelineJson } from '../wording/index.ts';
import { refuseIfInvalid, schemaErrorsOf, validFields } from './all-errors.ts';
import { answerUnstored } from './change.ts';
import { type FieldError, notFound } from './errors.ts';
import { visibleLine } from './lines.ts';
import { languageHeaders, localeOf } from './locale.ts';
import { LANGUAGE, responses } from './schemas.ts';
import type { Server } from './server.ts';
import { TimelineSchema } from './timeline-schema.ts';
import { checkUntil } from './timelines.ts';

const WhatIf = strictObject(
  {
    add: Type.Optional(
      Type.Array(NewRecord, {
        maxItems: MAX_LIST_LENGTH,
        description: "Records in addition to the line's own; those after `as_of` are plans.",
      }),
    ),
    leave_out: Type.Optional(
      Type.Array(Type.String(), { maxItems: MAX_LIST_LENGTH, description: 'Ids of records to leave out.' }),
    ),
    version: Type.Optional(
      Type.String({
        ...LocalDate,
        description: 'The `since` date of a version of the rule, to apply it to all records.',
      }),
    ),
    facts: Type.Optional(Facts),
    plan_price: Type.Optional(PlanPrice),
    as_of: Type.Optional(LocalDate),
    until: Type.Optional(LocalDate),
  },
  { $id: 'WhatIf' },
);
type WhatIf = Static<typeof WhatIf>;

const Difference = strictObject(
  {
    what: Type.Enum(['stage', 'act_by', 'lost_on', 'latest_lost_on', 'at_risk_since', 'stage_to_come']),
    before: nullable(Type.String()),
    after: nullable(Type.String()),
    days: nullable(Type.Integer(), {
      description: 'By how many days it is later; null if one of the two is no date.',
    }),
    text: Type.String(),
  },
  { $id: 'Difference' },
);

const WhatIfAnswer = strictObject(
  { before: TimelineSchema, after: TimelineSchema, differences: Type.Array(Difference) },
  {
    $id: 'WhatIfAnswer',
    description: 'The timeline as it is and as it would be, with each difference in words.',
  },
);

type Subject = { booked: BookedRule; line: Line; ledger: LedgerRecord[]; today: string };

/** The rule with one of its versions as the only one; the rule itself if there is no such version. */
function ruleWith(booked: BookedRule, since: string | undefined): BookedRule {
  const version = booked.rule.versions.find((one) => one.since === since);
  if (!version) return booked;
  const { id, time_zone, currency } = booked.compiled;
  const rule = { ...booked.rule, versions: [version] };
  return { ...booked, rule, compiled: compileRule({ id, time_zone, currency, versions: rule.versions }) };
}

const addedRecords = (given: WhatIf): LedgerRecord[] =>
  (given.add ?? []).map((input, index) => ({ id: input.external_id ?? `/add/${index}`, input }));

function check(
  { booked, line, ledger, today }: Subject,
  given: Partial<WhatIf>,
  added: LedgerRecord[],
): FieldError[] {
  const versions = booked.rule.versions.map(({ since }) => since);
  const relevantTo = relevantRecords([...ledger, ...added]);
  const zone = zoneOf(line, booked);
  return [
    ...checkTerms(booked, given),
    ...(given.version !== undefined && !versions.includes(given.version)
      ? [
          {
            pointer: '/version',
            detail: 'The rule has no version since then.',
            mend: `Give one of ${versions.join(', ')}.`,
          },
        ]
      : []),
    ...(given.leave_out ?? []).flatMap((id, index) =>
      typeof id === 'string' && !ledger.some((record) => record.id === id)
        ? [
            {
              pointer: `/leave_out/${index}`,
              detail: 'The line has no such record.',
              mend: 'GET /v1/lines/{line}/records lists them.',
            },
          ]
        : [],
    ),
    ...checkUntil(given.as_of ?? today, given.until),
    ...added.flatMap(({ input }, index) =>
      input.type === undefined
        ? []
        : checkRecord(booked.compiled, { time_zone: zone }, input, END_OF_DAYS, relevantTo(input)).map(
            (error) => ({
              ...error,
              pointer: `/add/${index}${error.pointer}`,
            }),
          ),
    ),
  ];
}

/** The semantic errors in the valid fields; the records keep their indexes. */
function semanticErrors(subject: Subject, given: WhatIf, schemaErrors: FieldError[]): FieldError[] {
  const { add: _, ...fields } = validFields(given, schemaErrors);
  const inputs = (Array.isArray(given.add) ? given.add : []).map(
    (input, index) => validFields(input, schemaErrors, `/add/${index}`) as RecordInput,
  );
  return check(
    subject,
    fields,
    inputs.map((input, index) => ({ id: `/add/${index}`, input })),
  );
}

export function lineSimulations(app: App, server: Server) {
  const { store } = app;
  server.post(
    '/lines/:line/simulations',
    {
      config: { scope: 'read' },
      attachValidation: true,
      schema: {
        operationId: 'simulateLine',
        tags: ['Timelines'],
        summary: "Fold a line's timeline with supposed changes",
        description: 'Stores nothing. Answers the timeline before and after, and each difference in words.',
        params: LineParams,
        body: WhatIf,
        response: responses({ 200: WhatIfAnswer }, LANGUAGE),
      },
    },
    async (request, reply) => {
      const line = visibleLine(request.principal, await store.lines.get(request.params.line));
      const booked = ruleOf(app, line);
      const given = request.body;
      const ledger = ledgerOf(await store.records.ofLine(line.id));
      const today = todayOf(line, booked, app.clock());
      const schemaErrors = schemaErrorsOf(request);
      refuseIfInvalid(schemaErrors, () =>
        semanticErrors({ booked, line, ledger, today }, given, schemaErrors),
      );
      const owner = await store.users.get(line.user);
      const locale = localeOf(request, owner?.locale ?? 'en');
      const zone = zoneOf(line, booked);
      const fold = (
        rule: BookedRule,
        facts: Pick<Line, 'facts' | 'plan_price'>,
        records: LedgerRecord[],
        as_of: string,
      ) => {
        const timeline = foldLine(rule, { ...line, ...facts }, records, { as_of, until: given.until });
        const { version } = timeline;
        const telling = { booked: rule, version, as_of: timeline.as_of, time_zone: zone, records, locale };
        return { timeline, telling, json: timelineJson(timeline, rule, locale, records) };
      };
      const as_of = given.as_of ?? today;
      const before = fold(booked, line, recordsUpTo(ledger, today, zone), today);
      const kept = recordsUpTo(ledger, as_of, zone).filter(({ id }) => !given.leave_out?.includes(id));
      const facts = {
        facts: { ...line.facts, ...given.facts },
        plan_price: given.plan_price ?? line.plan_price,
      };
      const after = fold(ruleWith(booked, given.version), facts, [...kept, ...addedRecords(given)], as_of);
      const body = {
        before: before.json,
        after: after.json,
        differences: differencesBetween(before.timeline, after.timeline, after.telling),
      };
      const headers = languageHeaders(locale);
      // An erasure of the line or its owner also erases the stored answer.
      const about = { user: line.user, line: line.id };
      return answerUnstored(app, request, reply, { headers, body, about }, async (q) => {
        if (!(await q.users.hold(line.user)) || !(await q.lines.get(line.id))) throw notFound('line');
      });
    },
  );
}
