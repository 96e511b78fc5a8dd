/** Returns the cached value for an owner and a key, making it on the first call; it lives as long as the owner. */
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
