/** What to do about what is refused. Whoever tells it says in words of their own what is called otherwise by each. */

export type Meant =
  /** A sheet's option with this value. */
  | { option: 'dates' | 'decimal'; value: string }
  /** Where the rules are listed, or where it is tried out what would happen. */
  | { see: 'rules' | 'simulations' };

/** A text, or its pieces. */
export type Mend = string | readonly (string | Meant)[];

export const wordMend = (mend: Mend, name: (meant: Meant) => string): string =>
  typeof mend === 'string'
    ? mend
    : mend.map((piece) => (typeof piece === 'string' ? piece : name(piece))).join('');
