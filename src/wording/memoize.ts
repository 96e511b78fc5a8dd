/** What is found once for all that ask: by whom it belongs to, and kept while that is in use, and by a key of its own. */
export function memoized<Owner extends object, Key, Value>(
  cache: WeakMap<Owner, Map<Key, Value>>,
  owner: Owner,
  key: Key,
  make: () => Value,
): Value {
  const entries = cache.get(owner) ?? new Map<Key, Value>();
  cache.set(owner, entries);
  const value = entries.get(key) ?? make();
  entries.set(key, value);
  return value;
}
