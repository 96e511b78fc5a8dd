/**
 * Rules that are to take the place of those that run: a folder, with files laid over it perhaps, checked as `rules
 * check` does it, every worked example included. Files that run as they are are not checked again. Meanwhile whoever
 * else waits has turns.
 */
import { checkFile } from './check.ts';
import { bookOf, loadFiles, type Overlay, type Rulebook } from './load.ts';
import { inOrder, type Problem } from './problem.ts';

/** Where there are problems, the rulebook must not be used. */
export async function readCandidate(
  folder: string,
  { overlay, running = null }: { overlay?: Overlay; running?: Rulebook | null } = {},
): Promise<{ rulebook: Rulebook; problems: Problem[] }> {
  const { files, problems } = await loadFiles(folder, overlay, running);
  const found = [...problems, ...files.flatMap((file) => file.problems)];
  for (const file of files) {
    if (file.isRunning) continue;
    found.push(...(await checkFile(file)).problems);
  }
  return { rulebook: bookOf(files), problems: inOrder(found) };
}
