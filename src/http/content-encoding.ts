/** Compression, of what comes and of what is answered. */
import fastifyCompress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** How a body may be compressed that comes. */
export const ENCODINGS = ['gzip', 'br', 'deflate', 'zstd'] as const;

/** Reads compressed bodies, and compresses answers of text. */
export async function compression(server: FastifyInstance) {
  // An encoding is written in any case, and gzip has an older name (RFC 9110 8.4.1).
  server.addHook('onRequest', async ({ headers }) => {
    const encoding = headers['content-encoding']?.toLowerCase();
    if (encoding) headers['content-encoding'] = encoding === 'x-gzip' ? 'gzip' : encoding;
  });
  await server.register(fastifyCompress, {
    customTypes: /^text\/|[+/](x-nd)?json(;|$)/,
    requestEncodings: [...ENCODINGS, 'identity'],
  });
}
