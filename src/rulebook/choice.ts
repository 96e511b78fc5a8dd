/** Which of several groups of keys was meant. */
import { keysOf, type Shape } from './shape.ts';

type Group = Readonly<Record<string, unknown>>;

/** Whether a value is among those that a schema lists. */
export const admits = (shape: Shape, value: unknown): boolean =>
  shape.enum ? shape.enum.includes(value) : shape.const === value;

const listed = (shape: Shape | undefined): readonly unknown[] =>
  shape?.enum ?? (shape?.const === undefined ? [] : [shape.const]);

/** Keys such as `type` or `by`, which every group must have and whose value tells them apart. */
const tellingKeys = (shapes: readonly Shape[]): string[] =>
  keysOf(shapes).filter((key) =>
    shapes.every((shape) => shape.required?.includes(key) && listed(shape.properties?.[key]).length > 0),
  );

/** The groups that the telling keys leave, or the key whose value fits none, with the values that would. */
function told(shapes: readonly Shape[], value: Group): readonly Shape[] | Shape {
  let left = shapes;
  for (const key of shapes.length > 1 ? tellingKeys(shapes) : []) {
    const fits = left.filter((shape) => admits(shape.properties![key]!, value[key]));
    if (fits.length === 0) {
      const values = new Set(left.flatMap((shape) => listed(shape.properties?.[key])));
      return { type: 'object', required: [key], properties: { [key]: { enum: [...values] } } };
    }
    left = fits;
  }
  return left;
}

const isOne = (choice: readonly Shape[] | Shape): choice is Shape => !Array.isArray(choice);

/**
 * The groups of which one was meant: by the value of a telling key, else by most keys. None, where no key is known;
 * a group of one key alone, where its value tells of none.
 */
export function meantGroups(shapes: readonly Shape[], value: Group): readonly Shape[] {
  const byTelling = told(shapes, value);
  if (isOne(byTelling)) return [byTelling];
  const score = (shape: Shape) =>
    Object.keys(value).filter((key) => Object.hasOwn(shape.properties ?? {}, key)).length;
  const most = Math.max(...byTelling.map(score));
  if (most === 0 && byTelling.length > 1) return [];
  const meant = told(
    byTelling.filter((shape) => score(shape) === most),
    value,
  );
  return isOne(meant) ? [meant] : meant;
}
