/**
 * Drains the rest of a refused request body: some clients read no answer before they have sent everything, and a paused
 * connection would never accept another request.
 */
import type { FastifyInstance } from 'fastify';

/** Discards unread bodies once the answer is sent; closes the connection if a body can no longer be read. */
export function drainRefusedBodies(server: FastifyInstance) {
  server.addHook('onSend', async ({ raw, headers }, reply) => {
    if (raw.complete || raw.readableEnded) return;
    // A decompressor destroys the request stream with itself, sooner or later.
    if (raw.destroyed || headers['content-encoding'] !== undefined) reply.header('connection', 'close');
    raw.unpipe();
    raw.resume();
  });
}
