/** What machines ask: is the process alive, may it be sent requests, how does it fare. */
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
        // Rules that could not be read anew stop nothing: those before them serve on, and whoever watches is told.
        .send(
          ready
            ? { status: 'ready', rules: app.rules.state() }
            : { status: 'not ready', reason: 'the database does not answer' },
        )
    );
  });

  // Google's importer was seen to fail where there is none, or where it closes the feeds.
  server.get('/robots.txt', { schema }, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nAllow: /cal/\nDisallow: /v1/\n'),
  );

  server.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
