/** Receives the file of a proof from a multipart request. */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { SpoolUnavailable } from '../lib/spool.ts';
import { MAX_PROOF_BYTES, type Received, type Refused, stripLocation } from '../proofs/index.ts';
import type { App } from '../service/context.ts';
import { invalid, Problem, type ProblemCode, requestProblem } from './errors.ts';

const MEGABYTES = MAX_PROOF_BYTES / 1_000_000;

const partProblem = (detail: string, mend: string) => invalid({ pointer: '/file', detail, mend });

/** A problem with the file, whose code has a `mend` of its own for other requests. */
const fileProblem = (code: ProblemCode, detail: string, mend: string) =>
  requestProblem(code, detail, { pointer: '/file', mend });

/** The problem for a file that was refused as a proof. */
export function problemOfFile(refused: Refused): Problem {
  switch (refused) {
    case 'empty':
      return partProblem('The file is empty.', 'Send the file itself.');
    case 'too_large':
      return fileProblem(
        'body_too_large',
        `A proof is no larger than ${MEGABYTES} MB.`,
        'Send a smaller file, such as a screenshot of it.',
      );
    case 'not_as_said':
      return fileProblem(
        'media_type',
        'Its bytes are not what its type says.',
        "Send the part's own `Content-Type`, or none.",
      );
    case 'not_taken':
      return fileProblem(
        'media_type',
        'It is none of JPEG, PNG, WebP, HEIC, PDF and plain text in UTF-8.',
        'Send it in one of these, for example a screenshot of it.',
      );
  }
}

/** A display name: the last segment of a path, without characters that a screen or a header cannot hold. */
function displayName(given: string | undefined): string | null {
  const last = (given ?? '').split(/[\\/]/).at(-1) ?? '';
  const plain = last
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  return plain === '' ? null : Array.from(plain).slice(0, 150).join('');
}

const SEND_ONE_FILE = 'Send `multipart/form-data` with exactly one part, the file, called `file`.';

/** The longest headers of a part, in bytes. */
const MAX_HEAD_LENGTH = 16_384;

/**
 * Returns a function that tells whether the first part has a `Content-Type`: the multipart parser reports `text/plain`
 * for a part without one. Call it before anything else reads the body.
 */
function watchPartType(raw: IncomingMessage): () => boolean {
  let head = '';
  const inspect = (chunk: Buffer) => {
    head += chunk.toString('latin1');
    if (head.includes('\r\n\r\n') || head.length > MAX_HEAD_LENGTH) raw.off('data', inspect);
  };
  raw.on('data', inspect);
  return () => /^content-type[ \t]*:/im.test(head.split('\r\n\r\n', 1)[0] as string);
}

/** The file of a request, with its name, and what it is or why it was refused. */
export type ReceivedFile = { name: string | null; received: Received | Refused };

/**
 * Receives the one file of a request; the caller closes what it returns.
 * @throws Problem media_type, invalid, malformed_request; SpoolUnavailable
 */
export async function receiveFile(app: App, request: FastifyRequest): Promise<ReceivedFile> {
  if (!request.isMultipart()) throw requestProblem('media_type', 'The body is no multipart/form-data.');
  let found: { name: string | null; received: Received } | null = null;
  const hasContentType = watchPartType(request.raw);
  try {
    for await (const part of request.parts({
      limits: { fileSize: MAX_PROOF_BYTES + 1, files: 2, fields: 1 },
    })) {
      if (part.type !== 'file' || part.fieldname !== 'file') {
        throw partProblem(
          `There is a part called ${JSON.stringify(part.fieldname.slice(0, 40))}.`,
          SEND_ONE_FILE,
        );
      }
      if (found) throw partProblem('There is more than one file.', SEND_ONE_FILE);
      const declaredType = hasContentType() ? part.mimetype : null;
      const received = await app.proofs.receive(part.file, declaredType);
      const name = displayName(part.filename);
      if (typeof received === 'string') return { name, received };
      found = { name, received };
    }
  } catch (error) {
    await found?.received.spooled.close();
    if (error instanceof Problem || error instanceof SpoolUnavailable) throw error;
    const detail = 'The multipart body broke off or cannot be read.';
    throw requestProblem('malformed_request', detail, { mend: SEND_ONE_FILE });
  }
  if (!found) throw partProblem('There is no file.', SEND_ONE_FILE);
  return found;
}

/**
 * A received file as it is to be stored, by default without the location of a photograph. The caller closes the result
 * as well as `received`.
 * @throws Problem location_stays
 */
export async function prepareForStorage(received: Received, keepLocation: boolean): Promise<Received> {
  const prepared = keepLocation ? received : await stripLocation(received);
  if (prepared) return prepared;
  const detail = 'It is damaged or unusual, so that a location in it cannot be removed.';
  throw requestProblem('location_stays', detail);
}
