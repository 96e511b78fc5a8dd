/** Compression of request and response bodies. */
import fastifyCompress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** Content encodings accepted in requests. */
export const ENCODINGS = ['gzip', 'br', 'deflate', 'zstd'] as const;

/** Decompresses request bodies, and compresses text responses. */
export async function compression(server: FastifyInstance) {
  // Encodings are case-insensitive, and gzip has an older name (RFC 9110 8.4.1).
  server.addHook('onRequest', async ({ headers }) => {
    const encoding = headers['content-encoding']?.toLowerCase();
    if (encoding) headers['content-encoding'] = encoding === 'x-gzip' ? 'gzip' : encoding;
  });
  await server.register(fastifyCompress, {
    customTypes: /^text\/|[+/](x-nd)?json(;|$)/,
    requestEncodings: [...ENCODINGS, 'identity'],
  });
}
