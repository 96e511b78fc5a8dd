/** Columns that line up in a terminal, also where letters are two places wide. */

const WIDE =
  /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303f\uff01-\uff60]|\p{Emoji_Presentation}/u;
const NONE = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** How many places a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += NONE.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
  return width;
}

/** Rows as lines; the last column is not filled up. Texts lose what a terminal would obey. */
export function table(rows: readonly (readonly string[])[], margin = '  '): string[] {
  const clean = rows.map((row) => row.map(printable));
  const widths = clean.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, displayWidth(cell))),
    [],
  );
  return clean.map((row) =>
    (
      margin +
      row.map((cell, index) => cell + ' '.repeat((widths[index] as number) - displayWidth(cell))).join('  ')
    ).trimEnd(),
  );
}

/** A text on one line without control characters, which a terminal would obey. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
