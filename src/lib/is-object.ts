/** Whether a JSON or YAML value is an object: neither an array nor null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
