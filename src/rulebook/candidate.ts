/**
 * Reads rules that are to replace the running ones: a folder, perhaps with an overlay of files, checked as `rules
 * check` does it, with every worked example. Files that have not changed are not checked again. Yields to the event
 * loop in between.
 */
import { checkFile } from './check.ts';
import { loadFiles, type Overlay, type Rulebook, rulebookOf } from './load.ts';
import { type Problem, sortProblems } from './problem.ts';

/** If there are problems, the rulebook must not be used. */
export async function readCandidate(
  folder: string,
  { overlay, running = null }: { overlay?: Overlay; running?: Rulebook | null } = {},
): Promise<{ rulebook: Rulebook; problems: Problem[] }> {
  const { files, problems } = await loadFiles(folder, overlay, running);
  const found = [...problems, ...files.flatMap((file) => file.problems)];
  for (const file of files) {
    if (file.isReused) continue;
    found.push(...(await checkFile(file)).problems);
  }
  return { rulebook: rulebookOf(files), problems: sortProblems(found) };
}
