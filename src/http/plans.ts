/** The cheapest way to keep a line until a date. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from 'typebox';
import { ledgerOf, planInTurns, planUntil, todayOf } from '../ledger.ts';
import { mutex } from '../lib/mutex.ts';
import { LocalDate, Money } from '../retention/record.ts';
import { LineParams } from '../schemas/lines.ts';
import { NewRecord } from '../schemas/records.ts';
import { nullable, strictObject } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { ruleOf } from '../service/record-checks.ts';
import { planJson } from '../wording/index.ts';
import { Problem, requestProblem } from './errors.ts';
import { sendWithEtag } from './etag.ts';
import { visibleLine } from './lines.ts';
import { languageHeaders, localeOf } from './locale.ts';
import { LANGUAGE, responsesWithEtag } from './schemas.ts';
import type { Server } from './server.ts';

/** The most plans waiting at once, in all and for one user, who must not keep the others waiting. */
const MAX_WAITING = 20;
const MAX_WAITING_PER_USER = 5;

const PlanQuery = strictObject({
  until: Type.Optional(
    Type.String({
      ...LocalDate,
      description: 'The date until which to keep it. Default: two years on; at most ten.',
    }),
  ),
  from_abroad: Type.Optional(
    Type.Enum(['true', 'false'], { description: '`true`: leave out what does not work from abroad.' }),
  ),
  keep: Type.Optional(
    Type.Enum(['calling', 'receiving'], {
      description:
        '`receiving`: codes and calls must arrive. `calling` (the default): the line must be able to call as ' +
        'well.',
    }),
  ),
});

const Amounts = strictObject({ spent: Money, credited: Money });
const Total = strictObject({
  spent: Money,
  credited: Money,
  taken: nullable(Money, {
    description: 'Taken by the carrier itself from the account; null: not known.',
  }),
  unpriced_steps: Type.Integer({
    minimum: 0,
    description: 'Steps of unknown price, which no total here or in `per_year` includes.',
  }),
});
const Sentence = strictObject({ text: Type.String() });
const DateOrNull = nullable(LocalDate);

const PlanSchema = strictObject(
  {
    line: Type.String(),
    rule: Type.String(),
    as_of: LocalDate,
    until: LocalDate,
    confirmed: Type.Boolean({
      description: 'Whether the engine, given the steps, finds the number kept until then.',
    }),
    reason: nullable(Type.String(), { description: 'Why there is no confirmed plan.' }),
    steps: Type.Array(
      strictObject({
        on: LocalDate,
        latest_on: LocalDate,
        action: Type.String(),
        record: NewRecord,
        spent: nullable(Money, { description: 'What is spent for good; null: not known.' }),
        credited: Money,
        channels: Type.Array(Type.String()),
        from_abroad: nullable(Type.Boolean(), { description: 'Null: not known.' }),
        certain: Type.Boolean(),
        text: Type.String(),
      }),
      { description: 'What to do, on which day, by when at the latest, and the record that it would make.' },
    ),
    total: Total,
    per_year: Amounts,
    act_by: DateOrNull,
    undone: strictObject(
      { act_by: DateOrNull, lost_on: DateOrNull },
      { description: 'What would happen without the plan.' },
    ),
    assumed: Type.Array(Sentence, { description: 'The assumptions that the plan rests on.' }),
    risks: Type.Array(Sentence, { description: 'The risks of doing only the bare minimum.' }),
  },
  {
    $id: 'Plan',
    description: 'The cheapest actions that keep a number, as confirmed by the engine.',
  },
);

export function plans(app: App, server: Server) {
  const { store } = app;
  // A plan takes up to some thousand folds. It yields between any two, and only one plan is made at a time.
  const exclusively = mutex();
  const waiting: (string | null)[] = [];

  /**
   * Queues a plan for `user`, the owner of the caller's key; null for an admin.
   * @throws Problem unavailable if too many are waiting already
   */
  async function enqueue<T>(user: string | null, work: () => Promise<T>): Promise<T> {
    const waitingOfUser = user === null ? 0 : waiting.filter((one) => one === user).length;
    if (waiting.length >= MAX_WAITING || waitingOfUser >= MAX_WAITING_PER_USER) {
      const detail = `${Math.max(waitingOfUser, waiting.length)} plans are being made already.`;
      throw requestProblem('unavailable', detail, { headers: { 'retry-after': '10' } });
    }
    waiting.push(user);
    return exclusively(work).finally(() => waiting.splice(waiting.indexOf(user), 1));
  }

  server.get(
    '/lines/:line/plan',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getPlan',
        tags: ['Timelines'],
        summary: 'Plan the cheapest way to keep a line',
        description: 'Money that stays on the account is shown apart from what is spent.',
        params: LineParams,
        querystring: PlanQuery,
        response: responsesWithEtag({ 200: PlanSchema }, LANGUAGE),
      },
    },
    async (request, reply) => {
      const line = visibleLine(request.principal, await store.lines.get(request.params.line));
      const booked = ruleOf(app, line);
      const as_of = todayOf(line, booked, app.clock());
      const until = planUntil(as_of, request.query.until);
      if (until === null) {
        const detail = `${request.query.until} is no day from tomorrow to ten years on.`;
        throw new Problem('invalid', [
          { pointer: '/until', in: 'query', detail, mend: 'Give a nearer future date.' },
        ]);
      }
      const owner = await store.users.get(line.user);
      const options = {
        as_of,
        until,
        from_abroad: request.query.from_abroad === 'true',
        keep: request.query.keep ?? 'calling',
      };
      // Stop if the client has disconnected while the plan was waiting or being made.
      const yieldTurn = async () => {
        await nextTurn();
        if (request.socket.destroyed) throw requestProblem('malformed_request', 'The request broke off.');
      };
      const plan = await enqueue(request.principal.user, async () => {
        await yieldTurn();
        return planInTurns(yieldTurn, booked, line, ledgerOf(await store.records.ofLine(line.id)), options);
      });
      const locale = localeOf(request, owner?.locale ?? 'en');
      reply.headers(languageHeaders(locale));
      return sendWithEtag(request, reply, { line: line.id, ...planJson(plan, booked, locale) });
    },
  );
}
