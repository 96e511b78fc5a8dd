/** The token of a feed of the benchmark, by its number: as long as a real one. */
export const tokenOf = (number: number): string => `klf_${`${number}`.padStart(43, '0')}`;
