/**
 * The records file, the FILE of `timeline`, `plan`, `feed`, `import` and `rules diff --people`: people, their lines and
 * each line's records.
 */
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Problem, printProblem, type Rulebook } from '../../rulebook/index.ts';
import { sortProblems } from '../../rulebook/problem.ts';
import { Failure, UsageError } from '../command.ts';
import { countOf } from '../count.ts';
import { printable } from '../table.ts';
import { checkPeople, type Person } from './check.ts';
import { type Row, rowsOf } from './rows.ts';

export type { Person, PersonLine } from './check.ts';
export type { Row } from './rows.ts';

/** The description of the file in `--help`. */
export const FILE_HELP = `
FILE is YAML, or the same as JSON: people, their lines, and the records of each line, oldest first. "-" reads standard
input. A file may also hold one person, or one line by itself, or NDJSON as "keepline export" writes it.

  people:
    - name: Anna
      external_id: anna             # your own id; import needs one of each person and line
      locale: zh                    # en, ru or zh
      time_zone: Asia/Shanghai
      lines:
        - rule: ru/acme/prepaid     # "keepline rules check" lists the rules
          external_id: anna-codes
          label: Bank codes
          number: "+79001234567"    # optional; in quotes
          facts: { nationality: foreign }
          records:
            - { type: activity, at: 2026-03-01, kind: sms, direction: outgoing, charged: true }
            - { type: topup, at: 40 days ago, amount: 300 RUB }
            - { type: balance, at: { earliest: 2026-03-01, latest: today }, amount: 120.50 RUB }

A date is written as 2026-03-01, as a moment (2026-03-01T10:00:00Z), or as seen from today in the line's zone:
today, yesterday, 40 days ago, 3 months ago, in 10 days. Records are those of the API: activated, topup, activity,
purchase, plan_renewed, plan, balance, validity, identity, hold, opt_out, status, void.`;

/** @throws Failure listing all problems, and saying that nothing was done */
export function refuse(problems: readonly Problem[]): never {
  const count = countOf(problems.length, 'problem');
  throw new Failure(`${count}; nothing was done.\n${problems.map(printProblem).join('\n')}`);
}

/** @throws UsageError if the file cannot be read */
async function readInput(file: string, stdin: Readable): Promise<string> {
  try {
    return file === '-' ? await text(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

export function unreadable(file: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new UsageError(`There is no file ${file}: check its name and folder.`);
  if (code === 'EISDIR') return new UsageError(`${file} is a folder: name a file in it.`);
  return new UsageError(`${file} cannot be read (${code}): check its permissions.`);
}

/** The name of a file in messages. */
export const fileName = (file: string): string => (file === '-' ? 'stdin' : file);

type Reading = { now: Date; plans?: boolean };

/** The people of a text, and all problems in it; if there are any, the people must not be used. */
export function peopleIn(file: string, text: string, rulebook: Rulebook, { now, plans = false }: Reading) {
  const { rows, problems: unread } = rowsOf(file, text, rulebook, now);
  const { people, problems } = checkPeople(rows, { file, rulebook, now, plans });
  return { people, rows, problems: sortProblems([...unread, ...problems]) };
}

/**
 * The people of a file, with the rows they were made of.
 * @throws UsageError if the file cannot be read
 * @throws Failure listing all problems in it
 */
export async function readPeople(
  { file, stdin }: { file: string; stdin: Readable },
  rulebook: Rulebook,
  reading: Reading,
): Promise<{ people: Person[]; rows: Row[] }> {
  const { people, rows, problems } = peopleIn(
    fileName(file),
    await readInput(file, stdin),
    rulebook,
    reading,
  );
  if (problems.length > 0) refuse(problems);
  return { people, rows };
}

/**
 * People with only their lines of this external_id or label; without `wanted`, all. @throws UsageError if none match
 */
export function chooseLines(people: readonly Person[], wanted: string | undefined): readonly Person[] {
  if (wanted === undefined) return people;
  const chosen = people
    .map(({ user, lines }) => {
      const matching = lines.filter(({ line }) => line.external_id === wanted || line.label === wanted);
      return { user, lines: matching };
    })
    .filter(({ lines }) => lines.length > 0);
  if (chosen.length > 0) return chosen;
  const names = people
    .flatMap(({ lines }) => lines.map(({ line }) => line))
    .map(({ external_id, label }) =>
      external_id ? `${external_id} (${printable(label)})` : printable(label),
    )
    .join(', ');
  throw new UsageError(`There is no line "${wanted}" among these: ${names || 'none'}.`);
}

/** The people of this external_id or name; without `wanted`, all. @throws UsageError if none match */
export function choosePeople(people: readonly Person[], wanted: string | undefined): readonly Person[] {
  if (wanted === undefined) return people;
  const chosen = people.filter(({ user }) => user.external_id === wanted || user.name === wanted);
  if (chosen.length > 0) return chosen;
  const names = people
    .map(({ user: { external_id, name } }) => (external_id ? `${external_id} (${name})` : name))
    .join(', ');
  throw new UsageError(`There is no person "${wanted}" in the file: it holds ${names || 'nobody'}.`);
}
