/** Answers 405 to methods that an address does not support. */
import type { FastifyInstance } from 'fastify';
import { requestProblem } from './errors.ts';

const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Makes the addresses of a scope answer 405 to other methods than theirs. Call `close` after all routes are registered.
 */
export function watchMethods(server: FastifyInstance) {
  const methods = new Map<string, Set<string>>();
  server.addHook('onRoute', ({ url, method }) => {
    const methodsOfUrl = methods.get(url) ?? new Set();
    for (const each of [method].flat()) methodsOfUrl.add(each);
    methods.set(url, methodsOfUrl);
  });
  return {
    close() {
      for (const [url, known] of [...methods]) {
        const allow = ALL_METHODS.filter((method) => known.has(method)).join(', ');
        const refused = ALL_METHODS.filter((method) => !known.has(method));
        if (refused.length === 0 || url.includes('*')) continue;
        server.route({
          method: refused,
          url: url.slice(server.prefix.length) || '/',
          schema: { hide: true },
          config: { scope: 'read' },
          handler: async () => {
            throw requestProblem('method_not_allowed', `This address takes ${allow}.`, {
              headers: { allow },
            });
          },
        });
      }
    },
  };
}
