/** What to do about an error (`mend`). Options and routes have different names in the API and on the command line. */

export type MendPart =
  /** A sheet's option with this value. */
  | { option: 'dates' | 'decimal'; value: string }
  /** Where rules are listed, or where a simulation is run. */
  | { see: 'rules' | 'simulations' };

/** A text, or its parts, with references yet to be named. */
export type Mend = string | readonly (string | MendPart)[];

export const formatMend = (mend: Mend, name: (meant: MendPart) => string): string =>
  typeof mend === 'string'
    ? mend
    : mend.map((piece) => (typeof piece === 'string' ? piece : name(piece))).join('');
