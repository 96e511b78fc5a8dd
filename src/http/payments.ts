/** Payments of a line, and the steps that change their state. */
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { isObject } from '../lib/is-object.ts';
import { LineParams } from '../schemas/lines.ts';
import {
  Change,
  Confirmation,
  Failure,
  NewPayment,
  PatchedPayment,
  PaymentPatchSchema,
  PaymentSchema,
  presentPayment,
} from '../schemas/payments.ts';
import { Id } from '../schemas/shapes.ts';
import { type App, withPinnedRules } from '../service/context.ts';
import { bodyOf, CONFLICTING_PROOF_FLAGS } from '../service/payment-body.ts';
import {
  beginPayment,
  checkPayment,
  movePayment,
  requireStepLeft,
  type Step,
} from '../service/payment-life.ts';
import { twinsOf } from '../service/payment-twins.ts';
import { ledgerFor } from '../service/record-checks.ts';
import type { Line, Payment, Reads } from '../store/types.ts';
import { refuseIfInvalid, schemaErrorsOf, validFields } from './all-errors.ts';
import { maySee, type Principal } from './authentication.ts';
import { change } from './change.ts';
import { notFound } from './errors.ts';
import { checkIfMatch, etagOf, sendWithEtag } from './etag.ts';
import { visibleLine } from './lines.ts';
import { patcher } from './merge-patch.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { ETAG, LOCATION, responses, responsesWithEtag } from './schemas.ts';
import type { Server } from './server.ts';

export const PaymentParams = Type.Object({ payment: Id });

type WithLine = { payment: Payment; line: Line };

/** A payment with its line; null if there is none or it is another's. */
export async function findPayment(
  q: Pick<Reads, 'payments' | 'lines'>,
  principal: Principal,
  id: string,
): Promise<WithLine | null> {
  const payment = await q.payments.get(id);
  const line = payment && (await q.lines.get(payment.line));
  return line && maySee(principal, line.user) ? { payment, line } : null;
}

/**
 * A payment with its line, if the caller may see it.
 * @throws Problem not_found if there is none or it is another's
 */
export async function visiblePayment(
  q: Pick<Reads, 'payments' | 'lines'>,
  principal: Principal,
  id: string,
): Promise<WithLine> {
  const found = await findPayment(q, principal, id);
  if (!found) throw notFound('payment');
  return found;
}

const patch = patcher<Static<typeof PatchedPayment>>(PatchedPayment);

/** The present `no_proof` and `proof_elsewhere`; setting one of them in a patch clears the other. */
function proofFlags(patch: unknown, no_proof: boolean, proof_elsewhere: boolean) {
  const fields = patch as Partial<Static<typeof PatchedPayment>> | null;
  return {
    no_proof: no_proof && fields?.proof_elsewhere !== true,
    proof_elsewhere: proof_elsewhere && fields?.no_proof !== true,
  };
}

function applyPatch(payment: Payment, patchBody: unknown) {
  const { channel, reference, note } = payment.body;
  const { external_id: externalId, no_proof: noProof, proof_elsewhere: proofElsewhere } = payment;
  // Earlier versions accepted blank references: one that the patch does not mention is kept without a check.
  const unchecked = isObject(patchBody) && Object.hasOwn(patchBody, 'reference') ? {} : { reference };
  const before = {
    channel,
    note,
    external_id: externalId,
    ...proofFlags(patchBody, noProof, proofElsewhere),
  };
  const next = patch(before, patchBody, (fields) =>
    fields.no_proof && fields.proof_elsewhere ? [CONFLICTING_PROOF_FLAGS] : [],
  );
  const { external_id = null, no_proof = false, proof_elsewhere = false, ...patched } = next;
  const { channel: _, reference: __, note: ___, ...rest } = payment.body;
  return { body: bodyOf({ ...rest, ...unchecked, ...patched }), external_id, no_proof, proof_elsewhere };
}

const STEPS = [
  {
    name: 'confirm',
    to: 'confirmed',
    body: Confirmation,
    summary: 'Confirm a payment: the carrier shows it',
  },
  { name: 'fail', to: 'failed', body: Failure, summary: 'Mark a payment as failed' },
  { name: 'refund', to: 'refunded', body: Change, summary: 'Mark a payment as refunded' },
  { name: 'cancel', to: 'cancelled', body: Change, summary: 'Cancel a payment that was recorded by mistake' },
  { name: 'reopen', to: 'pending', body: Change, summary: 'Reopen a payment: undo its last step' },
] as const;

export function payments(app: App, server: Server) {
  const { store } = app;

  /** Payments of a line as JSON, each with warnings about its duplicates on the line. */
  async function presentAll(q: Pick<Reads, 'payments' | 'records'>, line: Line, rows: readonly Payment[]) {
    const twins = await twinsOf(app, q, line, rows);
    return rows.map((payment) => presentPayment(payment, twins(payment)));
  }
  const present = async (q: Pick<Reads, 'payments' | 'records'>, line: Line, payment: Payment) =>
    (await presentAll(q, line, [payment]))[0] as Static<typeof PaymentSchema>;
  /**
   * {@link checkIfMatch} for a payment, whose present JSON is built only if the request has `If-Match`: it is costly.
   */
  async function checkPaymentIfMatch(request: FastifyRequest, ...given: Parameters<typeof present>) {
    if (request.headers['if-match'] !== undefined) checkIfMatch(request, await present(...given));
  }

  server.post(
    '/lines/:line/payments',
    {
      attachValidation: true,
      schema: {
        operationId: 'createPayment',
        tags: ['Payments'],
        summary: 'Record a payment',
        description: 'The payment is `pending` until its outcome is recorded, and moves dates provisionally.',
        params: LineParams,
        body: NewPayment,
        response: responses({ 201: PaymentSchema }, { ...LOCATION, ...ETAG }),
      },
    },
    async (request, reply) => {
      const schemaErrors = schemaErrorsOf(request);
      const { id, user } = visibleLine(request.principal, await store.lines.get(request.params.line));
      return change(app, request, reply, user, async (q) => {
        const line = visibleLine(request.principal, await q.lines.get(id));
        const pinned = withPinnedRules(app);
        const ledger = await ledgerFor({ app: pinned, q, line });
        refuseIfInvalid(schemaErrors, () => {
          const fields = validFields(request.body, schemaErrors);
          const isComplete = fields.paid_at !== undefined && fields.amount !== undefined;
          return isComplete ? checkPayment(ledger, bodyOf(fields as NewPayment)) : [];
        });
        const context = { app: pinned, q, line, by: request.principal.key };
        const { external_id = null } = request.body;
        const payment = await beginPayment(context, bodyOf(request.body), external_id);
        const body = await present(q, line, payment);
        const headers = { location: `/v1/payments/${payment.id}`, etag: etagOf(body) };
        return { status: 201, headers, body, about: { user, line: id } };
      });
    },
  );

  server.get(
    '/lines/:line/payments',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listPayments',
        tags: ['Payments'],
        summary: "List a line's payments",
        params: LineParams,
        querystring: PageQuery,
        response: responses({ 200: pageOf(PaymentSchema) }),
      },
    },
    async (request) => {
      const line = visibleLine(request.principal, await store.lines.get(request.params.line));
      const page = await store.payments.list(line.id, pageRequest(request.query));
      return { items: await presentAll(store, line, page.items), next_cursor: nextCursor(page.next) };
    },
  );

  server.get(
    '/payments/:payment',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getPayment',
        tags: ['Payments'],
        summary: 'Show a payment',
        params: PaymentParams,
        response: responsesWithEtag({ 200: PaymentSchema }),
      },
    },
    async (request, reply) => {
      const { payment, line } = await visiblePayment(store, request.principal, request.params.payment);
      return sendWithEtag(request, reply, await present(store, line, payment));
    },
  );

  server.patch(
    '/payments/:payment',
    {
      schema: {
        operationId: 'changePayment',
        tags: ['Payments'],
        summary: 'Change a payment (merge patch)',
        params: PaymentParams,
        body: PaymentPatchSchema,
        response: responses({ 200: PaymentSchema }),
      },
    },
    async (request, reply) => {
      const { line } = await visiblePayment(store, request.principal, request.params.payment);
      return change(app, request, reply, line.user, async (q) => {
        const { payment } = await visiblePayment(q, request.principal, request.params.payment);
        await checkPaymentIfMatch(request, q, line, payment);
        const next = await q.payments.update(payment.id, applyPatch(payment, request.body));
        if (!next) throw notFound('payment');
        const body = await present(q, line, next);
        return { status: 200, headers: { etag: etagOf(body) }, body };
      });
    },
  );

  for (const { name, to, body: schema, summary } of STEPS) {
    server.post(
      `/payments/:payment/${name}`,
      {
        config: { ifMatch: true, bodyOptional: name !== 'fail' },
        schema: {
          operationId: `${name}Payment`,
          tags: ['Payments'],
          summary,
          params: PaymentParams,
          body: schema,
          response: responses({ 200: PaymentSchema }),
        },
      },
      async (request, reply) => {
        const { line } = await visiblePayment(store, request.principal, request.params.payment);
        return change(app, request, reply, line.user, async (q) => {
          const found = await visiblePayment(q, request.principal, request.params.payment);
          await checkPaymentIfMatch(request, q, found.line, found.payment);
          requireStepLeft(found.payment);
          const life = { app: withPinnedRules(app), q, line: found.line, by: request.principal.key };
          const step = { to, ...request.body } as Step;
          const moved = await movePayment(life, found.payment, step);
          const body = await present(q, found.line, moved);
          return {
            status: 200,
            headers: { etag: etagOf(body) },
            body,
            about: { user: line.user, line: line.id },
          };
        });
      },
    );
  }
}
