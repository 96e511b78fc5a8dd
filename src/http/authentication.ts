/**
 * Authentication and rate limits. A key is looked up by its digest. Its scope decides what it may do: `admin`
 * everything, `read` and `write` what belongs to one user. Objects of other users are answered as if they did not
 * exist.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { App } from '../service/context.ts';
import { digest } from '../store/digest.ts';
import type { KeyScope } from '../store/types.ts';
import { handleNotFound } from './error-handler.ts';
import { headerProblem, type Problem, requestProblem, routeNotFound } from './errors.ts';

/** Requests a minute for one key, and for one IP address without a key. */
const LIMITS = { key: 1200, address: 120 };

/** The caller of a request. `user` is null for an admin. */
export type Principal = { key: string; scope: KeyScope; user: string | null; expires_at: string | null };

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
    /** The key as it was sent; never logged, never stored. */
    bearer: string;
    refusal: Problem | null;
  }
  interface FastifyContextConfig {
    /** The least scope that a route requires; `write` by default. */
    scope?: KeyScope;
    /** A POST or DELETE that takes `If-Match`, as every PATCH does. */
    ifMatch?: boolean;
  }
}

/** The caller; null before a key has been recognized. */
const callerOf = (request: FastifyRequest): Principal | null => request.principal;
const SCOPE_RANK: Record<KeyScope, number> = { read: 0, write: 1, admin: 2 };
const CHALLENGE = { 'www-authenticate': 'Bearer realm="keepline"' };

const keyMissing = () => headerProblem('key_missing', 'authorization', 'No key was given.', CHALLENGE);
const keyWrong = () =>
  headerProblem('key_wrong', 'authorization', 'The key is not known, or has expired.', {
    'www-authenticate': 'Bearer realm="keepline", error="invalid_token"',
  });

/** Node decodes header bytes as Latin-1; a key with other than ASCII characters was sent as UTF-8. */
const asUtf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');

async function identify(app: App, request: FastifyRequest, uses: Map<string, string>) {
  const header = request.headers.authorization;
  const bearer = /^Bearer +(.+)$/i.exec(header ?? '')?.[1];
  if (!bearer) {
    request.refusal = keyMissing();
    return;
  }
  const keyDigest = digest(bearer);
  if (app.adminKeyDigest !== null && [keyDigest, digest(asUtf8(bearer))].includes(app.adminKeyDigest)) {
    const key = `admin-${app.adminKeyDigest.slice(0, 12)}`;
    request.principal = { key, scope: 'admin', user: null, expires_at: null };
  } else {
    const key = await app.store.keys.byDigest(keyDigest);
    const now = app.clock().toISOString();
    if (!key || (key.expires_at !== null && key.expires_at <= now)) {
      request.refusal = keyWrong();
      return;
    }
    request.principal = { key: key.id, scope: key.scope, user: key.user, expires_at: key.expires_at };
    uses.set(key.id, now);
  }
  request.bearer = bearer;
}

/** Returns a map from key ids to their last use, which is written once a minute and on shutdown. */
function trackUses(app: App, server: FastifyInstance): Map<string, string> {
  const uses = new Map<string, string>();
  const write = async () => {
    const rows = [...uses].map(([id, at]) => ({ id, at }));
    uses.clear();
    if (rows.length === 0) return;
    await app.store
      .write(null, (q) => q.keys.noteUsed(rows))
      .catch((error: unknown) => app.log.warn({ err: error }, 'the last uses of keys were not written'));
  };
  const timer = setInterval(write, 60_000).unref();
  server.addHook('onClose', async () => {
    clearInterval(timer);
    await write();
  });
  return uses;
}

/** A plugin: every request of its scope has a principal, or is refused. */
export const authentication = (app: App) =>
  fastifyPlugin(async (server) => {
    const { limits = LIMITS } = app;
    const uses = trackUses(app, server);
    server.decorateRequest('principal', null as never);
    server.decorateRequest('bearer', '');
    server.decorateRequest('refusal', null);
    server.addHook('onRequest', (request) => identify(app, request, uses));
    await server.register(rateLimit, {
      hook: 'onRequest',
      timeWindow: '1 minute',
      max: (request) => (callerOf(request) ? limits.key : limits.address),
      keyGenerator: (request) => callerOf(request)?.key ?? request.ip,
      allowList: (request) => callerOf(request)?.scope === 'admin',
      errorResponseBuilder: (_request, { after }) =>
        requestProblem('too_many_requests', `The limit is reached; it opens again in ${after}.`),
    });
    // Routes have a rate limit of their own. Unknown addresses have none, and must not be a way to guess keys.
    const limitUnknown = server.rateLimit();
    server.setNotFoundHandler(handleNotFound);
    // After each route's rate limit, so that guessing keys is limited too, and before any body is read.
    server.addHook('preParsing', async (request, reply) => {
      if (request.is404) await limitUnknown.call(server, request, reply);
      if (request.refusal) throw request.refusal;
      if (request.is404) throw routeNotFound();
      const { scope = 'write' } = request.routeOptions.config;
      if (SCOPE_RANK[request.principal.scope] < SCOPE_RANK[scope]) {
        throw headerProblem(
          'scope_too_small',
          'authorization',
          `This takes a key with the scope \`${scope}\`.`,
        );
      }
    });
  });

/** Whether the caller may see what belongs to a user. */
export const maySee = (principal: Principal, user: string): boolean =>
  principal.scope === 'admin' || principal.user === user;
