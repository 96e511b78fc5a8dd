/** The check of a whole rulebook, as `rules check` runs it: load, cross-check, and every example through the engine. */
import { setImmediate } from 'node:timers/promises';
import { runExample } from './examples.ts';
import { type LoadedFile, loadFiles, rulebookOf } from './load.ts';
import { type Problem, sortProblems } from './problem.ts';
import { evidenceLists, sourceDates, sourceWarnings, utcDate } from './sources.ts';

type RuleReport = {
  id: string;
  versions: number;
  /** Places that name their evidence. */
  facts: number;
  /** Distinct sources that it names. */
  sources: number;
  examples: number;
  passed: number;
  /** Dates of the sources that the rule names, as `2024-01-24`; null where it names none. */
  oldest_source: string | null;
  newest_source: string | null;
};

export type CheckReport = {
  files: number;
  carriers: number;
  rules: number;
  facts: number;
  sources: number;
  examples: number;
  passed: number;
  digest: string;
  /** Errors, failing examples among them. */
  problems: Problem[];
  /** Warnings: they do not make the check fail. */
  warnings: Problem[];
  perRule: RuleReport[];
};

export type CheckOptions = {
  /** Called after each example. */
  onProgress?: (done: number, total: number) => void;
  /** The date for which the age of evidence is computed. */
  today: Date;
};

type Checked = { rules: RuleReport[]; problems: Problem[]; warnings: Problem[] };

/** Runs the examples of a file's rules, and yields to the event loop after each. */
export async function checkFile(file: LoadedFile, step: () => void = () => {}): Promise<Checked> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const rules: RuleReport[] = [];
  for (const [index, booked] of file.rules.entries()) {
    const { id, rule, carrier } = booked;
    let passed = 0;
    for (const [place, example] of rule.examples.entries()) {
      const { wrong, edgeless } = runExample(booked, example);
      for (const { path, message } of wrong) {
        const at = file.locate(['rules', index, 'examples', place, ...path]);
        problems.push({ file: file.name, ...at, message });
      }
      if (wrong.length === 0) passed += 1;
      if (edgeless) {
        const at = file.locate(['rules', index, 'examples', place, 'as_of']);
        const message = `"${example.name}" tests no boundary: set \`as_of\` to the last good day or the first of a stage, or state a date.`;
        warnings.push({ file: file.name, ...at, message });
      }
      step();
      await setImmediate();
    }
    const [oldest, newest] = sourceDates(carrier, rule);
    rules.push({
      id,
      versions: rule.versions.length,
      facts: evidenceLists(rule).length,
      sources: new Set(evidenceLists(rule).flat()).size,
      examples: rule.examples.length,
      passed,
      oldest_source: oldest,
      newest_source: newest,
    });
  }
  return { rules, problems, warnings };
}

/**
 * Checks the rules of a folder. A file with problems is not run through the engine; the others are. Never throws
 * because of what the files contain.
 */
export async function checkRulebook(
  folder: string,
  { onProgress, today }: CheckOptions,
): Promise<CheckReport> {
  const { files, problems, unread } = await loadFiles(folder);
  const { carriers, digest } = rulebookOf(files);
  const total = files.flatMap((file) => file.rules).reduce((sum, { rule }) => sum + rule.examples.length, 0);
  let done = 0;
  const results: Checked[] = [];
  for (const file of files) results.push(await checkFile(file, () => onProgress?.(++done, total)));
  const perRule = results.flatMap(({ rules }) => rules);
  const warnings = files.flatMap((file) =>
    file.carrier ? sourceWarnings(file, file.carrier, utcDate(today)) : [],
  );
  return {
    files: files.length,
    carriers: carriers.size,
    rules: perRule.length,
    facts: [...carriers.values()].reduce((sum, carrier) => sum + evidenceLists(carrier).length, 0),
    sources: [...carriers.values()].reduce((sum, { evidence }) => sum + Object.keys(evidence).length, 0),
    examples: total,
    passed: perRule.reduce((sum, { passed }) => sum + passed, 0),
    digest,
    problems: sortProblems([
      ...problems,
      ...files.flatMap((file) => file.problems),
      ...results.flatMap((r) => r.problems),
    ]),
    warnings: sortProblems([...unread, ...warnings, ...results.flatMap((r) => r.warnings)]),
    perRule,
  };
}
