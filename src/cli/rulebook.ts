/** Finds and loads the folder of rules that a command works with. */
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadRulebook, printProblem, type Rulebook } from '../rulebook/index.ts';
import { type Environment, Failure, UsageError } from './command.ts';

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** @throws UsageError unless it is a folder */
export async function requireFolder(path: string, what = 'folder of rules'): Promise<string> {
  if (await isFolder(path)) return path;
  throw new UsageError(`There is no ${what} ${path}: name one, such as rules.`);
}

/** `RULES_DIR`, or `rules` in the working folder, or the rules that came with Keepline. @throws UsageError */
export async function rulesFolder(env: Environment): Promise<string> {
  if (env.RULES_DIR) return requireFolder(env.RULES_DIR);
  return (await isFolder('rules')) ? 'rules' : fileURLToPath(new URL('../../rules', import.meta.url));
}

/** @throws Failure listing all problems of the rules */
export async function openRulebook(folder: string): Promise<Rulebook> {
  const { rulebook, problems } = await loadRulebook(folder);
  if (problems.length === 0) return rulebook;
  throw new Failure(`the rules cannot be used:\n${problems.map(printProblem).join('\n')}`);
}
