/** The Fastify server: everything it serves is registered here, in this order. Contains no logic. */
import fastifyHelmet from '@fastify/helmet';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { acts } from './http/act.ts';
import { createTally, registerTally } from './http/cal/tally.ts';
import { cal } from './http/cal.ts';
import { compression } from './http/content-encoding.ts';
import { drainRefusedBodies } from './http/drain-bodies.ts';
import { handleError, handleNotFound, refuseConnection } from './http/error-handler.ts';
import { closeGracefully } from './http/graceful-close.ts';
import { home } from './http/home.ts';
import { watchMethods } from './http/methods.ts';
import { createMetrics, observeRequests } from './http/metrics.ts';
import { describeApi, serveDescription, serveDocs } from './http/openapi.ts';
import { probes } from './http/probes.ts';
import { registerSilenceGauge } from './http/silence-gauge.ts';
import { v1 } from './http/v1.ts';
import type { App } from './service/context.ts';

/** Composes the service; it serves nothing before `ready` or `listen`. */
export async function createServer(app: App): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = app.log;
  const server = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 300_000,
    // Rate limits are by client address; `X-Forwarded-For` counts only from proxies that the operator trusts.
    trustProxy: app.config.trustProxy ?? false,
    frameworkErrors: handleError,
    clientErrorHandler: refuseConnection,
  });
  // Node would reject an unknown `Expect` header by itself; it may be ignored (RFC 9110 10.1.1).
  server.server.on('checkExpectation', (...exchange) => server.server.emit('request', ...exchange));
  closeGracefully(server);
  server.setErrorHandler(handleError);
  server.setNotFoundHandler(handleNotFound);
  await describeApi(server);
  // In a scope beside the rest of the site, not within it: see the head of `http/cal.ts`.
  const tally = createTally();
  await server.register(cal, { prefix: '/cal', app, tally });

  await server.register(async (site) => {
    const metrics = createMetrics();
    observeRequests(site, metrics);
    drainRefusedBodies(site);
    await site.register(fastifyHelmet, {
      // As for calendars: the service must not decide for subdomains.
      strictTransportSecurity: app.config.publicUrl?.startsWith('https:')
        ? { includeSubDomains: false }
        : false,
      contentSecurityPolicy: {
        directives: {
          'default-src': ["'none'"],
          'frame-ancestors': ["'none'"],
          // In a home network there may be no TLS, and /docs would load nothing.
          'upgrade-insecure-requests': null,
        },
      },
    });
    await compression(site);
    registerSilenceGauge(app, metrics);
    registerTally(tally, metrics);
    const methods = watchMethods(site);
    home(site);
    probes(app, site, metrics);
    serveDescription(site);
    methods.close();
    await serveDocs(site);
    await site.register(acts, { prefix: '/act', app });
    await site.register(v1, { prefix: '/v1', app });
  });

  return server;
}
