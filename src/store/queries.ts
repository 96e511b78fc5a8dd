import { edgeReads, edgeWrites } from './edges.ts';
import type { Database } from './engine.ts';
import { feedReads, feedWrites } from './feeds.ts';
import { idempotencyWrites, sweep } from './idempotency.ts';
import { keyReads, keyWrites } from './keys.ts';
import { lineReads, lineWrites } from './lines.ts';
import { publicationReads, publicationWrites } from './publications.ts';
import { recordReads, recordWrites } from './records.ts';
import { releaseWrites } from './releases.ts';
import type { Scope } from './scope.ts';
import { settingReads, settingWrites } from './settings.ts';
import { silenceReads, silenceWrites } from './silences.ts';
import type { Queries, Reads } from './types.ts';
import { userReads, userWrites } from './users.ts';

export const readQueries = (db: Database): Reads => ({
  users: userReads(db),
  keys: keyReads(db),
  lines: lineReads(db),
  records: recordReads(db),
  edges: edgeReads(db),
  feeds: feedReads(db),
  publications: publicationReads(db),
  settings: settingReads(db),
  silences: silenceReads(db),
});

export const writeQueries = (scope: Scope): Queries => {
  const { db } = scope;
  return {
    users: { ...userReads(db), ...userWrites(scope) },
    keys: { ...keyReads(db), ...keyWrites(scope) },
    lines: { ...lineReads(db), ...lineWrites(scope) },
    records: { ...recordReads(db), ...recordWrites(scope) },
    edges: { ...edgeReads(db), ...edgeWrites(scope) },
    feeds: { ...feedReads(db), ...feedWrites(scope) },
    publications: { ...publicationReads(db), ...publicationWrites(scope) },
    releases: releaseWrites(scope),
    idempotency: idempotencyWrites(scope),
    settings: { ...settingReads(db), ...settingWrites(scope) },
    silences: { ...silenceReads(db), ...silenceWrites(scope) },
    sweep: sweep(scope),
  };
};
