/** `import`: a file's people into the database, by external_id; all or nothing for each person. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { FieldError } from '../../http/errors.ts';
import { importNdjson } from '../../http/import/index.ts';
import type { Tally } from '../../http/import/tally.ts';
import { type Problem, printProblem, type Rulebook } from '../../rulebook/index.ts';
import { type Call, type Command, JSON_OPTION } from '../command.ts';
import { openApp } from '../open.ts';
import { FILE_HELP, fileName, type Row, readPeople, refuse, unreadable } from '../people/index.ts';
import { type Progress, progressBar } from '../progress.ts';

const isNdjson = (file: string) => /\.(ndjson|jsonl)$/i.test(file);

/** What is read, and where an error in row `index` stands. */
type Source = {
  bytes: AsyncIterable<Uint8Array>;
  place: (index: number, pointer: string) => { line: number; column: number };
};

async function* watched(chunks: AsyncIterable<Uint8Array>, total: number, bar: Progress) {
  let done = 0;
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    bar.step(done, total);
  }
}

async function streamed(file: string, bar: Progress): Promise<Source> {
  const { size } = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const bytes = watched(createReadStream(file), size, bar);
  return { bytes, place: (index) => ({ line: index + 1, column: 1 }) };
}

/** An import brings up to date what is there: so what it brings must be known by an id of its own. */
function demandIds(file: string, rows: readonly Row[]): void {
  const problems = rows.flatMap(({ value, place }): Problem[] => {
    const row = value as { object: string; external_id?: string; id?: string };
    if (row.object === 'record' || row.external_id !== undefined || row.id !== undefined) return [];
    const what = row.object === 'user' ? 'person' : 'line';
    const message = `external_id is missing: give the ${what} one, so that importing twice makes no ${what} twice.`;
    return [{ file, ...place(''), message }];
  });
  if (problems.length > 0) refuse(problems);
}

async function* encoded(rows: readonly Row[], bar: Progress) {
  for (const [index, { value }] of rows.entries()) {
    yield Buffer.from(`${JSON.stringify(value)}\n`);
    bar.step(index + 1, rows.length);
  }
}

async function whole(call: Call, file: string, rulebook: Rulebook, bar: Progress): Promise<Source> {
  const { rows } = await readPeople({ file, stdin: call.stdin }, rulebook, { now: call.now() });
  demandIds(fileName(file), rows);
  const place: Source['place'] = (index, pointer) => rows[index]?.place(pointer) ?? { line: 1, column: 1 };
  return { bytes: encoded(rows, bar), place };
}

/** The API names a row by the first step of the pointer, and again in the sentence. */
function problemOf(file: string, source: Source, { pointer, detail, mend }: FieldError): Problem {
  const [, index = '0', ...steps] = pointer.split('/');
  const at = source.place(Number(index), steps.map((step) => `/${step}`).join(''));
  const field = steps.length > 0 ? `${steps.join('.')}: ` : '';
  return { file, ...at, message: `${field}${detail.replace(/^Line \d+: /, '')} ${mend}` };
}

const counts = (tally: Tally) =>
  (['users', 'lines', 'payments', 'records', 'proofs', 'feeds'] as const)
    .filter((kind) => kind in { users: 1, lines: 1, records: 1 } || Object.values(tally[kind]).some(Boolean))
    .map((kind) => {
      const { made, changed, unchanged } = tally[kind];
      return `${kind === 'users' ? 'people' : kind}: ${made} new, ${changed} changed, ${unchanged} as they were`;
    })
    .join('\n');

export const importCommand: Command = {
  name: 'import',
  takes: 'FILE',
  summary: 'Bring a file’s people, lines and records into the database.',
  help: `
Brings FILE into the database of DATABASE_URL; a service on the same database shows it at once. What is there already
is known by its external_id and brought up to date, so that importing twice does no harm. All or nothing for each
person: where something is wrong, it is told, and that person stays as they were. Records are never changed: a mistake
is taken back with a record of the type void, which names the other's external_id.
${FILE_HELP}

NDJSON (.ndjson, .jsonl) is streamed, so that it may be of any size.`,
  examples: [
    'keepline import examples/records.yaml',
    'keepline export > all.ndjson && keepline import all.ndjson',
  ],
  options: { json: JSON_OPTION },
  async run(call) {
    const [file = ''] = call.positionals;
    const { app, close } = await openApp(call);
    const bar = progressBar(call, `of ${fileName(file)}`);
    try {
      const source = isNdjson(file) ? await streamed(file, bar) : await whole(call, file, app.rulebook, bar);
      const { imported, errors } = await importNdjson(app, null, Readable.from(source.bytes));
      bar.end();
      const problems = errors.map((error) => problemOf(fileName(file), source, error));
      if (call.flag('json')) call.print(JSON.stringify({ ...imported, problems }, null, 2));
      else call.print(counts(imported));
      if (!call.flag('json')) for (const problem of problems) call.complain(printProblem(problem));
      return problems.length > 0 ? 1 : 0;
    } finally {
      await close();
    }
  },
};
