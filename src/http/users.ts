/** Users: the people who own lines. A user's key sees only that user. */
import type { Static } from 'typebox';
import { NewUser, presentUser, UserPatch, UserSchema } from '../schemas/users.ts';
import type { App } from '../service/context.ts';
import type { User } from '../store/types.ts';
import { maySee, type Principal } from './authentication.ts';
import { change } from './change.ts';
import { notFound } from './errors.ts';
import { checkIfMatch, etagOf, sendWithEtag } from './etag.ts';
import { patcher } from './merge-patch.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { ETAG, LOCATION, NoContent, responses, responsesWithEtag, UserParams } from './schemas.ts';
import type { Server } from './server.ts';

const patch = patcher<Static<typeof NewUser>>(NewUser);
const patchable = ({ name, locale, time_zone, external_id }: User) => ({
  name,
  locale,
  time_zone,
  external_id,
});

/**
 * The user, if the caller may see them.
 * @throws Problem not_found if there is none or it is another's
 */
export function visibleUser(principal: Principal, user: User | null): User {
  if (!user || !maySee(principal, user.id)) throw notFound('user');
  return user;
}

export function users(app: App, server: Server) {
  const { store } = app;

  server.post(
    '/users',
    {
      config: { scope: 'admin' },
      schema: {
        operationId: 'createUser',
        tags: ['Users'],
        summary: 'Add a person',
        body: NewUser,
        response: responses({ 201: UserSchema }, { ...LOCATION, ...ETAG }),
      },
    },
    (request, reply) =>
      change(app, request, reply, null, async (q) => {
        const body = presentUser(await q.users.create(request.body));
        const headers = { location: `/v1/users/${body.id}`, etag: etagOf(body) };
        return { status: 201, headers, body, about: { user: body.id } };
      }),
  );

  server.get(
    '/users',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listUsers',
        tags: ['Users'],
        summary: 'List people',
        description: "An admin key lists everybody, a user's key that user.",
        querystring: PageQuery,
        response: responses({ 200: pageOf(UserSchema) }),
      },
    },
    async (request) => {
      const { user } = request.principal;
      if (user !== null) {
        const self = await store.users.get(user);
        return { items: self ? [presentUser(self)] : [], next_cursor: null };
      }
      const page = await store.users.list(pageRequest(request.query));
      return { items: page.items.map(presentUser), next_cursor: nextCursor(page.next) };
    },
  );

  server.get(
    '/users/:user',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getUser',
        tags: ['Users'],
        summary: 'Show a person',
        params: UserParams,
        response: responsesWithEtag({ 200: UserSchema }),
      },
    },
    async (request, reply) => {
      const user = visibleUser(request.principal, await store.users.get(request.params.user));
      return sendWithEtag(request, reply, presentUser(user));
    },
  );

  server.patch(
    '/users/:user',
    {
      schema: {
        operationId: 'changeUser',
        tags: ['Users'],
        summary: 'Change a person (merge patch)',
        params: UserParams,
        body: UserPatch,
        response: responses({ 200: UserSchema }),
      },
    },
    async (request, reply) => {
      const { id } = visibleUser(request.principal, await store.users.get(request.params.user));
      return change(app, request, reply, id, async (q) => {
        const present = visibleUser(request.principal, await q.users.get(id));
        checkIfMatch(request, presentUser(present));
        const { external_id = null, ...rest } = patch(patchable(present), request.body);
        const body = presentUser(
          visibleUser(request.principal, await q.users.update(id, { ...rest, external_id })),
        );
        return { status: 200, headers: { etag: etagOf(body) }, body };
      });
    },
  );

  server.delete(
    '/users/:user',
    {
      config: { ifMatch: true },
      schema: {
        operationId: 'eraseUser',
        tags: ['Users'],
        summary: 'Erase a person and everything of theirs',
        description: 'Their keys stop working at once and their feeds become tombstones.',
        params: UserParams,
        response: responses({ 204: NoContent }),
      },
    },
    async (request, reply) => {
      const { id } = visibleUser(request.principal, await store.users.get(request.params.user));
      return change(app, request, reply, id, async (q) => {
        checkIfMatch(request, presentUser(visibleUser(request.principal, await q.users.get(id))));
        if (!(await q.users.erase(id))) throw notFound('user');
        return { status: 204, removesFiles: true };
      });
    },
  );
}
