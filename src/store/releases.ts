import type { Scope } from './scope.ts';
import type { ReleaseWrites } from './types.ts';

export const releaseWrites = ({ db, moment }: Scope): ReleaseWrites => {
  const known = async (digest: string) =>
    (await db.selectFrom('releases').select('number').where('digest', '=', digest).executeTakeFirst())
      ?.number;
  const last = async () =>
    (await db.selectFrom('releases').select('number').orderBy('number', 'desc').limit(1).executeTakeFirst())
      ?.number ?? 0;

  async function number(digest: string): Promise<number> {
    for (;;) {
      const present = await known(digest);
      if (present !== undefined) return present;
      // If another node takes the number first, this does nothing, and the next iteration sees its row.
      await db
        .insertInto('releases')
        .values({ number: (await last()) + 1, digest, first_seen_at: moment() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }

  return {
    number,
    async renew(digest) {
      const present = await number(digest);
      if (present === (await last())) return present;
      await db.deleteFrom('releases').where('digest', '=', digest).execute();
      return number(digest);
    },
  };
};
