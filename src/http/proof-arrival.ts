/** How a proof comes in: its file out of a request, and to where it is kept, or else wholly away again. */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { fileOf, MAX_PROOF_BYTES, MAX_PROOFS, type Received, type Refused } from '../proofs/index.ts';
import type { App } from '../service/context.ts';
import { isStoreError } from '../store/errors.ts';
import { newId } from '../store/ids.ts';
import type { NewProof } from '../store/types.ts';
import { invalid, notFound, Problem, requestProblem } from './errors.ts';

const MEGABYTES = MAX_PROOF_BYTES / 1_000_000;

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
export async function theFile(app: App, request: FastifyRequest, keepLocation: boolean) {
  if (!request.isMultipart()) throw requestProblem('media_type', 'The body is no multipart/form-data.');
  let found: { name: string | null; received: Received } | null = null;
  try {
    for await (const sent of request.parts({
      limits: { fileSize: MAX_PROOF_BYTES + 1, files: 2, fields: 1 },
    })) {
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

/** What there is to say of a proof that could not be kept: that its payment is gone, where that was erased meanwhile. */
async function abandon(app: App, begun: NewProof, error: unknown): Promise<unknown> {
  app.proofs.giveUp(begun.id);
  const stood = await app.store.write(null, async (q) => {
    // The commit may have come through and only the word of it been lost: then the proof is kept, as its answer says.
    if (await q.proofs.get(begun.id)) return true;
    const stood = await q.proofs.drop(begun.id);
    if (!stood) await q.proofs.doom(begun.file);
    return stood;
  });
  await app.proofs
    .bury()
    .catch((reason: unknown) => app.log.warn({ err: reason }, 'a file is still to be removed'));
  return stood ? error : notFound('payment');
}

/** Keeps the file of a proof whose row stands: its bytes, then, in `land`, that they are whole; else both are taken back. */
export async function keepFile(app: App, begun: NewProof, received: Received, land: () => Promise<void>) {
  try {
    await app.proofs.put(begun, received);
    await land();
  } catch (error) {
    throw await abandon(app, begun, error);
  }
}

/**
 * Begins a proof's row, if need be once those are taken back that came to nothing: true; false where its payment has as
 * many as it may; null where its id is taken.
 */
export async function beginProof(app: App, begun: NewProof): Promise<boolean | null> {
  const attempt = () =>
    app.store
      .write(null, (q) => q.proofs.begin(begun, MAX_PROOFS))
      .catch((error: unknown) => {
        if (isStoreError(error, 'conflict')) return null;
        throw error;
      });
  const hasBegun = await attempt();
  if (hasBegun) return true;
  await app.proofs.dropAbandoned();
  return attempt();
}

/** Keeps a received file under a new id: first its row, then its bytes, then that they are whole. */
export async function keep(
  app: App,
  payment: string,
  name: string | null,
  received: Received,
  land: (id: string) => Promise<void>,
) {
  const id = newId('proof', app.clock().getTime());
  const begun = { id, payment, name, file: fileOf(id), node: app.proofs.node };
  const hasRoom = await beginProof(app, begun);
  if (!hasRoom && !(await app.store.payments.get(payment))) throw notFound('payment');
  if (!hasRoom) throw requestProblem('too_many_proofs', `A payment has at most ${MAX_PROOFS} proofs.`);
  await keepFile(app, begun, received, () => land(id));
}
