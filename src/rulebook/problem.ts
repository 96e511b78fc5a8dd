/** Problems of a rule file, with line and column; and findings by path, from which problems are made. */

export type Problem = { file: string; line: number; column: number; message: string };

/** Keys and indexes from the top of a file down, as `['rules', 0, 'versions', 0, 'since']`. */
export type Path = readonly (string | number)[];

/** A finding at a path; `at: 'key'` points at the key instead of its value. */
export type Finding = { path: Path; at?: 'key'; message: string };

/** Adds a finding. */
export type Report = (path: Path, message: string, at?: 'key') => void;

/** The steps of a path that is written with slashes; digits alone are an index. */
export const parsePath = (path: string): (string | number)[] =>
  path.split('/').map((step) => (/^\d+$/.test(step) ? Number(step) : step));

/** As a compiler prints it: `rules/gb/acme.yaml:8:12: …`. */
export const printProblem = ({ file, line, column, message }: Problem): string =>
  `${file}:${line}:${column}: ${message}`;

/** Sorts by file, line and column, and removes duplicates. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [printProblem(problem), problem]));
  return [...unique.values()].sort(
    (a, b) => Number(a.file > b.file) - Number(a.file < b.file) || a.line - b.line || a.column - b.column,
  );
}
