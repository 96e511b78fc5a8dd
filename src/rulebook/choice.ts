/** Decides which of several object schemas was meant. */
import { keysOf, type Shape } from './shape.ts';

type Group = Readonly<Record<string, unknown>>;

/** Whether a value is among those that a schema lists. */
export const admits = (shape: Shape, value: unknown): boolean =>
  shape.enum ? shape.enum.includes(value) : shape.const === value;

const valuesOf = (shape: Shape | undefined): readonly unknown[] =>
  shape?.enum ?? (shape?.const === undefined ? [] : [shape.const]);

/** Keys such as `type` or `by`, which every schema requires and whose value tells them apart. */
const discriminatorsOf = (shapes: readonly Shape[]): string[] =>
  keysOf(shapes).filter((key) =>
    shapes.every((shape) => shape.required?.includes(key) && valuesOf(shape.properties?.[key]).length > 0),
  );

/**
 * The schemas that agree with the discriminators; or, if the value of one fits none, a schema of that key with the
 * values that would fit.
 */
function narrowByDiscriminators(shapes: readonly Shape[], value: Group): readonly Shape[] | Shape {
  let left = shapes;
  for (const key of shapes.length > 1 ? discriminatorsOf(shapes) : []) {
    const fits = left.filter((shape) => admits(shape.properties![key]!, value[key]));
    if (fits.length === 0) {
      const values = new Set(left.flatMap((shape) => valuesOf(shape.properties?.[key])));
      return { type: 'object', required: [key], properties: { [key]: { enum: [...values] } } };
    }
    left = fits;
  }
  return left;
}

const isSingle = (choice: readonly Shape[] | Shape): choice is Shape => !Array.isArray(choice);

/**
 * The schemas of which one was meant: by the value of a discriminator, else by most keys. None, if no key is known; a
 * schema of the discriminator alone, if its value fits none.
 */
export function meantGroups(shapes: readonly Shape[], value: Group): readonly Shape[] {
  const narrowed = narrowByDiscriminators(shapes, value);
  if (isSingle(narrowed)) return [narrowed];
  const score = (shape: Shape) =>
    Object.keys(value).filter((key) => Object.hasOwn(shape.properties ?? {}, key)).length;
  const highest = Math.max(...narrowed.map(score));
  if (highest === 0 && narrowed.length > 1) return [];
  const meant = narrowByDiscriminators(
    narrowed.filter((shape) => score(shape) === highest),
    value,
  );
  return isSingle(meant) ? [meant] : meant;
}
