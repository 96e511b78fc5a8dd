/** `import`: brings a file's people into the database, matched by external_id; all or nothing for each person. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { importNdjson } from '../../imports/index.ts';
import { importSheet } from '../../imports/sheets/index.ts';
import { type Problem, printProblem, type Rulebook } from '../../rulebook/index.ts';
import type { App } from '../../service/context.ts';
import { KINDS, type Tally } from '../../service/import/tally.ts';
import { type FieldError, Refusal } from '../../service/refusal.ts';
import { type Call, type Command, Failure, JSON_OPTION, UsageError } from '../command.ts';
import { findUser } from '../find-user.ts';
import { terminalMend } from '../mend.ts';
import { withApp } from '../open.ts';
import { FILE_HELP, fileName, type Row, readPeople, refuse, unreadable } from '../people/index.ts';
import { type Progress, progressBar } from '../progress.ts';
import { choiceOf } from '../values.ts';

const isSheet = (file: string) => /\.(csv|tsv)$/i.test(file);

/** Imports a sheet for one person row by row: rows with errors are reported, the others are imported. */
async function importSheetFile(call: Call, file: string, app: App): Promise<number> {
  const [name, kind] = [call.text('user'), choiceOf(call, 'sheet', ['lines', 'topups'])];
  if (name === undefined || !kind) {
    throw new UsageError('a sheet needs --user (an id or external_id) and --sheet lines or --sheet topups.');
  }
  const user = await findUser(app.store, name);
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const decimal = choiceOf(call, 'decimal', ['point', 'comma']);
  const options = {
    sheet: kind,
    dates: choiceOf(call, 'dates', ['iso', 'dmy', 'mdy']) ?? ('iso' as const),
    ...(decimal ? { decimal } : {}),
    dry_run: call.flag('dry-run'),
  };
  const { errors, ...counted } = await importSheet(app, user.id, bytes, options).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    throw new Failure(
      error.errors.map(({ detail, mend }) => `${fileName(file)}: ${detail} ${terminalMend(mend)}`).join('\n'),
    );
  });
  const result = {
    ...counted,
    errors: errors.map((error) => ({ ...error, mend: terminalMend(error.mend) })),
  };
  if (call.flag('json')) call.print(JSON.stringify(result, null, 2));
  else {
    const would = result.dry_run ? 'would be ' : '';
    call.print(
      `${result.rows} rows: ${result.made} ${would}new, ${result.changed} ${would}changed, ${result.unchanged} as they were, ${result.refused} refused`,
    );
    for (const { row, column, detail, mend } of result.errors) {
      call.complain(`${fileName(file)}:${row}: ${column ? `${column}: ` : ''}${detail} ${mend}`);
    }
  }
  return result.refused > 0 ? 1 : 0;
}

const isNdjson = (file: string) => /\.(ndjson|jsonl)$/i.test(file);

/** The rows as NDJSON bytes, and the place in the file of an error in row `index`. */
type Source = {
  bytes: AsyncIterable<Uint8Array>;
  place: (index: number, pointer: string) => { line: number; column: number };
};

async function* withProgress(chunks: AsyncIterable<Uint8Array>, total: number, bar: Progress) {
  let done = 0;
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    bar.step(done, total);
  }
}

async function openFile(file: string): Promise<{ handle: FileHandle; size: number }> {
  try {
    const handle = await open(file);
    const found = await handle.stat();
    if (!found.isDirectory()) return { handle, size: found.size };
    await handle.close();
  } catch (error) {
    throw unreadable(file, error);
  }
  throw unreadable(file, Object.assign(new Error('It is a folder.'), { code: 'EISDIR' }));
}

async function ndjsonSource(file: string, bar: Progress): Promise<Source> {
  const { handle, size } = await openFile(file);
  const bytes = withProgress(handle.createReadStream(), size, bar);
  return { bytes, place: (index) => ({ line: index + 1, column: 1 }) };
}

/** An import updates what exists, so every person and line must have an id to be matched by. @throws Failure */
function requireIds(file: string, rows: readonly Row[]): void {
  const problems = rows.flatMap(({ value, place }): Problem[] => {
    const row = value as { object: string; external_id?: string; id?: string };
    if (row.object === 'record' || row.external_id !== undefined || row.id !== undefined) return [];
    const what = row.object === 'user' ? 'person' : 'line';
    const message = `external_id is missing: give the ${what} one, so that importing twice makes no ${what} twice.`;
    return [{ file, ...place(''), message }];
  });
  if (problems.length > 0) refuse(problems);
}

async function* encodeRows(rows: readonly Row[], bar: Progress) {
  for (const [index, { value }] of rows.entries()) {
    yield Buffer.from(`${JSON.stringify(value)}\n`);
    bar.step(index + 1, rows.length);
  }
}

async function documentSource(call: Call, file: string, rulebook: Rulebook, bar: Progress): Promise<Source> {
  const { rows } = await readPeople({ file, stdin: call.stdin }, rulebook, { now: call.now() });
  requireIds(fileName(file), rows);
  const place: Source['place'] = (index, pointer) => rows[index]?.place(pointer) ?? { line: 1, column: 1 };
  return { bytes: encodeRows(rows, bar), place };
}

/** The place and message of an import error: the row is the first step of its pointer, and is cut from its sentence. */
function problemOf(file: string, source: Source, { pointer, detail, mend }: FieldError): Problem {
  const [, index = '0', ...steps] = pointer.split('/');
  const at = source.place(Number(index), steps.map((step) => `/${step}`).join(''));
  const field = steps.length > 0 ? `${steps.join('.')}: ` : '';
  return { file, ...at, message: `${field}${detail.replace(/^Line \d+: /, '')} ${terminalMend(mend)}` };
}

const countsText = (tally: Tally) =>
  KINDS.filter(
    (kind) => kind in { users: 1, lines: 1, records: 1 } || Object.values(tally[kind]).some(Boolean),
  )
    .map((kind) => {
      const { made, changed, unchanged } = tally[kind];
      return `${kind === 'users' ? 'people' : kind}: ${made} new, ${changed} changed, ${unchanged} as they were`;
    })
    .join('\n');

/** Imports a file of people, each of them all or nothing. */
async function importRows(call: Call, file: string, app: App): Promise<number> {
  const bar = progressBar(call, `of ${fileName(file)}`);
  const source = isNdjson(file)
    ? await ndjsonSource(file, bar)
    : await documentSource(call, file, app.rulebook, bar);
  const { imported, errors } = await importNdjson(app, null, Readable.from(source.bytes), {
    dryRun: call.flag('dry-run'),
  });
  bar.end();
  const problems = errors.map((error) => problemOf(fileName(file), source, error));
  if (call.flag('json')) call.print(JSON.stringify({ ...imported, problems }, null, 2));
  else call.print(countsText(imported));
  if (!call.flag('json')) for (const problem of problems) call.complain(printProblem(problem));
  return problems.length > 0 ? 1 : 0;
}

export const importCommand: Command = {
  name: 'import',
  takes: 'FILE',
  summary: 'Import a file’s people, lines and records into the database.',
  help: `
Imports FILE into the database of DATABASE_URL; a service on the same database shows it at
once. What exists already is recognised by its external_id and updated, so that importing
twice does no harm. Each person is imported as a whole, proofs included, or not at all: if
something is wrong, it is reported, and that person stays as they were. Records are never
changed: a mistake is withdrawn with a record of the type void, which names the other's
external_id.
${FILE_HELP}

NDJSON (.ndjson, .jsonl) is streamed, so that it may be of any size. A sheet (.csv, .tsv)
has lines or top-ups of one person: its first row names the columns; a wrong row is reported
with its number, and the others are imported.`,
  examples: [
    'keepline import examples/records.yaml',
    'keepline import topups.csv --user anna --sheet topups --dates dmy --dry-run',
    'keepline export > all.ndjson && keepline import all.ndjson',
  ],
  options: {
    'dry-run': { type: 'boolean', text: 'Report what would be done, and store nothing.' },
    user: { type: 'string', value: 'USER', text: 'For a sheet: its person, by id or external_id.' },
    sheet: { type: 'string', value: 'KIND', text: 'For a sheet: lines or topups.' },
    dates: { type: 'string', value: 'ORDER', text: 'For a sheet: iso (2026-02-01), dmy or mdy.' },
    decimal: { type: 'string', value: 'MARK', text: 'For a sheet: point or comma.' },
    json: JSON_OPTION,
  },
  async run(call) {
    const [file = ''] = call.positionals;
    for (const name of isSheet(file) ? [] : ['user', 'sheet', 'dates', 'decimal']) {
      if (call.text(name) === undefined) continue;
      throw new UsageError(
        `--${name} is for sheets (.csv, .tsv): an export says itself whose it is. Leave it out.`,
      );
    }
    return withApp(call, (app) =>
      isSheet(file) ? importSheetFile(call, file, app) : importRows(call, file, app),
    );
  },
};
