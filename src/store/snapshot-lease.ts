/**
 * Tells whether a PostgreSQL database is unchanged since this process last checked, so that it may serve from memory
 * without a query.
 *
 * A snapshot lists all that was committed when it was taken: if two are equal, nothing was committed between them.
 * Memory is trusted for a few milliseconds from when a snapshot was requested, and a write is acknowledged slightly
 * longer after its commit. So a read that begins after the acknowledgement either asks the database or relies on a
 * snapshot that was requested after the commit. Each process measures its own durations; no two clocks are compared.
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

export type SnapshotLease = {
  /** Whether the listeners have been told of every commit that is acknowledged by now. */
  isValid(): boolean;
  /** Forgets the last snapshot: the server may be another one, or may have lost what was not on its disk. */
  invalidate(): void;
  /** Calls `listener` when a commit by any process was seen. Returns the function that unsubscribes it. */
  onCommit(listener: () => void): () => void;
};

/** `readSnapshot` returns the database's current snapshot as text. */
export const createSnapshotLease = (readSnapshot: () => Promise<string>): SnapshotLease => {
  const listeners = new Set<() => void>();
  let lastSnapshot: string | null = null;
  let validUntil = 0;
  let lastCheckAt = Number.NEGATIVE_INFINITY;
  let isRenewing = false;

  const renew = async () => {
    if (isRenewing) return;
    isRenewing = true;
    const requestedAt = performance.now();
    try {
      const snapshot = await readSnapshot();
      if (snapshot !== lastSnapshot) {
        lastSnapshot = snapshot;
        for (const listener of listeners) listener();
      }
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
      lastSnapshot = null;
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
