/** API keys of a user, which may read, or read and write, what belongs to that user. */
import { type Static, Type } from 'typebox';
import { Id, nullable, strictObject, Timestamp } from '../schemas/shapes.ts';
import { newApiKey } from '../secret.ts';
import type { App } from '../service/context.ts';
import { digest } from '../store/digest.ts';
import type { Key } from '../store/types.ts';
import { refuseIfInvalid, schemaErrorsOf, validFields } from './all-errors.ts';
import { maySee } from './authentication.ts';
import { change } from './change.ts';
import { type FieldError, notFound } from './errors.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { NoContent, responses, UserParams } from './schemas.ts';
import type { Server } from './server.ts';
import { visibleUser } from './users.ts';

const NewKey = strictObject(
  {
    scope: Type.Enum(['read', 'write'], { description: 'What the key may do; `write` includes `read`.' }),
    name: Type.String({ minLength: 1, maxLength: 200, description: 'What the key is for.' }),
    expires_at: Type.Optional(Timestamp),
  },
  { $id: 'NewKey' },
);
const keyFields = {
  id: Id,
  user: nullable(Id),
  scope: Type.Enum(['admin', 'read', 'write']),
  name: Type.String(),
  expires_at: nullable(Timestamp),
  created_at: Timestamp,
  last_used_at: nullable(Timestamp),
};
const KeySchema = strictObject(keyFields, { $id: 'Key' });
const MadeKey = strictObject(
  { ...keyFields, secret: Type.String({ description: 'The key itself. It is shown only once.' }) },
  { $id: 'MadeKey' },
);
const presentKey = (key: Key): Static<typeof KeySchema> => ({
  id: key.id,
  user: key.user,
  scope: key.scope,
  name: key.name,
  expires_at: key.expires_at,
  created_at: key.created_at,
  last_used_at: key.last_used_at,
});

/** Errors in a key's expiry, which must be in the future and not after that of the caller's own key. */
function checkExpiry(expires: string | null, now: Date, callerExpiry: string | null): FieldError[] {
  const expiryError = (detail: string, mend: string) => [{ pointer: '/expires_at', detail, mend }];
  if (expires !== null && expires <= now.toISOString()) {
    return expiryError('It has passed.', 'Give a moment that is ahead, or leave it out.');
  }
  if (callerExpiry !== null && (expires === null || expires > callerExpiry)) {
    return expiryError('It is later than the end of the key that asks.', `Give ${callerExpiry} or earlier.`);
  }
  return [];
}

export function keys(app: App, server: Server) {
  const { store } = app;

  server.post(
    '/users/:user/keys',
    {
      attachValidation: true,
      schema: {
        operationId: 'createKey',
        tags: ['Keys'],
        summary: 'Make a key for a person',
        description: 'The key is in this answer and never shown again.',
        params: UserParams,
        body: NewKey,
        response: responses({ 201: MadeKey }),
      },
    },
    async (request, reply) => {
      const schemaErrors = schemaErrorsOf(request);
      const user = visibleUser(request.principal, await store.users.get(request.params.user)).id;
      const { scope, name } = request.body;
      const { expires_at: callerExpiry } = request.principal;
      const given = validFields(request.body, schemaErrors).expires_at;
      const expires_at = given === undefined ? callerExpiry : new Date(given).toISOString();
      refuseIfInvalid(schemaErrors, () => checkExpiry(expires_at, app.clock(), callerExpiry));
      return change(app, request, reply, user, async (q) => {
        const secret = newApiKey();
        const key = await q.keys.create({ user, scope, name, expires_at, digest: digest(secret) });
        const headers = { 'cache-control': 'no-store' };
        return { status: 201, headers, body: { ...presentKey(key), secret }, about: { user } };
      });
    },
  );

  server.get(
    '/users/:user/keys',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listKeys',
        tags: ['Keys'],
        summary: "List a person's keys",
        params: UserParams,
        querystring: PageQuery,
        response: responses({ 200: pageOf(KeySchema) }),
      },
    },
    async (request) => {
      const user = visibleUser(request.principal, await store.users.get(request.params.user)).id;
      const page = await store.keys.list(user, pageRequest(request.query));
      return { items: page.items.map(presentKey), next_cursor: nextCursor(page.next) };
    },
  );

  server.delete(
    '/keys/:key',
    {
      schema: {
        operationId: 'deleteKey',
        tags: ['Keys'],
        summary: 'Revoke a key',
        params: Type.Object({ key: Id }),
        response: responses({ 204: NoContent }),
      },
    },
    async (request, reply) => {
      const key = await store.keys.get(request.params.key);
      if (
        !key ||
        !(key.user === null ? request.principal.scope === 'admin' : maySee(request.principal, key.user))
      ) {
        throw notFound('key');
      }
      return change(app, request, reply, key.user, async (q) => {
        if (!(await q.keys.delete(key.id))) throw notFound('key');
        return { status: 204 };
      });
    },
  );
}
