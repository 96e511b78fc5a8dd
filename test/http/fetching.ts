/** Fetches of calendars, and what they ask of the database. */
import type { Fixture } from './service.ts';

export const fetching =
  ({ server }: Fixture) =>
  (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    server.inject({ method: method as 'GET', url, headers });

/** Counts a service's questions to its database about addresses. */
export function countLookUps({ app }: Fixture): () => number {
  const { serving } = app.store;
  const { feedByToken, feedWithBody } = serving;
  let looked = 0;
  serving.feedByToken = (digest) => {
    looked += 1;
    return feedByToken(digest);
  };
  serving.feedWithBody = (digest, packed) => {
    looked += 1;
    return feedWithBody(digest, packed);
  };
  return () => looked;
}
