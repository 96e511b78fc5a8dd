/**
 * Request logging and metrics: one log line and one observation for each request, both by the route's pattern and never
 * by the address, which may hold private data. Not used for `/cal`.
 */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The metrics of one service. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'keepline_http_request_duration_seconds',
    help: 'How long answers took, by route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  return { registry, requests };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** Logs and measures the requests of a scope. */
export function observeRequests(server: FastifyInstance, { requests }: Metrics) {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const { statusCode: status, elapsedTime } = reply;
    requests.observe({ method: request.method, route, status }, elapsedTime / 1000);
    const fields = { method: request.method, route, status, ms: Math.round(elapsedTime * 10) / 10 };
    request.log.info({ ...fields, caller: request.principal?.key }, 'request');
  });
}
