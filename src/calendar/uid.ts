import { createHmac } from 'node:crypto';

/**
 * The UID of one obligation, by its kind, line and cycle. It is stable across redeployments, languages, and corrected
 * dates and texts, and reveals nothing of its input (RFC 7986 5.3).
 * @param secret the service's secret; another secret gives other UIDs, and clients would show every entry as new.
 */
export function entryUid(secret: string, kind: string, lineId: string, cycle: string): string {
  // JSON distinguishes ['a', 'bc'] from ['ab', 'c'].
  const obligation = JSON.stringify(['entry', kind, lineId, cycle]);
  const hex = createHmac('sha256', secret).update(obligation).digest('hex');
  // A UUIDv8 (RFC 9562 5.8).
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, variant + hex.slice(17, 20)];
  return [...groups, hex.slice(20, 32)].join('-');
}

/** @throws RangeError unless the UID is opaque and needs no escaping in a calendar. */
export function checkUid(uid: string): void {
  if (!/^[A-Za-z0-9-]{1,254}$/.test(uid)) {
    throw new RangeError('A UID is 1 to 254 letters, digits and hyphens: make it with entryUid.');
  }
}
