import { createHmac } from 'node:crypto';

/**
 * The UID of one obligation: of what kind, on which line, in which cycle of it. It outlives redeployments,
 * languages, corrected dates and texts, and tells nothing of what went in (RFC 7986 5.3).
 * @param secret the service's secret; another secret gives other UIDs, and clients would show every entry anew.
 */
export function entryUid(secret: string, kind: string, lineId: string, cycle: string): string {
  // JSON keeps ['a', 'bc'] and ['ab', 'c'] apart.
  const obligation = JSON.stringify(['entry', kind, lineId, cycle]);
  const bytes = createHmac('sha256', secret).update(obligation).digest().subarray(0, 16);
  // A UUIDv8 (RFC 9562 5.8).
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @throws RangeError unless the UID is opaque and safe to stand in a calendar as it is. */
export function checkUid(uid: string): void {
  if (!/^[A-Za-z0-9-]{1,254}$/.test(uid)) {
    throw new RangeError('A UID is 1 to 254 letters, digits and hyphens: make it with entryUid.');
  }
}
