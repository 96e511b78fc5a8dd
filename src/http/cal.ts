/**
 * What calendars fetch: `/cal/{token}/{name}.ics`, and `/cal/{token}`, its page. A scope of its own: nothing that
 * the API is wrapped in (security headers, limits, compression, a log or a metric for each request) may be
 * registered around it, for that costs more than the fetch, and no address here may reach a log or an answer.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createPublisher, ended } from '../publication/index.ts';
import { digest } from '../store/digest.ts';
import { readAddress, START } from './cal/address.ts';
import { type Answer, NOT_ALLOWED, respond, send, TROUBLE, transport, UNKNOWN } from './cal/answer.ts';
import { createFetchNotes } from './cal/fetches.ts';
import { createFinder, type Found } from './cal/finder.ts';
import { createMemory } from './cal/memory.ts';
import { endedPage, subscribePage } from './cal/page.ts';
import { putInFront } from './cal/quick.ts';
import type { App } from './context.ts';

/** Bytes of publications kept at hand. */
const MEMORY = 64_000_000;

export async function cal(server: FastifyInstance, { app }: { app: App }) {
  const { store, config, clock, log } = app;
  const memory = createMemory(MEMORY);
  const publish = createPublisher({
    store,
    secret: app.secret,
    home: config.publicUrl && `${config.publicUrl}/`,
    get rulebook() {
      return app.rulebook;
    },
    get release() {
      return app.release;
    },
  });
  const { find, findAtOnce } = createFinder(app, memory, publish);
  const fetches = createFetchNotes(store, log);
  const stopListening = store.onChange(memory.noteWrites);
  server.addHook('onClose', async () => {
    stopListening();
    await fetches.close();
  });

  // Nothing here is logged by request, so none needs a logger of its own.
  server.setChildLoggerFactory((logger) => logger);

  const allowed = (method: string) => method === 'GET' || method === 'HEAD';
  // Before any body is read, and whatever the address.
  server.addHook('onRequest', (request, reply, done) => {
    if (allowed(request.method)) done();
    else send(request, reply, NOT_ALLOWED);
  });
  server.setNotFoundHandler((request, reply) => send(request, reply, UNKNOWN));
  server.setErrorHandler((error, request, reply) => {
    log.error({ err: error }, 'a calendar could not be answered');
    return send(request, reply, TROUBLE);
  });

  function sendCalendar(request: FastifyRequest, reply: FastifyReply, { answer, feed }: Found, now: Date) {
    if (feed !== null) fetches.note(feed, now, request.raw.headers['user-agent']);
    return send(request, reply, answer);
  }

  const stopAnswering = putInFront(server.server, (request, response) => {
    const { method, url } = request;
    if (!url?.startsWith(START) || !allowed(method as string)) return false;
    const asked = readAddress(url);
    if (asked?.what !== 'feed') return false;
    const now = clock();
    const found = findAtOnce(digest(asked.token), now, request.headers);
    if (!found) return false;
    if (found.feed !== null) fetches.note(found.feed, now, request.headers['user-agent']);
    respond(request, response, found.answer);
    return true;
  });
  server.addHook('preClose', async () => stopAnswering());

  const security = transport(config.publicUrl);
  async function page(token: string): Promise<Answer> {
    const served = await store.serving.feedByToken(digest(token));
    if (!served) return UNKNOWN;
    const { locale } = served;
    const feed = ended(served, clock()) ? null : await store.feeds.get(served.feed);
    if (!feed) return endedPage(locale, security);
    return subscribePage({ publicUrl: app.publicUrl(), token, name: feed.name, locale }, security);
  }

  server.route({
    method: ['GET', 'HEAD'],
    url: '/*',
    schema: { hide: true } as object,
    handler(request, reply) {
      const asked = readAddress(request.raw.url as string);
      if (!asked) return send(request, reply, UNKNOWN);
      if (asked.what === 'page') return page(asked.token).then((answer) => send(request, reply, answer));
      const now = clock();
      const found = find(digest(asked.token), now, request.raw.headers);
      if (found instanceof Promise) return found.then((late) => sendCalendar(request, reply, late, now));
      sendCalendar(request, reply, found, now);
    },
  });
}
