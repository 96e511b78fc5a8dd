/** What is wrong with a rule file, and where; and how a check says so before it knows the line. */

export type Problem = { file: string; line: number; column: number; message: string };

/** Keys and indexes from the top of a file down, as `['rules', 0, 'versions', 0, 'since']`. */
export type Path = readonly (string | number)[];

/** Something found at a path; `key` points at the key itself and not at what it says. */
export type Finding = { path: Path; at?: 'key'; message: string };

/** Adds something found. */
export type Say = (path: Path, message: string, at?: 'key') => void;

/** The steps of a path that is written with slashes; digits alone are an index. */
export const stepsOf = (path: string): (string | number)[] =>
  path.split('/').map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** As a compiler prints it: `rules/gb/acme.yaml:8:12: …`. */
export const printProblem = ({ file, line, column, message }: Problem): string =>
  `${file}:${line}:${column}: ${message}`;

/** By file, line and column, each said once. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map((problem) => [printProblem(problem), problem]));
  return [...once.values()].sort(
    (a, b) => Number(a.file > b.file) - Number(a.file < b.file) || a.line - b.line || a.column - b.column,
  );
}
