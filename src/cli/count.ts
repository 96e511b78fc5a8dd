/** A count with its noun, for example `1 day`, `2 days`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
