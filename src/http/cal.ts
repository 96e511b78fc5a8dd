/**
 * Feeds, `/cal/{token}/{name}.ics`, and their pages, `/cal/{token}`. Registered as a scope of its own, outside the
 * API's plugins (security headers, limits, compression, logs and metrics per request): those cost more than the fetch
 * itself, and no address under `/cal` may reach a log or a response body.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { App } from '../service/context.ts';
import { publisherOf } from '../service/publisher.ts';
import { PATH_PREFIX, parseAddress } from './cal/address.ts';
import {
  type Answer,
  calendarHeaders,
  NOT_ALLOWED,
  NOT_FOUND,
  respond,
  send,
  UNAVAILABLE,
} from './cal/answer.ts';
import { createEtags } from './cal/etags.ts';
import { addFastPath } from './cal/fast-path.ts';
import { createFetchNotes } from './cal/fetches.ts';
import { createFiller } from './cal/filler.ts';
import { createFinder } from './cal/finder.ts';
import { createFreshness } from './cal/freshness.ts';
import type { Found } from './cal/lookup.ts';
import { createMemory } from './cal/memory.ts';
import { createPages } from './cal/page.ts';
import type { Tally } from './cal/tally.ts';

/** Size of the in-memory cache of publications, in bytes. */
const MEMORY = 24_000_000;

export async function cal(server: FastifyInstance, { app, tally }: { app: App; tally: Tally }) {
  const { store, clock, log } = app;
  const [memory, etags, freshness] = [createMemory(MEMORY), createEtags(), createFreshness()];
  const publish = publisherOf(app, (outcome) => {
    tally.publications[outcome] += 1;
  });
  const shared = calendarHeaders(app.config.publicUrl);
  const context = { app, memory, etags, freshness, publish, tally, shared };
  const filler = createFiller(context);
  const find = createFinder(context, filler);
  const { calendar, other } = tally.answers;
  const fetches = createFetchNotes(store, log);
  const stopListening = store.onChange(({ addresses, hasErased }) => {
    freshness.note(addresses);
    if (addresses === null) {
      etags.clear();
      filler.stop();
      return;
    }
    for (const digest of addresses) etags.forget(digest);
    if (hasErased) memory.forgetAddresses(addresses);
  });
  server.addHook('onClose', async () => {
    stopListening();
    filler.stop();
    await fetches.close();
  });

  // Requests are not logged here, so they need no child logger.
  server.setChildLoggerFactory((logger) => logger);

  const isRead = (method: string) => method === 'GET' || method === 'HEAD';
  /** Sends and counts an answer to anything but a fetch of a calendar. */
  const sendOther = (request: FastifyRequest, reply: FastifyReply, answer: Answer) => {
    (other[send(request, reply, answer)] as number) += 1;
  };
  server.setNotFoundHandler((request, reply) =>
    sendOther(request, reply, isRead(request.method) ? NOT_FOUND : NOT_ALLOWED),
  );
  server.setErrorHandler((error, request, reply) => {
    log.error({ err: error }, 'a calendar could not be answered');
    return sendOther(request, reply, UNAVAILABLE);
  });

  function answer(request: IncomingMessage, response: ServerResponse, token: string) {
    const now = clock();
    const sendFound = ({ answer, noteAs }: Found) => {
      if (noteAs !== null) fetches.note(noteAs, now, request.headers['user-agent']);
      const status = respond(request, response, answer);
      (calendar[status] as number) += 1;
    };
    const fail = (error: unknown) => {
      log.error({ err: error }, 'a calendar could not be answered');
      // The entry may be damaged: it must not be served again.
      memory.forget(token);
      if (response.headersSent) response.destroy();
      else respond(request, response, UNAVAILABLE);
      (calendar[UNAVAILABLE.status] as number) += 1;
    };
    try {
      const found = find(token, now, request.headers);
      if (found instanceof Promise) found.then(sendFound).catch(fail);
      else sendFound(found);
    } catch (error) {
      fail(error);
    }
  }

  const page = createPages(app, fetches.of);
  const stopAnswering = addFastPath(server.server, (request, response) => {
    const { method, url } = request;
    if (!url?.startsWith(PATH_PREFIX) || !isRead(method as string)) return false;
    const target = parseAddress(url);
    if (target?.kind !== 'feed') return false;
    answer(request, response, target.token);
    return true;
  });
  server.addHook('preClose', async () => stopAnswering());

  // Rejects other methods before any body is read, whatever the address. A hook on the scope would run for each fetch
  // too.
  server.route({
    method: server.supportedMethods.filter((method) => !isRead(method)) as HTTPMethods[],
    url: '/*',
    schema: { hide: true },
    onRequest: (request, reply) => sendOther(request, reply, NOT_ALLOWED),
    handler: () => {},
  });
  server.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    schema: { hide: true },
    handler(request, reply) {
      const target = parseAddress(request.raw.url as string);
      if (!target) return sendOther(request, reply, NOT_FOUND);
      if (target.kind === 'page') {
        return page(target, clock(), request.raw.headers).then((answer) => sendOther(request, reply, answer));
      }
      reply.hijack();
      answer(request.raw, reply.raw, target.token);
    },
  });
}
