/** Endpoints for machines: liveness, readiness, metrics, robots.txt. */
import type { FastifyInstance } from 'fastify';
import type { App } from '../service/context.ts';
import type { Metrics } from './metrics.ts';

export function probes(app: App, server: FastifyInstance, { registry }: Metrics) {
  const schema = { hide: true };

  server.get('/healthz', { schema }, async () => ({ status: 'alive' }));

  server.get('/readyz', { schema }, async (_request, reply) => {
    const ready = await app.store.ready();
    return (
      reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        // A failed reload of the rules does not make the service unready: the previous rules stay, and `rules` says so.
        .send(
          ready
            ? { status: 'ready', rules: app.rules.state() }
            : { status: 'not ready', reason: 'the database does not answer' },
        )
    );
  });

  // Google's importer has been seen to fail if there is no robots.txt, or if it disallows the feeds.
  server.get('/robots.txt', { schema }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nAllow: /cal/\nDisallow: /v1/\n'),
  );

  server.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
