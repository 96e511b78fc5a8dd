/** What a schema allows, in words for a person who knows a carrier and no programming. */

/** The part of JSON Schema in which the rule language is written. */
export type Shape = {
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Shape[];
  description?: string;
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Shape;
  minItems?: number;
  uniqueItems?: boolean;
  required?: readonly string[];
  properties?: Readonly<Record<string, Shape>>;
  patternProperties?: Readonly<Record<string, Shape>>;
  additionalProperties?: boolean | Shape;
  minProperties?: number;
};

const patterns = new Map<string, RegExp>();

/** The pattern of a schema, compiled once: compiling takes longer than matching. */
export function patternOf(text: string): RegExp {
  const known = patterns.get(text) ?? new RegExp(text, 'u');
  patterns.set(text, known);
  return known;
}

/** The alternatives of a schema, with nested ones flattened. */
export const alternatives = (shape: Shape): readonly Shape[] =>
  shape.anyOf ? shape.anyOf.flatMap(alternatives) : [shape];

/** `a, b or c`. */
export function joinWithOr(words: readonly string[]): string {
  const unique = [...new Set(words)];
  return unique.length < 2 ? (unique[0] ?? '') : `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}`;
}

const lowerFirst = (text: string) =>
  /^[A-Z][A-Z]/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);

/** A description as part of a sentence. */
const inSentence = (description: string) => lowerFirst(description.replace(/\.$/, ''));

/** A value as its writer sees it in the file. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function allowedObject(shape: Shape): string {
  const required = (shape.required ?? []).map((key) => {
    const values = shape.properties?.[key];
    return values?.const === undefined ? `\`${key}\`` : `\`${key}: ${values.const}\``;
  });
  if (required.length === 0) return 'keys with values';
  if (required.length === 1) return `the key ${required[0]}`;
  return `the keys ${required.slice(0, -1).join(', ')} and ${required.at(-1)}`;
}

/** What may stand where this schema does: `true or false`, `a whole number from 1 to 31`, `high or medium`. */
export function describeAllowed(shape: Shape): string {
  if (shape.anyOf) {
    const all = alternatives(shape);
    const named = all.filter((one) => one.type !== 'object' || one.required?.length);
    const objects = all.filter((one) => one.type === 'object');
    const words = (
      objects.length > 4 ? [...named.filter((one) => one.type !== 'object'), objects[0]!] : all
    ).map(describeAllowed);
    return [...new Set(words)].join(', or ');
  }
  if (shape.const !== undefined) return String(shape.const);
  if (shape.enum) return joinWithOr(shape.enum.map(String));
  switch (shape.type) {
    case 'boolean':
      return 'true or false';
    case 'null':
      return '`null` for none';
    case 'integer':
    case 'number': {
      const kind = shape.type === 'integer' ? 'a whole number' : 'a number';
      if (shape.minimum === undefined) return kind;
      return shape.maximum === undefined
        ? `${kind} from ${shape.minimum} on`
        : `${kind} from ${shape.minimum} to ${shape.maximum}`;
    }
    case 'array':
      return shape.description
        ? `a list: ${inSentence(shape.description)}`
        : `a list, each item ${describeAllowed(shape.items ?? {})}`;
    case 'object':
      return allowedObject(shape);
    default:
      return shape.description ? inSentence(shape.description) : 'a text';
  }
}

/** The keys that at least one of the object schemas has. */
export const keysOf = (shapes: readonly Shape[]): string[] => [
  ...new Set(shapes.flatMap((shape) => Object.keys(shape.properties ?? {}))),
];
