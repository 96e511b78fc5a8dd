/**
 * Tells which addresses have changed on PostgreSQL since this process last checked, so that it may serve the others
 * from memory without a query.
 *
 * A snapshot lists all transactions that were committed when it was taken, and each row of `serving` names the one that
 * last changed it: the rows of those that the previous snapshot does not list have changed since. Memory is trusted for
 * a few milliseconds from when a snapshot was requested, and a write is acknowledged slightly longer after its commit.
 * So a read that begins after the acknowledgement either asks the database or relies on a snapshot that was requested
 * after the commit. Each process measures its own durations; no two clocks are compared.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long memory is trusted. Milliseconds, as all durations here. */
const LEASE = 10;
/** How long before its end a lease is renewed, so that no read waits for the snapshot. */
const RENEW_BEFORE = 3;
/** Longer than a lease, since a timer may fire a millisecond early and clocks drift. */
const WAIT_OUT = 12;

/** Resolves when every process's lease from before the commit that has just returned has expired. */
export const untilLeasesExpire = (): Promise<void> => sleep(WAIT_OUT);

/** Digests of addresses; null: any may have changed. */
type Changes = readonly string[] | null;

/** What the database showed when it was asked. */
export type Snapshot = {
  /** Differs for another server, or for one that was restarted. */
  server: string;
  /** The set of committed transactions as a text, which differs after every commit that wrote something. */
  text: string;
  /** What was changed since the snapshot that the question named. */
  changes: Changes;
};

export type SnapshotLease = {
  /** Whether the listeners have been told of every commit that is acknowledged by now. */
  isValid(): boolean;
  /** Forgets the last snapshot: a connection was lost, and the server may have lost what was not on its disk. */
  invalidate(): void;
  /** Calls `listener` when changes by any process were seen. Returns the function that unsubscribes it. */
  onCommit(listener: (changes: Changes) => void): () => void;
};

/** `takeSnapshot` tells what has changed since the snapshot with the text `since`. */
export const createSnapshotLease = (
  takeSnapshot: (since: string | null) => Promise<Snapshot>,
): SnapshotLease => {
  const listeners = new Set<(changes: Changes) => void>();
  let last: Snapshot | null = null;
  let validUntil = 0;
  let lastCheckAt = Number.NEGATIVE_INFINITY;
  let isRenewing = false;

  const renew = async () => {
    if (isRenewing) return;
    isRenewing = true;
    const requestedAt = performance.now();
    const base = last;
    try {
      const snapshot = await takeSnapshot(base?.text ?? null);
      const isComparable = base !== null && base === last && base.server === snapshot.server;
      const changes = isComparable ? snapshot.changes : null;
      last = snapshot;
      if (changes?.length !== 0) for (const listener of listeners) listener(changes);
      validUntil = requestedAt + LEASE;
    } catch {
      // The queries that follow meet the same error and report it.
      validUntil = 0;
    } finally {
      isRenewing = false;
    }
  };

  return {
    isValid() {
      const now = performance.now();
      const isIsolated = now - lastCheckAt >= LEASE;
      lastCheckAt = now;
      // An isolated read queries the database itself: a lease would expire before the next one.
      if (!isIsolated && validUntil - now < RENEW_BEFORE) void renew();
      return now < validUntil;
    },
    invalidate() {
      last = null;
      validUntil = 0;
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** For a database that only speaks PostgreSQL's protocol or shards its tables: its snapshots may miss commits. */
export const noLease: SnapshotLease = {
  isValid: () => false,
  invalidate: () => undefined,
  onCommit: () => () => undefined,
};
