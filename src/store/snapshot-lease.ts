/**
 * Whether a PostgreSQL database still is as this process last saw it: then what it remembers may be served unasked.
 *
 * A snapshot names all that was committed when it was taken: between two that are alike nothing was. What is remembered is
 * trusted for some milliseconds from when a snapshot was asked for, and a write is acknowledged some more after its
 * commit. So whoever reads after that asks the database, or trusts a snapshot that was asked for after the commit. Each
 * process measures its own lengths of time; no two clocks are compared.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds, as all lengths of time here. */
const LEASE = 10;
/** So long before its end the next snapshot is asked for, so that nobody waits for it. */
const RENEW_BEFORE = 3;
/** Longer, for a timer may be early by a millisecond, and no two clocks go alike. */
const WAIT_OUT = 12;

/** Resolves once no process, whether or not this one does so itself, trusts what it saw before a commit that has just come back. */
export const untilLeasesExpire = (): Promise<void> => sleep(WAIT_OUT);

export type SnapshotLease = {
  /** Whether nothing was committed that the listener has not been told of, but what is not acknowledged yet. */
  isValid(): boolean;
  /** The database may be another one, or have lost what was not on its disk: what was seen before says nothing of it. */
  invalidate(): void;
  /** Is told that something, anything, was committed. Returns the function that ends it. */
  onCommit(listener: () => void): () => void;
};

/** `ask` answers the database's present snapshot as a text. */
export const createSnapshotLease = (ask: () => Promise<string>): SnapshotLease => {
  const listeners = new Set<() => void>();
  let seen: string | null = null;
  let until = 0;
  let wanted = Number.NEGATIVE_INFINITY;
  let isAsking = false;

  const look = async () => {
    if (isAsking) return;
    isAsking = true;
    const began = performance.now();
    try {
      const snapshot = await ask();
      if (snapshot !== seen) {
        seen = snapshot;
        for (const listener of listeners) listener();
      }
      until = began + LEASE;
    } catch {
      // Whoever looks something up meets it too, and tells it.
      until = 0;
    } finally {
      isAsking = false;
    }
  };

  return {
    isValid() {
      const now = performance.now();
      const isAlone = now - wanted >= LEASE;
      wanted = now;
      // One now and then looks up what it needs, and nobody would be served by more.
      if (!isAlone && until - now < RENEW_BEFORE) void look();
      return now < until;
    },
    invalidate() {
      seen = null;
      until = 0;
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** Of a database that only speaks as PostgreSQL does, or spreads its tables over several, snapshots may say nothing. */
export const noLease: SnapshotLease = {
  isValid: () => false,
  invalidate: () => undefined,
  onCommit: () => () => undefined,
};
