/**
 * What becomes of a body that was refused before its end: some clients read no answer before they have sent all, and a
 * connection that stays paused would never take another request.
 */
import type { FastifyInstance } from 'fastify';

/** Lets bodies go with their answers; where one cannot be read any more, the connection ends with its answer. */
export function drainRefusedBodies(server: FastifyInstance) {
  server.addHook('onSend', async ({ raw, headers }, reply) => {
    if (raw.complete || raw.readableEnded) return;
    // What decompresses it ends it too, if it has not yet.
    if (raw.destroyed || headers['content-encoding'] !== undefined) reply.header('connection', 'close');
    raw.unpipe();
    raw.resume();
  });
}
