/** JSON bodies, and the problems of a request without one. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NotJson, parseJson } from '../schemas/json.ts';
import { invalid, type Problem, requestProblem } from './errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is optional: none, an empty one and `null` count as `{}`. */
    bodyOptional?: boolean;
  }
}

type BodySchema = { content?: object; required?: string[] };

/** The problem of a request that lacks its route's JSON body. */
function missingBody({ required = [] }: BodySchema): Problem {
  const fields = required.map((name) => `\`${name}\``).join(', ');
  const expected = fields === '' ? 'a JSON object' : `a JSON object with ${fields}`;
  const mend = `Send ${expected}, and \`Content-Type: application/json\`.`;
  return invalid({ pointer: '', detail: 'The JSON body is missing.', mend });
}

const malformed = ({ where }: NotJson): Problem =>
  requestProblem('malformed_json', `The body is not JSON${where}.`);

/**
 * Parses bodies of `application/json` and `application/merge-patch+json`. An empty body counts as none if the route
 * takes none or it is optional; otherwise it is malformed JSON.
 */
export function readJsonBodies(server: FastifyInstance) {
  server.removeAllContentTypeParsers();
  const types = ['application/json', 'application/merge-patch+json'];
  server.addContentTypeParser(types, { parseAs: 'buffer' }, (request: FastifyRequest, body, done) => {
    const { schema, config } = request.routeOptions;
    const mayBeEmpty = !schema?.body || config.bodyOptional === true;
    try {
      done(null, body.length === 0 && mayBeEmpty ? undefined : parseJson(body as Buffer));
    } catch (error) {
      done(error instanceof NotJson ? malformed(error) : (error as Error));
    }
  });
  server.addHook('preValidation', async (request) => {
    const { schema, config } = request.routeOptions;
    const expected = schema?.body as BodySchema | undefined;
    if (config.bodyOptional) request.body ??= {};
    // Bodies of other media types are checked by the code that reads them.
    else if (expected && !expected.content && request.body === undefined) throw missingBody(expected);
  });
}
