import type { Scope } from './scope.ts';
import type { ReleaseWrites } from './types.ts';

export const releaseWrites = ({ db, moment }: Scope): ReleaseWrites => ({
  async number(digest) {
    for (;;) {
      const known = await db
        .selectFrom('releases')
        .select('number')
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (known) return known.number;
      const last = await db
        .selectFrom('releases')
        .select('number')
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst();
      // Where another node takes the same number first, this does nothing, and the next turn sees its row.
      await db
        .insertInto('releases')
        .values({ number: (last?.number ?? 0) + 1, digest, first_seen_at: moment() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  },
});
