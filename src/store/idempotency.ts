import { randomUUID } from 'node:crypto';
import { StoreError } from './errors.ts';
import type { Scope } from './scope.ts';
import type { IdempotencyWrites } from './types.ts';
import { toJson } from './values.ts';

/** The `user` of a response that may contain anybody's lines. */
export const EVERYBODY = '*';

/** Deletes the stored responses that contain data of a user, or of one line. */
export async function deleteResponses({ db }: Scope, of: { user: string } | { line: string }): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where((row) =>
      row.or([
        row('user', '=', EVERYBODY),
        ...('user' in of
          ? [
              row('user', '=', of.user),
              row('key', 'in', row.selectFrom('keys').select('id').where('user', '=', of.user)),
            ]
          : [row('line', '=', of.line)]),
      ]),
    )
    .execute();
}

/** After this a claim may be taken over: its process has died, or will find the claim gone. */
const claimMilliseconds = 60_000;
const keepMilliseconds = 24 * 60 * 60_000;

export const idempotencyWrites = ({ db, now, moment }: Scope): IdempotencyWrites => ({
  async begin({ key, route, idempotency_key }, requestDigest, node) {
    const claim = node === undefined ? randomUUID() : `${node}/${randomUUID()}`;
    const row = { key, route, idempotency_key, request_digest: requestDigest, claim, created_at: moment() };
    const fresh = { ...row, status: null, headers: null, body: null, user: null, line: null };
    const before = (milliseconds: number) => new Date(now() - milliseconds).toISOString();
    // Claims the row if it is new, expired, or abandoned by a process that died.
    const taken = await db
      .insertInto('idempotency')
      .values(fresh)
      .onConflict((conflict) =>
        conflict
          .columns(['key', 'route', 'idempotency_key'])
          .doUpdateSet(fresh)
          .where((old) =>
            old.or([
              old('idempotency.created_at', '<=', before(keepMilliseconds)),
              // Written by a clock that was ahead: its age is unknown.
              old('idempotency.created_at', '>', before(-keepMilliseconds)),
              old.and([
                old('idempotency.status', 'is', null),
                old('idempotency.created_at', '<=', before(claimMilliseconds)),
                old('idempotency.request_digest', '=', requestDigest),
              ]),
            ]),
          ),
      )
      .returning('claim')
      .executeTakeFirst();
    if (taken) return { state: 'begun', claim };
    const stored = await db
      .selectFrom('idempotency')
      .selectAll()
      .where('key', '=', key)
      .where('route', '=', route)
      .where('idempotency_key', '=', idempotency_key)
      .executeTakeFirst();
    // Released between the two statements: reported as in flight, so that the client retries.
    if (!stored) return { state: 'in_flight', claim: null };
    if (stored.request_digest !== requestDigest) return { state: 'mismatch' };
    if (stored.status === null) return { state: 'in_flight', claim: stored.claim };
    return {
      state: 'done',
      response: { status: stored.status, headers: JSON.parse(stored.headers!), body: stored.body! },
    };
  },
  async finish(claim, response, about) {
    const { numUpdatedRows } = await db
      .updateTable('idempotency')
      .set({
        status: response.status,
        headers: toJson(response.headers),
        body: response.body,
        user: about.user ?? null,
        line: about.line ?? null,
      })
      .where('claim', '=', claim)
      .where('status', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) {
      throw new StoreError('conflict', 'The same request was done meanwhile by another.', {
        entity: 'idempotency',
        field: 'idempotency_key',
      });
    }
  },
  async forget(route) {
    await db.deleteFrom('idempotency').where('route', '=', route).where('status', 'is not', null).execute();
  },
  async release(claim) {
    await db.deleteFrom('idempotency').where('claim', '=', claim).where('status', 'is', null).execute();
  },
});

/** Deletes the stored responses that have expired. */
export const sweepResponses = async ({ db, now }: Scope): Promise<void> => {
  const old = new Date(now() - keepMilliseconds).toISOString();
  await db.deleteFrom('idempotency').where('created_at', '<=', old).execute();
};
