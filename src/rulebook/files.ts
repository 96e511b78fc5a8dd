/** Finds the rule files of a folder, `<country>/<carrier>.yaml`. Links are followed, but never out of the folder. */
import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Problem } from './problem.ts';

/**
 * `name` as it is shown, `rules/gb/acme.yaml`; `carrier` according to its path, `gb/acme`; `text` of a file that is not
 * in a folder yet.
 */
export type RuleFile = { name: string; carrier: string; bytes: number; text?: string };

type Walk = { root: string; files: RuleFile[]; problems: Problem[]; unread: Problem[] };

const reasons: Record<string, string> = {
  EACCES: 'this account may not read it: give it the right to',
  EPERM: 'this account may not read it: give it the right to',
  ELOOP: 'it is a link that leads round in a circle: remove it',
  ENOENT: 'it does not exist, or is a link to nothing',
  ENOTDIR: 'it is no folder',
};

/** Why a file cannot be read, in words and without a path. */
export const unreadableMessage = (error: unknown): string => {
  const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
  return `It cannot be read: ${reasons[code] ?? code}.`;
};

const fileProblem = (file: string, message: string): Problem => ({ file, line: 1, column: 1, message });

async function visit(walk: Walk, folder: string, place: string, ancestors: readonly string[]): Promise<void> {
  const entries = (await readdir(folder)).sort();
  for (const entry of entries) {
    if (entry.startsWith('.')) continue;
    const name = join(folder, entry);
    const within = place ? `${place}/${entry}` : entry;
    let real: string;
    let stats: Stats;
    try {
      real = await realpath(name);
      stats = await stat(name);
    } catch (error) {
      walk.problems.push(fileProblem(name, unreadableMessage(error)));
      continue;
    }
    if (real !== walk.root && !real.startsWith(walk.root + sep)) {
      const message = 'It is a link that leads out of the rules folder: put the file itself here.';
      walk.problems.push(fileProblem(name, message));
    } else if (stats.isDirectory()) {
      if (ancestors.includes(real)) {
        const message = 'It is a link to a folder that it stands in, so it has no end: remove it.';
        walk.problems.push(fileProblem(name, message));
      } else {
        await visit(walk, name, within, [...ancestors, real]).catch((error) => {
          walk.problems.push(fileProblem(name, unreadableMessage(error)));
        });
      }
    } else if (/\.ya?ml$/i.test(entry) && !entry.endsWith('.yaml')) {
      walk.problems.push(fileProblem(name, 'Rule files end in ".yaml": rename it.'));
    } else if (entry.endsWith('.yaml')) {
      if (stats.isFile()) {
        walk.files.push({ name, carrier: within.slice(0, -'.yaml'.length), bytes: stats.size });
      } else {
        walk.problems.push(fileProblem(name, 'It is not a regular file: put a text file here.'));
      }
    } else if (within !== 'schema.json' && !/\.md$/i.test(entry)) {
      walk.unread.push(fileProblem(name, 'It is not read: rule files end in ".yaml".'));
    }
  }
}

/**
 * Every rule file under a folder, in the order of their names; none is opened. `problems` are entries that should be
 * rule files and cannot be; `unread` are files that are no rule files.
 */
export async function findRuleFiles(folder: string): Promise<Omit<Walk, 'root'>> {
  const walk: Walk = { root: '', files: [], problems: [], unread: [] };
  try {
    walk.root = await realpath(folder);
    await visit(walk, folder, '', [walk.root]);
  } catch (error) {
    walk.problems.push(fileProblem(folder, unreadableMessage(error)));
    return walk;
  }
  if (walk.files.length === 0 && walk.problems.length === 0) {
    const message = 'There is no rule file in this folder: put one at <country>/<carrier>.yaml.';
    walk.problems.push(fileProblem(folder, message));
  }
  return walk;
}
