/** Columns that line up in a terminal, also with characters that are two cells wide. */

const WIDE =
  /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|[\u3000-\u303f\uff01-\uff60]|\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** How many terminal cells a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += ZERO_WIDTH.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
  return width;
}

/** Rows as lines, without trailing spaces. Control characters are removed from the cells. */
export function table(rows: readonly (readonly string[])[], margin = '  '): string[] {
  const clean = rows.map((row) => row.map(printable));
  const widths = clean.reduce<number[]>(
    (max, row) => row.map((cell, index) => Math.max(max[index] ?? 0, displayWidth(cell))),
    [],
  );
  return clean.map((row) =>
    (
      margin +
      row.map((cell, index) => cell + ' '.repeat((widths[index] as number) - displayWidth(cell))).join('  ')
    ).trimEnd(),
  );
}

/** A text on one line without control characters, which a terminal would interpret. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
