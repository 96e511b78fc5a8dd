/** The one way in which a request changes something: its work and its kept answer are one transaction. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { withTimeout } from '../lib/timeout.ts';
import type { App } from '../service/context.ts';
import type { Queries } from '../store/types.ts';
import { keepAnswer } from './idempotency.ts';

/** How long an answer waits for files to be removed, in milliseconds: what is left goes after it. */
const TIMEOUT = 2_000;

type Answer = {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Whose data the answer holds, so that erasing them erases it; `EVERYBODY` goes with whoever is erased. */
  about?: { user?: string | null; line?: string | null };
  /** Files may have lost what they hung on: they are removed before the answer if that is soon, else after it. */
  removesFiles?: boolean;
};

/** Removes the files that nothing hangs on any more: before the answer if that is soon, else after it. */
export async function removeDoomedFiles({ log, proofs }: Pick<App, 'log' | 'proofs'>) {
  const later = (error?: unknown) => log.warn({ err: error }, 'files are still to be removed');
  await withTimeout(TIMEOUT, proofs.removeDoomed().catch(later), later);
}

/**
 * Does the work in one transaction, whose owner's other writes wait, and answers what it gives. When the work
 * throws, nothing was written.
 */
export async function change(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  owner: string | null,
  work: (q: Queries) => Promise<Answer>,
): Promise<FastifyReply> {
  let buries = false;
  const { status, headers, body } = await app.store.write(owner, async (q) => {
    const answer = await work(q);
    const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
    const type: Record<string, string> = text ? { 'content-type': 'application/json; charset=utf-8' } : {};
    const response = { status: answer.status, headers: { ...type, ...answer.headers }, body: text };
    buries = answer.removesFiles === true;
    await keepAnswer(q, request, response, answer.about ?? {});
    return response;
  });
  if (buries) await removeDoomedFiles(app);
  return reply
    .code(status)
    .headers(headers)
    .send(body || undefined);
}

/**
 * Answers 200 to a POST that stores nothing but, where it is claimed, its own answer. `stillThere` throws when whoever
 * the answer is about was erased meanwhile, and makes those who are erasing them wait until it is kept.
 */
export async function answerUnstored(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  { headers = {}, body, about }: Pick<Answer, 'headers' | 'body' | 'about'>,
  stillThere: (q: Queries) => Promise<void> = async () => {},
): Promise<FastifyReply> {
  if (request.claim === null) return reply.headers(headers).send(body);
  return change(app, request, reply, null, async (q) => {
    await stillThere(q);
    return { status: 200, headers, body, about };
  });
}
