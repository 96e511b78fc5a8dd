/** Proofs of payments. What is uploaded is known by its bytes, never shown as a page, and given back as it was kept. */
import type { IncomingMessage } from 'node:http';
import fastifyMultipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { EXTENSIONS, fileOf, LARGEST, MOST, type Received, type Refused } from '../proofs/index.ts';
import { newId } from '../store/ids.ts';
import type { Proof, Reads } from '../store/types.ts';
import type { Principal } from './authentication.ts';
import { change } from './change.ts';
import type { App } from './context.ts';
import { invalid, notFound, Problem, requestProblem } from './errors.ts';
import { sendTagged } from './etag.ts';
import { claim } from './idempotency.ts';
import { PaymentParams, visiblePayment } from './payments.ts';
import { answers, Id, Nothing, nullable, strictObject, Timestamp } from './schemas.ts';
import type { Server } from './server.ts';

const TYPES = Object.keys(EXTENSIONS) as Proof['type'][];
const ProofSchema = strictObject(
  {
    id: Id,
    payment: Id,
    name: nullable(Type.String(), { description: 'As its sender called it.' }),
    type: Type.Enum(TYPES),
    size: Type.Integer({ description: 'In bytes, as kept.' }),
    sha256: Type.String({ description: 'Of the bytes as kept, in hexadecimal digits.' }),
    created_at: Timestamp,
  },
  { $id: 'Proof' },
);
const ProofParams = Type.Object({ proof: Id });
const MEGABYTES = LARGEST / 1_000_000;

export const presentProof = ({
  id,
  payment,
  name,
  type,
  size,
  sha256,
  created_at,
}: Proof): Static<typeof ProofSchema> => ({
  id,
  payment,
  name,
  type,
  size,
  sha256,
  created_at,
});

async function visibleProof(
  q: Pick<Reads, 'proofs' | 'payments' | 'lines'>,
  principal: Principal,
  id: string,
) {
  const proof = await q.proofs.get(id);
  if (!proof) throw notFound('proof');
  try {
    return { proof, ...(await visiblePayment(q, principal, proof.payment)) };
  } catch {
    throw notFound('proof');
  }
}

const part = (detail: string, mend: string) => invalid({ pointer: '/file', detail, mend });

function refusal(refused: Refused): Problem {
  switch (refused) {
    case 'empty':
      return part('The file is empty.', 'Send the file itself.');
    case 'too_large':
      return requestProblem('body_too_large', `A proof is no larger than ${MEGABYTES} MB.`);
    case 'location_stays':
      return requestProblem('location_stays', 'Where it was taken stands in it and cannot be taken out.');
    case 'not_as_said':
      return requestProblem('media_type', 'Its bytes are not what its type says.');
    case 'not_taken':
      return requestProblem(
        'media_type',
        'It is none of JPEG, PNG, WebP, HEIC, PDF and plain text in UTF-8.',
      );
  }
}

/** A name for people: the last part of a path, without what a screen or a header cannot hold. */
function nameOf(given: string | undefined): string | null {
  const last = (given ?? '').split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  return plain === '' ? null : Array.from(plain).slice(0, 150).join('');
}

const MANY = 'Send `multipart/form-data` with exactly one part, the file, called `file`.';

/**
 * Lets the rest of a refused body come and go unread: some clients read no answer before they have sent all, and a
 * connection that stays paused is never seen to end.
 */
function letGo(raw: IncomingMessage) {
  raw.unpipe();
  raw.resume();
}

/**
 * Receives the one file of a request; to be closed by the caller.
 * @throws Problem media_type, invalid, body_too_large, malformed_request
 */
async function theFile(app: App, request: FastifyRequest, keepLocation: boolean) {
  if (!request.isMultipart()) throw requestProblem('media_type', 'The body is no multipart/form-data.');
  let found: { name: string | null; received: Received } | null = null;
  try {
    for await (const sent of request.parts({ limits: { fileSize: LARGEST + 1, files: 2, fields: 1 } })) {
      if (sent.type !== 'file' || sent.fieldname !== 'file') {
        throw part(`There is a part called ${JSON.stringify(sent.fieldname.slice(0, 40))}.`, MANY);
      }
      if (found) throw part('There is more than one file.', MANY);
      const received = await app.proofs.receive(sent.file, { said: sent.mimetype, keepLocation });
      if (typeof received === 'string') throw refusal(received);
      found = { name: nameOf(sent.filename), received };
    }
  } catch (error) {
    letGo(request.raw);
    await found?.received.spooled.close();
    if (error instanceof Problem || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw requestProblem('malformed_request', 'The multipart body broke off or cannot be read.');
  }
  if (!found) throw part('There is no file.', MANY);
  return found;
}

/**
 * Takes back a proof that could not be kept, its file too; answers what there is to say, which is that its payment is
 * gone where that was erased meanwhile.
 */
export async function abandon(app: App, begun: Pick<Proof, 'id' | 'file'>, error: unknown): Promise<unknown> {
  const stood = await app.store.write(null, async (q) => {
    const stood = await q.proofs.drop(begun.id);
    if (!stood) await q.proofs.doom(begun.file);
    return stood;
  });
  await app.proofs
    .bury()
    .catch((reason: unknown) => app.log.warn({ err: reason }, 'a file is still to be removed'));
  return stood ? error : notFound('payment');
}

/** Keeps a received file: first its row, then its bytes, then that they are whole. */
async function keep(
  app: App,
  payment: string,
  name: string | null,
  received: Received,
  work: (proof: Proof, id: string) => Promise<void>,
) {
  const id = newId('proof', app.clock().getTime());
  const begun = { id, payment, name, file: fileOf(id), node: app.proofs.node };
  const hasRoom = await app.store.write(null, (q) => q.proofs.begin(begun, MOST));
  if (!hasRoom) throw requestProblem('too_many_proofs', `A payment has at most ${MOST} proofs.`);
  try {
    await app.proofs.put(begun, received);
    await work({ ...begun, ...received, created_at: '' }, id);
  } catch (error) {
    throw await abandon(app, begun, error);
  }
}

export async function proofs(scope: FastifyInstance, { app }: { app: App }) {
  const server = scope as unknown as Server;
  const { store } = app;
  scope.removeAllContentTypeParsers();
  await scope.register(fastifyMultipart, { throwFileSizeLimit: false });

  server.post(
    '/payments/:payment/proofs',
    {
      config: { scope: 'write', claimsItself: true },
      schema: {
        operationId: 'addProof',
        tags: ['Payments'],
        summary: 'Add a proof',
        description:
          'A JPEG, PNG, WebP, HEIC, PDF or plain text, known by its bytes. Of a photograph only the picture, how to ' +
          'turn it, its colours and its dates are kept, not where it was taken, unless `keep_location` is asked for.',
        params: PaymentParams,
        querystring: strictObject({
          keep_location: Type.Optional(
            Type.Boolean({ default: false, description: 'Keep a photograph as it is.' }),
          ),
        }),
        response: answers({ 201: ProofSchema }),
      },
    },
    async (request, reply) => {
      const { payment, line } = await visiblePayment(store, request.principal, request.params.payment);
      const { name, received } = await theFile(app, request, request.query.keep_location ?? false);
      try {
        if (await claim(app, request, reply, `${received.sha256} ${received.size}`)) return reply;
        await keep(app, payment.id, name, received, async (_, id) => {
          const { type, size, sha256 } = received;
          await change(app, request, reply, line.user, async (q) => {
            const kept = await q.proofs.keep(id, { type, size, sha256 });
            if (!kept) throw notFound('payment');
            const headers = { location: `/v1/proofs/${id}` };
            return {
              status: 201,
              headers,
              body: presentProof(kept),
              about: { user: line.user, line: line.id },
            };
          });
        });
        return reply;
      } finally {
        await received.spooled.close();
      }
    },
  );

  server.get(
    '/payments/:payment/proofs',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listProofs',
        tags: ['Payments'],
        summary: "List a payment's proofs",
        params: PaymentParams,
        response: answers({
          200: strictObject({ items: Type.Array(ProofSchema), next_cursor: Type.Null() }),
        }),
      },
    },
    async (request) => {
      const { payment } = await visiblePayment(store, request.principal, request.params.payment);
      return { items: (await store.proofs.ofPayment(payment.id)).map(presentProof), next_cursor: null };
    },
  );

  server.get(
    '/proofs/:proof',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getProof',
        tags: ['Payments'],
        summary: 'Show what is known of a proof',
        params: ProofParams,
        response: answers({ 200: ProofSchema }),
      },
    },
    async (request, reply) => {
      const { proof } = await visibleProof(store, request.principal, request.params.proof);
      return sendTagged(request, reply, presentProof(proof));
    },
  );

  server.get(
    '/proofs/:proof/file',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'downloadProof',
        tags: ['Payments'],
        summary: 'Download a proof',
        description: 'As an attachment, byte for byte as it is kept.',
        params: ProofParams,
        response: answers({
          200: {
            description: 'The file.',
            content: Object.fromEntries(
              TYPES.map((type) => [type, { schema: Type.String({ format: 'binary' }) }]),
            ),
          },
        }),
      },
    },
    async (request, reply) => {
      const { proof } = await visibleProof(store, request.principal, request.params.proof);
      const stream = await app.proofs.read(proof);
      const plain = `proof-${proof.id.slice(-12)}.${EXTENSIONS[proof.type]}`;
      const named =
        proof.name === null
          ? ''
          : `; filename*=UTF-8''${encodeURIComponent(proof.name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
      return reply
        .type(proof.type === 'text/plain' ? 'text/plain; charset=utf-8' : proof.type)
        .headers({
          'content-length': proof.size,
          'content-disposition': `attachment; filename="${plain}"${named}`,
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, no-store',
          etag: `"${proof.sha256.slice(0, 27)}"`,
        })
        .send(stream);
    },
  );

  server.delete(
    '/proofs/:proof',
    {
      schema: {
        operationId: 'deleteProof',
        tags: ['Payments'],
        summary: 'Erase a proof',
        params: ProofParams,
        response: answers({ 204: Nothing }),
      },
    },
    async (request, reply) => {
      const { proof, line } = await visibleProof(store, request.principal, request.params.proof);
      return change(app, request, reply, line.user, async (q) => {
        if (!(await q.proofs.drop(proof.id))) throw notFound('proof');
        return { status: 204, buries: true };
      });
    },
  );
}
