/**
 * When addresses last changed, in a logical time of its own: tells whether what was read of an address earlier is still
 * so. Addresses are named by the digests of their tokens.
 */

export type Freshness = ReturnType<typeof createFreshness>;

/** The most addresses whose last change is tracked; beyond that, everything is looked up again once. */
const MAX_ADDRESSES = 10_000;

export function createFreshness() {
  let time = 1;
  let staleUpTo = 0;
  const lastChanges = new Map<string, number>();

  return {
    /** The present time: read it before a look-up, and store the result with it. */
    time: () => time,
    /** Whether an address has not changed since a look-up that began at `readAt`. */
    isFresh: (digest: string, readAt: number): boolean =>
      readAt > staleUpTo && (lastChanges.get(digest) ?? 0) < readAt,
    /** Notes which addresses have changed; null: any of them. */
    note(addresses: readonly string[] | null) {
      time += 1;
      if (addresses === null || lastChanges.size + addresses.length > MAX_ADDRESSES) {
        staleUpTo = time;
        lastChanges.clear();
      } else {
        for (const digest of addresses) lastChanges.set(digest, time);
      }
      time += 1;
    },
  };
}
