import { contradictionReads, contradictionWrites } from './contradictions.ts';
import { edgeReads, edgeWrites } from './edges.ts';
import type { Database } from './engine.ts';
import { feedReads, feedWrites } from './feeds.ts';
import { idempotencyWrites, sweepResponses } from './idempotency.ts';
import { keyReads, keyWrites } from './keys.ts';
import { lineReads, lineWrites } from './lines.ts';
import { actReads, actWrites, markReads, markWrites, sweepActs } from './marks.ts';
import { paymentReads, paymentWrites } from './payments.ts';
import { proofReads, proofWrites } from './proofs.ts';
import { publicationReads, publicationWrites } from './publications.ts';
import { recordReads, recordWrites } from './records.ts';
import { releaseWrites } from './releases.ts';
import type { Scope } from './scope.ts';
import { repairServing } from './serving.ts';
import { settingReads, settingWrites } from './settings.ts';
import { silenceReads, silenceWrites } from './silences.ts';
import type { Queries, Reads } from './types.ts';
import { userReads, userWrites } from './users.ts';

export const readQueries = (db: Database): Reads => ({
  users: userReads(db),
  keys: keyReads(db),
  lines: lineReads(db),
  records: recordReads(db),
  payments: paymentReads(db),
  proofs: proofReads(db),
  contradictions: contradictionReads(db),
  marks: markReads(db),
  acts: actReads(db),
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
    payments: { ...paymentReads(db), ...paymentWrites(scope) },
    proofs: { ...proofReads(db), ...proofWrites(scope) },
    marks: { ...markReads(db), ...markWrites(scope) },
    acts: { ...actReads(db), ...actWrites(scope) },
    contradictions: { ...contradictionReads(db), ...contradictionWrites(scope) },
    edges: { ...edgeReads(db), ...edgeWrites(scope) },
    feeds: { ...feedReads(db), ...feedWrites(scope) },
    publications: { ...publicationReads(db), ...publicationWrites(scope) },
    releases: releaseWrites(scope),
    idempotency: idempotencyWrites(scope),
    settings: { ...settingReads(db), ...settingWrites(scope) },
    silences: { ...silenceReads(db), ...silenceWrites(scope) },
    async sweep() {
      await sweepResponses(scope);
      await sweepActs(scope);
      await repairServing(scope);
    },
  };
};
