/**
 * Proofs of payments. A file's type is detected from its bytes; it is served only as an attachment, as it was stored.
 */
import fastifyMultipart from '@fastify/multipart';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { EXTENSIONS, MAX_PROOF_BYTES, ProofGone } from '../proofs/index.ts';
import { Id, nullable, strictObject, Timestamp } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { logLostFile, PaymentGone, storeProof } from '../service/proof-keeping.ts';
import type { Proof, Reads } from '../store/types.ts';
import type { Principal } from './authentication.ts';
import { change } from './change.ts';
import { catalogue, notFound, Problem } from './errors.ts';
import { checkIfMatch, sendWithEtag } from './etag.ts';
import { claimOrReplay, digestOf, routeOf } from './idempotency.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { findPayment, PaymentParams, visiblePayment } from './payments.ts';
import { prepareForStorage, problemOfFile, receiveFile } from './proof-arrival.ts';
import { ATTACHMENT, LOCATION, NoContent, responses, responsesWithEtag } from './schemas.ts';
import type { Server } from './server.ts';

const TYPES = Object.keys(EXTENSIONS) as Proof['type'][];
const ProofSchema = strictObject(
  {
    id: Id,
    payment: Id,
    name: nullable(Type.String(), { description: 'The file name that its sender gave.' }),
    type: Type.Enum(TYPES),
    size: Type.Integer({ description: 'The stored size in bytes.' }),
    sha256: Type.String({ description: 'The SHA-256 of the stored bytes, in hexadecimal.' }),
    created_at: Timestamp,
  },
  { $id: 'Proof' },
);
const ProofParams = Type.Object({ proof: Id });

const presentProof = ({
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
  const found = proof && (await findPayment(q, principal, proof.payment));
  if (!found) throw notFound('proof');
  return { proof, ...found };
}

/** File extensions that are accepted in the sender's name, by type. */
const NAME_PATTERNS: Record<Proof['type'], RegExp> = {
  'image/jpeg': /\.jpe?g$/i,
  'image/png': /\.png$/i,
  'image/webp': /\.webp$/i,
  'image/heic': /\.hei[cf]$/i,
  'application/pdf': /\.pdf$/i,
  'text/plain': /\.txt$/i,
};

/** The file name for a download, with an extension of the type, so that no text file is saved as a web page. */
const downloadName = (name: string, type: Proof['type']): string =>
  NAME_PATTERNS[type].test(name) ? name : `${name}.${EXTENSIONS[type]}`;

/**
 * The file of a proof. A lost file has a 404 code of its own, because it may be restored later.
 * @throws Problem proof_file_missing, or not_found if the proof was deleted meanwhile
 */
async function readFile(app: App, proof: Proof) {
  try {
    return await app.proofs.read(proof);
  } catch (error) {
    if (!(error instanceof ProofGone)) throw error;
    if (!(await logLostFile(app, proof))) throw notFound('proof');
    const { mend } = catalogue.proof_file_missing;
    const detail = 'What is known of the proof is kept, but its file is missing.';
    throw new Problem('proof_file_missing', [{ pointer: '/proof', in: 'path', detail, mend }]);
  }
}

const FILE_BODY = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['file'],
        properties: {
          file: {
            type: 'string',
            contentMediaType: 'application/octet-stream',
            description: `The file, the only part; at most ${MAX_PROOF_BYTES / 1_000_000} MB.`,
          },
        },
      },
    },
  },
};

export async function proofs(scope: FastifyInstance, { app }: { app: App }) {
  const server = scope as unknown as Server;
  const { store } = app;
  scope.removeAllContentTypeParsers();
  await scope.register(fastifyMultipart, { throwFileSizeLimit: false });

  server.post(
    '/payments/:payment/proofs',
    {
      config: { scope: 'write', claimsItself: true, body: FILE_BODY },
      schema: {
        operationId: 'addProof',
        tags: ['Payments'],
        summary: 'Add a proof',
        description:
          'A JPEG, PNG, WebP, HEIC, PDF or plain text, recognised by its bytes. From a photograph all metadata ' +
          'but orientation, colours and dates is removed, the location included, unless `keep_location` is ' +
          'set. A damaged photograph without a location is kept as it is.',
        params: PaymentParams,
        querystring: strictObject({
          keep_location: Type.Optional(
            Type.Boolean({ default: false, description: 'Keep a photograph as it is.' }),
          ),
        }),
        response: responses({ 201: ProofSchema }, LOCATION),
      },
    },
    async (request, reply) => {
      const { payment, line } = await visiblePayment(store, request.principal, request.params.payment);
      const { name, received } = await receiveFile(app, request);
      if (typeof received === 'string') throw problemOfFile(received);
      let prepared = received;
      try {
        // Before the location is removed: a replayed request does not need it.
        const answer = await claimOrReplay(app, request, reply, digestOf(request, received.sha256));
        if (answer === 'replayed') return reply;
        prepared = await prepareForStorage(received, request.query.keep_location ?? false);
        const { type, size, sha256 } = prepared;
        await storeProof(app, payment.id, name, prepared, async (id) => {
          await change(app, request, reply, line.user, async (q) => {
            const proof = await q.proofs.keep(id, { type, size, sha256 });
            if (!proof) throw new PaymentGone(payment.id);
            const headers = { location: `/v1/proofs/${id}` };
            return {
              status: 201,
              headers,
              body: presentProof(proof),
              about: { user: line.user, line: line.id },
            };
          });
        });
        return reply;
      } finally {
        await received.spooled.close();
        if (prepared !== received) await prepared.spooled.close();
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
        querystring: PageQuery,
        response: responses({ 200: pageOf(ProofSchema) }),
      },
    },
    async (request) => {
      const { payment } = await visiblePayment(store, request.principal, request.params.payment);
      const page = await store.proofs.list(payment.id, pageRequest(request.query));
      return { items: page.items.map(presentProof), next_cursor: nextCursor(page.next) };
    },
  );

  server.get(
    '/proofs/:proof',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getProof',
        tags: ['Payments'],
        summary: "Show a proof's metadata",
        params: ProofParams,
        response: responsesWithEtag({ 200: ProofSchema }),
      },
    },
    async (request, reply) => {
      const { proof } = await visibleProof(store, request.principal, request.params.proof);
      return sendWithEtag(request, reply, presentProof(proof));
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
        description:
          "As an attachment, byte for byte as stored. If the proof's file is lost, 404 with the code " +
          '`proof_file_missing`.',
        params: ProofParams,
        response: responses({
          200: {
            description: 'The file.',
            headers: ATTACHMENT,
            content: Object.fromEntries(
              TYPES.map((type) => [type, { schema: Type.String({ format: 'binary' }) }]),
            ),
          },
        }),
      },
    },
    async (request, reply) => {
      const { proof } = await visibleProof(store, request.principal, request.params.proof);
      const stream = await readFile(app, proof);
      const asciiName = `proof-${proof.id.slice(-12)}.${EXTENSIONS[proof.type]}`;
      const extendedName =
        proof.name === null
          ? ''
          : `; filename*=UTF-8''${encodeURIComponent(downloadName(proof.name, proof.type)).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
      return reply
        .type(proof.type === 'text/plain' ? 'text/plain; charset=utf-8' : proof.type)
        .headers({
          'content-length': proof.size,
          'content-disposition': `attachment; filename="${asciiName}"${extendedName}`,
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, no-store',
        })
        .send(stream);
    },
  );

  server.delete(
    '/proofs/:proof',
    {
      config: { ifMatch: true },
      schema: {
        operationId: 'deleteProof',
        tags: ['Payments'],
        summary: 'Erase a proof',
        params: ProofParams,
        response: responses({ 204: NoContent }),
      },
    },
    async (request, reply) => {
      const { proof, line } = await visibleProof(store, request.principal, request.params.proof);
      checkIfMatch(request, presentProof(proof));
      return change(app, request, reply, line.user, async (q) => {
        if (!(await q.proofs.drop(proof.id))) throw notFound('proof');
        await q.idempotency.forget(routeOf(`/v1/payments/${proof.payment}/proofs`));
        return { status: 204, removesFiles: true };
      });
    },
  );
}
