/** Whether feeds are still fetched: reminders in a feed that nobody fetches fail silently. */
import { Type } from 'typebox';
import { FeedParams, FeedSchema } from '../schemas/feeds.ts';
import { nullable, strictObject, Timestamp } from '../schemas/shapes.ts';
import type { App } from '../service/context.ts';
import { isSilent, silenceThreshold } from '../service/silence.ts';
import { presentFeed } from './feed-options.ts';
import { visibleFeed } from './feeds.ts';
import { nextCursor, PageQuery, pageOf, pageRequest } from './paging.ts';
import { responses } from './schemas.ts';
import type { Server } from './server.ts';

const Client = nullable(
  Type.String({ description: 'The family of clients, such as `apple`; null if unknown.' }),
);
const FeedHealth = strictObject(
  {
    last_fetched_at: nullable(Timestamp, { description: 'Recorded within a minute; null: never.' }),
    client: Client,
    clients: Type.Array(
      strictObject({ client: Client, first_fetched_at: Timestamp, last_fetched_at: Timestamp }),
      { description: 'All families of clients that have fetched it, the latest first.' },
    ),
    silent: Type.Boolean({
      description:
        'Whether it was not fetched for `silent_after_days`; if it never was, since it was made or last ' +
        'changed. After the service was down for a quarter of that time or more, no feed becomes silent ' +
        'until the time has passed again.',
    }),
    silent_after_days: Type.Integer({ description: "The service's setting `SILENT_AFTER_DAYS`." }),
  },
  { $id: 'FeedHealth' },
);
const FeedQuery = strictObject({
  silent: Type.Optional(
    Type.Enum(['true', 'false'], {
      description: '`true`: only silent feeds; `false`: only others.',
    }),
  ),
  ...PageQuery.properties,
});

export function feedHealth(app: App, server: Server) {
  const { store, config } = app;

  server.get(
    '/feeds',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'searchFeeds',
        tags: ['Feeds'],
        summary: 'List the feeds that the key may see',
        description: "An admin key sees everybody's feeds, a person's key their own.",
        querystring: FeedQuery,
        response: responses({ 200: pageOf(FeedSchema) }),
      },
    },
    async (request) => {
      const { silent, ...page } = request.query;
      const isSilentOnly = silent === undefined ? null : silent === 'true';
      const { before, wasUp } = await silenceThreshold(app);
      const query = { user: request.principal.user, before, noted: !wasUp, silent: isSilentOnly };
      const { items, next } = await store.feeds.search(query, pageRequest(page));
      return { items: items.map(presentFeed), next_cursor: nextCursor(next) };
    },
  );

  server.get(
    '/feeds/:feed/health',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getFeedHealth',
        tags: ['Feeds'],
        summary: 'Show whether a feed is still fetched',
        params: FeedParams,
        response: responses({ 200: FeedHealth }),
      },
    },
    async (request, reply) => {
      const feed = visibleFeed(request.principal, await store.feeds.get(request.params.feed));
      const { last_fetched_at, client } = feed;
      reply.header('cache-control', 'no-store');
      return {
        last_fetched_at,
        client,
        clients: await store.feeds.clients(feed.id),
        silent: await isSilent(store, feed, await silenceThreshold(app)),
        silent_after_days: config.silentAfterDays,
      };
    },
  );
}
