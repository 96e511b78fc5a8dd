/**
 * Reads a file into rows: a document (YAML, or the same as JSON) of people, their lines and records, or NDJSON as
 * `POST /v1/import` takes it. Each row knows the place of each of its fields in the file.
 */
import { isObject } from '../../lib/is-object.ts';
import { isTimeZone } from '../../lib/time-zone.ts';
import { dateInZone } from '../../retention/zone.ts';
import type { Rulebook } from '../../rulebook/index.ts';
import { parseSource } from '../../rulebook/parse.ts';
import type { Path, Problem } from '../../rulebook/problem.ts';
import { expandMoney, expandRecord } from './shorthand.ts';

type Group = Record<string, unknown>;

/** One row of an import, not yet checked. `place` gives the position of a JSON pointer into it. */
export type Row = {
  value: unknown;
  place: (pointer: string) => { line: number; column: number };
  /** For a line of a document, which may have no external_id: the name by which its records refer to it. */
  key?: string;
  /** For a row of a document: which other fields are allowed beside its own there. */
  beside?: string[];
};
type Rows = { rows: Row[]; problems: Problem[] };

/** Longer documents take too long to parse as YAML; NDJSON is streamed. */
const MAX_CHARACTERS = 2_000_000;

const isNdjson = (name: string, text: string) =>
  /\.(ndjson|jsonl)$/i.test(name) || /^\s*\{[^\n]*"object"\s*:[^\n]*\}\s*(\n|$)/.test(text);

const stepsOf = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));

function ndjsonRows(file: string, text: string): Rows {
  const rows: Row[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const here = { line: index + 1, column: 1 };
    try {
      rows.push({ value: JSON.parse(line), place: () => here });
    } catch {
      problems.push({ file, ...here, message: 'This line is not one JSON object.' });
    }
  }
  return { rows, problems };
}

type Document = {
  rulebook: Rulebook;
  now: Date;
  locate: (path: Path) => { line: number; column: number };
  say: (path: Path, message: string) => void;
  rows: Row[];
};

const addRow = (
  { rows, locate }: Document,
  value: Group,
  path: Path,
  { key, beside = [] }: Pick<Row, 'key' | 'beside'> = {},
) => void rows.push({ value, place: (pointer) => locate([...path, ...stepsOf(pointer)]), key, beside });

/** The objects of a list with their paths; other items are reported as problems. */
function groupsIn(document: Document, value: unknown, path: Path, what: string): [Group, Path][] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    document.say(path, `This must be a list of ${what}: begin each with "- ".`);
    return [];
  }
  return value.flatMap((item, index): [Group, Path][] => {
    if (isObject(item)) return [[item, [...path, index]]];
    document.say([...path, index], `This must be one of the ${what}, written as "key: value".`);
    return [];
  });
}

/** Today in the line's zone, or else its carrier's. UTC if neither is valid, which other checks report. */
function todayAt({ rulebook, now }: Document, line: Group): string {
  const own = typeof line.time_zone === 'string' && isTimeZone(line.time_zone) ? line.time_zone : null;
  const zone = own ?? rulebook.rules.get(String(line.rule))?.carrier.time_zone ?? 'UTC';
  return dateInZone(now, zone);
}

function addLine(document: Document, given: Group, path: Path): void {
  const { records, ...line } = given;
  const name = typeof line.external_id === 'string' ? line.external_id : `line ${document.rows.length}`;
  const priced = 'plan_price' in line ? { plan_price: expandMoney(line.plan_price) } : {};
  addRow(document, { ...line, ...priced, object: 'line' }, path, { key: name, beside: ['records'] });
  const today = todayAt(document, line);
  for (const [record, place] of groupsIn(document, records, [...path, 'records'], 'records')) {
    addRow(document, { ...expandRecord(record, today), object: 'record', line: name }, place);
  }
}

function addPerson(document: Document, given: Group, path: Path): void {
  const { lines, ...person } = given;
  addRow(document, { ...person, object: 'user' }, path, { beside: ['lines'] });
  for (const [line, place] of groupsIn(document, lines, [...path, 'lines'], 'lines')) {
    addLine(document, line, place);
  }
}

/** A single line: adds an unnamed person in the line's zone for it. */
function addLineAlone(document: Document, line: Group): void {
  const zone = line.time_zone ?? document.rulebook.rules.get(String(line.rule))?.carrier.time_zone ?? 'UTC';
  const person = { object: 'user', name: 'Me', locale: 'en', time_zone: zone };
  addRow(document, person, []);
  addLine(document, { label: 'My number', ...line }, []);
}

function addDocument(document: Document, value: unknown): void {
  if (isObject(value) && 'rule' in value) {
    addLineAlone(document, value);
    return;
  }
  if (isObject(value) && 'lines' in value) {
    addPerson(document, value, []);
    return;
  }
  if (isObject(value) ? !('people' in value) : !Array.isArray(value)) {
    document.say([], 'Nobody is in it: begin with "people:", and under it "- name: …" for each.');
    return;
  }
  const [list, path]: [unknown, Path] = isObject(value) ? [value.people, ['people']] : [value, []];
  for (const key of isObject(value) ? Object.keys(value) : []) {
    if (key !== 'people') document.say([key], `There is no "${key}" here: a file holds "people".`);
  }
  for (const [person, place] of groupsIn(document, list, path, 'people')) addPerson(document, person, place);
}

/** The rows of a text; `file` is its name in problems, `now` what dates such as `40 days ago` are relative to. */
export function rowsOf(file: string, given: string, rulebook: Rulebook, now: Date): Rows {
  const text = given.replace(/^\uFEFF/, '');
  if (isNdjson(file, text)) return ndjsonRows(file, text);
  const problems: Problem[] = [];
  if (text.length > MAX_CHARACTERS) {
    const message = 'It is too long to be read at once: write it as NDJSON, which "keepline import" streams.';
    return { rows: [], problems: [{ file, line: 1, column: 1, message }] };
  }
  const { value, locate, problems: syntax } = parseSource(text);
  problems.push(...syntax.map((problem) => ({ file, ...problem })));
  if (value === undefined) return { rows: [], problems };
  const say = (path: Path, message: string) => void problems.push({ file, ...locate(path), message });
  const document: Document = { rulebook, now, locate, say, rows: [] };
  addDocument(document, value);
  if (problems.length === 0 && document.rows.length === 0) say([], 'Nobody is in it.');
  return { rows: document.rows, problems };
}
