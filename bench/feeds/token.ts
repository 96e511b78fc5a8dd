/** The token of the benchmark's feed of this number; as long as a real one. */
export const tokenOf = (number: number): string => `klf_${`${number}`.padStart(43, '0')}`;
