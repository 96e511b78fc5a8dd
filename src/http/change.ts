/** The only way in which a request writes: its work and its stored idempotent answer share one transaction. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { withTimeout } from '../lib/timeout.ts';
import type { App } from '../service/context.ts';
import type { Queries } from '../store/types.ts';
import { keepAnswer } from './idempotency.ts';

/** How long an answer waits for files to be removed, in milliseconds; the rest are removed after it. */
const TIMEOUT = 2_000;

type Answer = {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Whose data the answer holds, so that erasing them erases it; `EVERYBODY`: it is erased with any user. */
  about?: { user?: string | null; line?: string | null };
  /** Whether the change may have doomed files; see {@link removeDoomedFiles}. */
  removesFiles?: boolean;
};

/**
 * Removes files that nothing refers to any more. Resolves when they are gone or `TIMEOUT` is over, and never rejects.
 */
export async function removeDoomedFiles({ log, proofs }: Pick<App, 'log' | 'proofs'>) {
  const later = (error?: unknown) => log.warn({ err: error }, 'files are still to be removed');
  await withTimeout(TIMEOUT, proofs.removeDoomed().catch(later), later);
}

/**
 * Runs `work` in one transaction, for which the owner's other writes wait, and sends the answer that it returns. If
 * `work` throws, nothing is written.
 */
export async function change(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  owner: string | null,
  work: (q: Queries) => Promise<Answer>,
): Promise<FastifyReply> {
  let removesFiles = false;
  const { status, headers, body } = await app.store.write(owner, async (q) => {
    const answer = await work(q);
    const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
    const type: Record<string, string> = text ? { 'content-type': 'application/json; charset=utf-8' } : {};
    const response = { status: answer.status, headers: { ...type, ...answer.headers }, body: text };
    removesFiles = answer.removesFiles === true;
    await keepAnswer(q, request, response, answer.about ?? {});
    return response;
  });
  if (removesFiles) await removeDoomedFiles(app);
  return reply
    .code(status)
    .headers(headers)
    .send(body || undefined);
}

/**
 * Answers 200 to a POST that stores nothing, except its own answer if it has an `Idempotency-Key`. `lockSubject` throws
 * if the answer's subject was erased meanwhile, and locks it, so that an erasure waits until the answer is stored.
 */
export async function answerUnstored(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  { headers = {}, body, about }: Pick<Answer, 'headers' | 'body' | 'about'>,
  lockSubject: (q: Queries) => Promise<void> = async () => {},
): Promise<FastifyReply> {
  if (request.claim === null) return reply.headers(headers).send(body);
  return change(app, request, reply, null, async (q) => {
    await lockSubject(q);
    return { status: 200, headers, body, about };
  });
}
