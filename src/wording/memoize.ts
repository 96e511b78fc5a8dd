/** What is found once for all that ask: by whom it belongs to, and kept while that is in use, and by a key of its own. */
export function memoized<Owner extends object, Key, Value>(
  kept: WeakMap<Owner, Map<Key, Value>>,
  owner: Owner,
  key: Key,
  make: () => Value,
): Value {
  const known = kept.get(owner) ?? new Map<Key, Value>();
  kept.set(owner, known);
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
