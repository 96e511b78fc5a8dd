import { randomUUID } from 'node:crypto';

let last = { millisecond: 0, count: 0 };

/**
 * A UUIDv7 behind a recognisable prefix, as `line_0198…`. Ids of one process increase strictly, even within a
 * millisecond (Node's own do not), so that a list ordered by (created_at, id) keeps the order of creation.
 */
export const newId = (
  prefix: 'user' | 'key' | 'line' | 'record' | 'feed' | 'payment' | 'proof',
  now: number,
): string => {
  const millisecond = Math.max(Math.trunc(now), last.millisecond);
  const count = millisecond === last.millisecond ? last.count + 1 : 0;
  // The counter has 12 bits; when it overflows, the next millisecond is used.
  last = count > 0xfff ? { millisecond: millisecond + 1, count: 0 } : { millisecond, count };
  const time = last.millisecond.toString(16).padStart(12, '0');
  const counter = last.count.toString(16).padStart(3, '0');
  return `${prefix}_${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${randomUUID().slice(19)}`;
};
