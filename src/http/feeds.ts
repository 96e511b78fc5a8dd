/** Feeds, which calendars subscribe to. A feed's addresses are shown once, when they are made. */
import { linksTo } from '../config.ts';
import { DAY } from '../lib/durations.ts';
import {
  FeedParams,
  FeedPatch,
  FeedSchema,
  MadeFeed,
  NewFeed,
  OVERLAP_DAYS,
  Rotation,
} from '../schemas/feeds.ts';
import { newFeedToken } from '../secret.ts';
import type { App } from '../service/context.ts';
import { checkFeedOptions, optionsOf } from '../service/feed-options.ts';
import { digest } from '../store/digest.ts';
import type { Feed } from '../store/types.ts';
import { refuseIfInvalid, schemaErrorsOf, validFields } from './all-errors.ts';
import { maySee, type Principal } from './authentication.ts';
import { feedLinks } from './cal/address.ts';
import { change } from './change.ts';
import { notFound } from './errors.ts';
import { checkIfMatch, sendWithEtag } from './etag.ts';
import { feedEtag, optionsPart, patchedOptions, presentFeed } from './feed-options.ts';
import { routeOf } from './idempotency.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { ETAG, LOCATION, NoContent, responses, responsesWithEtag, UserParams } from './schemas.ts';
import type { Server } from './server.ts';
import { visibleUser } from './users.ts';

/**
 * The feed, if the caller may see it.
 * @throws Problem not_found if there is none or it is another's
 */
export function visibleFeed(principal: Principal, feed: Feed | null): Feed {
  if (!feed || !maySee(principal, feed.user)) throw notFound('feed');
  return feed;
}

const NO_STORE = { 'cache-control': 'no-store' };

export function feeds(app: App, server: Server) {
  const { store, clock } = app;
  const withUrls = (feed: Feed, token: string) => {
    const { https, webcal, google, outlook, page } = feedLinks(app.publicUrl(), token, feed.name);
    return { ...presentFeed(feed), urls: { https, webcal, google, outlook, page } };
  };

  server.post(
    '/users/:user/feeds',
    {
      attachValidation: true,
      schema: {
        operationId: 'createFeed',
        tags: ['Feeds'],
        summary: 'Make a feed',
        description:
          "The feed's addresses are in this answer and never shown again. Anybody who has one can read the " +
          'feed.',
        params: UserParams,
        body: NewFeed,
        response: responses({ 201: MadeFeed }, { ...LOCATION, ...ETAG }),
      },
    },
    async (request, reply) => {
      const schemaErrors = schemaErrorsOf(request);
      const user = visibleUser(request.principal, await store.users.get(request.params.user)).id;
      return change(app, request, reply, user, async (q) => {
        // Within the transaction, because a line that it names may be erased at the same time.
        const semanticErrors = await checkFeedOptions(
          q,
          user,
          validFields(request.body, schemaErrors),
          linksTo(app.config),
        );
        refuseIfInvalid(schemaErrors, () => semanticErrors);
        const options = optionsOf(request.body);
        const token = newFeedToken();
        const feed = await q.feeds.create({ user, ...options }, digest(token));
        const headers = { ...NO_STORE, location: `/v1/feeds/${feed.id}`, etag: feedEtag(presentFeed(feed)) };
        return { status: 201, headers, body: withUrls(feed, token), about: { user } };
      });
    },
  );

  server.get(
    '/users/:user/feeds',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'listFeeds',
        tags: ['Feeds'],
        summary: "List a person's feeds",
        params: UserParams,
        querystring: PageQuery,
        response: responses({ 200: pageOf(FeedSchema) }),
      },
    },
    async (request) => {
      const user = visibleUser(request.principal, await store.users.get(request.params.user)).id;
      const page = await store.feeds.list(user, pageRequest(request.query));
      return { items: page.items.map(presentFeed), next_cursor: nextCursor(page.next) };
    },
  );

  server.get(
    '/feeds/:feed',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getFeed',
        tags: ['Feeds'],
        summary: 'Show a feed',
        params: FeedParams,
        response: responsesWithEtag({ 200: FeedSchema }),
      },
    },
    async (request, reply) => {
      const body = presentFeed(visibleFeed(request.principal, await store.feeds.get(request.params.feed)));
      return sendWithEtag(request, reply, body, feedEtag(body));
    },
  );

  server.patch(
    '/feeds/:feed',
    {
      schema: {
        operationId: 'changeFeed',
        tags: ['Feeds'],
        summary: "Change a feed's options (merge patch)",
        description: 'The addresses stay the same. A fetch in between does not make an `If-Match` stale.',
        params: FeedParams,
        body: FeedPatch,
        response: responses({ 200: FeedSchema }),
      },
    },
    async (request, reply) => {
      const { id, user } = visibleFeed(request.principal, await store.feeds.get(request.params.feed));
      return change(app, request, reply, user, async (q) => {
        const present = visibleFeed(request.principal, await q.feeds.get(id));
        const shown = presentFeed(present);
        checkIfMatch(request, shown, feedEtag(shown), optionsPart);
        const options = patchedOptions(present, request.body);
        const semanticErrors = await checkFeedOptions(q, user, options, linksTo(app.config));
        refuseIfInvalid([], () => semanticErrors);
        const body = presentFeed(visibleFeed(request.principal, await q.feeds.update(id, options)));
        return { status: 200, headers: { etag: feedEtag(body) }, body };
      });
    },
  );

  server.post(
    '/feeds/:feed/rotate',
    {
      config: { bodyOptional: true },
      schema: {
        operationId: 'rotateFeed',
        tags: ['Feeds'],
        summary: 'Give a feed a new address',
        description:
          'The old address serves during the overlap, and for 30 more days a calendar that says that it has ' +
          'ended. The new addresses are never shown again.',
        params: FeedParams,
        body: Rotation,
        response: responses({ 200: MadeFeed }),
      },
    },
    async (request, reply) => {
      const { id, user } = visibleFeed(request.principal, await store.feeds.get(request.params.feed));
      const { overlap_days = OVERLAP_DAYS } = request.body;
      return change(app, request, reply, user, async (q) => {
        const token = newFeedToken();
        const ends = new Date(clock().getTime() + overlap_days * DAY).toISOString();
        if (!(await q.feeds.rotate(id, digest(token), ends))) throw notFound('feed');
        const feed = visibleFeed(request.principal, await q.feeds.get(id));
        return { status: 200, headers: NO_STORE, body: withUrls(feed, token), about: { user } };
      });
    },
  );

  server.delete(
    '/feeds/:feed',
    {
      config: { ifMatch: true },
      schema: {
        operationId: 'revokeFeed',
        tags: ['Feeds'],
        summary: 'Revoke a feed',
        description:
          'For 30 days its addresses serve a calendar that says that the feed has ended; then they are gone.',
        params: FeedParams,
        response: responses({ 204: NoContent }),
      },
    },
    async (request, reply) => {
      const { id, user } = visibleFeed(request.principal, await store.feeds.get(request.params.feed));
      return change(app, request, reply, user, async (q) => {
        const shown = presentFeed(visibleFeed(request.principal, await q.feeds.get(id)));
        checkIfMatch(request, shown, feedEtag(shown), optionsPart);
        if (!(await q.feeds.erase(id))) throw notFound('feed');
        // Stored answers show addresses that have ended: they must not be replayed.
        await q.idempotency.forget(routeOf(`/v1/users/${user}/feeds`));
        await q.idempotency.forget(routeOf(`/v1/feeds/${id}/rotate`));
        return { status: 204 };
      });
    },
  );
}
