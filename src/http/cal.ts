/**
 * What calendars fetch: `/cal/{token}/{name}.ics`, and `/cal/{token}`, its page. A scope of its own: nothing that
 * the API is wrapped in (security headers, limits, compression, a log or a metric for each request) may be
 * registered around it, for that costs more than the fetch, and no address here may reach a log or an answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { App } from '../service/context.ts';
import { publisherOf } from '../service/publisher.ts';
import { readAddress, START } from './cal/address.ts';
import { type Answer, NOT_ALLOWED, respond, send, TROUBLE, UNKNOWN } from './cal/answer.ts';
import { addFastPath } from './cal/fast-path.ts';
import { createFetchNotes } from './cal/fetches.ts';
import { createFinder } from './cal/finder.ts';
import type { Found } from './cal/lookup.ts';
import { createMemory } from './cal/memory.ts';
import { createPages } from './cal/page.ts';
import type { Tally } from './cal/tally.ts';

/** Bytes of publications kept at hand. */
const MEMORY = 24_000_000;

export async function cal(server: FastifyInstance, { app, tally }: { app: App; tally: Tally }) {
  const { store, clock, log } = app;
  const memory = createMemory(MEMORY);
  const find = createFinder(
    app,
    memory,
    publisherOf(app, (outcome) => {
      tally.publications[outcome] += 1;
    }),
    tally,
  );
  const { calendar, other } = tally.answers;
  const fetches = createFetchNotes(store, log);
  const stopListening = store.onChange(memory.noteWrites);
  server.addHook('onClose', async () => {
    stopListening();
    await fetches.close();
  });

  // Nothing here is logged by request, so none needs a logger of its own.
  server.setChildLoggerFactory((logger) => logger);

  const isRead = (method: string) => method === 'GET' || method === 'HEAD';
  /** Whatever is no calendar. */
  const sendOther = (request: FastifyRequest, reply: FastifyReply, answer: Answer) => {
    (other[send(request, reply, answer)] as number) += 1;
  };
  server.setNotFoundHandler((request, reply) =>
    sendOther(request, reply, isRead(request.method) ? UNKNOWN : NOT_ALLOWED),
  );
  server.setErrorHandler((error, request, reply) => {
    log.error({ err: error }, 'a calendar could not be answered');
    return sendOther(request, reply, TROUBLE);
  });

  function answer(request: IncomingMessage, response: ServerResponse, token: string) {
    const now = clock();
    const sendFound = ({ answer, feed }: Found) => {
      if (feed !== null) fetches.note(feed, now, request.headers['user-agent']);
      const status = respond(request, response, answer);
      (calendar[status] as number) += 1;
    };
    const fail = (error: unknown) => {
      log.error({ err: error }, 'a calendar could not be answered');
      // What is damaged must not be answered again.
      memory.forget(token);
      if (response.headersSent) response.destroy();
      else respond(request, response, TROUBLE);
      (calendar[TROUBLE.status] as number) += 1;
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
    if (!url?.startsWith(START) || !isRead(method as string)) return false;
    const asked = readAddress(url);
    if (asked?.what !== 'feed') return false;
    answer(request, response, asked.token);
    return true;
  });
  server.addHook('preClose', async () => stopAnswering());

  // Before any body is read, and whatever the address. A hook of the scope would be called for each fetch too.
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
      const asked = readAddress(request.raw.url as string);
      if (!asked) return sendOther(request, reply, UNKNOWN);
      if (asked.what === 'page') {
        return page(asked, clock(), request.raw.headers).then((answer) => sendOther(request, reply, answer));
      }
      reply.hijack();
      answer(request.raw, reply.raw, asked.token);
    },
  });
}
