/**
 * Parses YAML into plain values, with the position of each. Stricter than YAML: no tags, no directives, one document,
 * texts as keys, few aliases, so that what a reader sees is what the program reads. The nodes are read here and not
 * with `toJS()`, because that, like the parser's own search for duplicate keys, takes minutes over a file made to be
 * slow.
 */
import { type Alias, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Path } from './problem.ts';

export type Parsed = {
  value: unknown;
  problems: { line: number; column: number; message: string }[];
  /**
   * The position of the value at a path or, with `at`, of its key; if the path does not exist, that of its nearest
   * parent.
   */
  locate: (path: Path, at?: 'key') => { line: number; column: number };
};

type Place = { value: number; key?: number; inside?: Map<string | number, Place> };
type Reader = {
  anchors: Map<string, Node>;
  openNodes: Set<Node>;
  /** How many aliases are being read within each other, and how many values aliases have repeated so far. */
  aliasDepth: number;
  repeatedCount: number;
  report: (offset: number, message: string) => void;
};

const MAX_DEPTH = 40;
const MAX_REPEATED = 10_000;
const MAX_SYNTAX_ERRORS = 20;

const syntaxMessages: Record<string, string> = {
  BAD_INDENT: 'The indentation does not fit what stands above: indent by the same spaces as its neighbours.',
  TAB_AS_INDENT: 'This line is indented with a tab: use spaces.',
  RESOURCE_EXHAUSTION: 'This is nested too deeply to be read.',
  MULTIPLE_DOCS: 'A second document begins here: a file holds one, without "---" between.',
  MISSING_CHAR: 'A quote, bracket or colon is missing here, or before.',
  BLOCK_AS_IMPLICIT_KEY: 'A second "key: value" stands on this line: quote the text if it contains a colon.',
};

// Invisible characters, and bidirectional overrides: they make a text look different from what it is.
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u;

const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;

function readAlias(reader: Reader, alias: Alias, depth: number): [unknown, Place] {
  const here = { value: offsetOf(alias) };
  const node = reader.anchors.get(alias.source);
  if (!node || offsetOf(node) > here.value) {
    reader.report(here.value, `Nothing above is marked "&${alias.source}": write the value itself.`);
    return [null, here];
  }
  if (reader.openNodes.has(node)) {
    reader.report(here.value, `"*${alias.source}" stands inside what it repeats: write the value itself.`);
    return [null, here];
  }
  reader.aliasDepth += 1;
  const [value, place] = read(reader, node, depth);
  reader.aliasDepth -= 1;
  return [value, { ...place, value: here.value }];
}

function read(reader: Reader, node: unknown, depth: number): [unknown, Place] {
  const place: Place = { value: offsetOf(node) };
  if (reader.aliasDepth > 0 && ++reader.repeatedCount > MAX_REPEATED) {
    if (reader.repeatedCount === MAX_REPEATED + 1) {
      reader.report(place.value, 'Repeated with "*" this grows too large: write the values themselves.');
    }
    return [null, place];
  }
  if (depth > MAX_DEPTH) {
    reader.report(place.value, `This is nested deeper than ${MAX_DEPTH} levels; no rule file needs that.`);
    return [null, place];
  }
  if (isAlias(node)) return readAlias(reader, node, depth);
  const { anchor, tag } = (node ?? {}) as { anchor?: string; tag?: string };
  if (anchor) reader.anchors.set(anchor, node as Node);
  if (tag)
    reader.report(place.value, 'Tags such as "!!str" are not used here: put a text in quotes instead.');
  if (isMap(node)) return [readMap(reader, node, place, depth), place];
  if (isSeq(node)) {
    reader.openNodes.add(node);
    const inside = new Map<string | number, Place>();
    place.inside = inside;
    const values = node.items.map((item, index) => {
      const [value, where] = read(reader, item, depth + 1);
      inside.set(index, where);
      return value;
    });
    reader.openNodes.delete(node);
    return [values, place];
  }
  const value = isScalar(node) ? node.value : null;
  if (isScalar(node) && node.type === 'PLAIN' && /^[^\s#]/.test(node.comment ?? '')) {
    reader.report(
      place.value,
      'After a space "#" begins a comment, and cuts this text short: put it in quotes.',
    );
  }
  if (typeof value === 'string' && INVISIBLE.test(value)) {
    reader.report(place.value, 'There is a character here that cannot be seen: remove it.');
  }
  return [value, place];
}

function readMap(reader: Reader, node: Node & { items: unknown[] }, place: Place, depth: number): object {
  reader.openNodes.add(node);
  const inside = new Map<string | number, Place>();
  place.inside = inside;
  const entries: [string, unknown][] = [];
  for (const pair of node.items as { key: unknown; value: unknown }[]) {
    const key = offsetOf(pair.key);
    if (!isScalar(pair.key) || pair.key.value === null || pair.key.tag || pair.key.anchor) {
      reader.report(key || place.value, 'A key must be a plain word or text.');
      continue;
    }
    const name = String(pair.key.value);
    if (INVISIBLE.test(name)) reader.report(key, 'There is a character here that cannot be seen: remove it.');
    if (inside.has(name)) {
      reader.report(key, `"${name}" is written twice in the same place: keep one.`);
      continue;
    }
    const [value, where] = read(reader, pair.value, depth + 1);
    inside.set(name, { ...where, value: where.value || key, key });
    entries.push([name, value]);
  }
  reader.openNodes.delete(node);
  // Unlike an assignment, this makes even `__proto__` a key like any other.
  return Object.fromEntries(entries);
}

/** Parses the text of one rule file. Never throws: whatever is wrong is among the problems. */
export function parseSource(text: string): Parsed {
  const lines = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems: Parsed['problems'] = [];
  const report = (offset: number, message: string) => problems.push({ ...position(offset), message });
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const exhausted = document.errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  for (const error of exhausted ? [exhausted] : document.errors.slice(0, MAX_SYNTAX_ERRORS)) {
    report(error.pos[0], syntaxMessages[error.code] ?? `This is not YAML: ${error.message.split('\n')[0]}.`);
  }
  if (document.directives?.yaml.explicit || Object.keys(document.directives?.tags ?? {}).length > 1) {
    report(0, 'Lines that begin with "%" are not used here: remove them.');
  }
  if (problems.length > 0) return { value: undefined, problems, locate: () => position(0) };
  const reader: Reader = {
    anchors: new Map(),
    openNodes: new Set(),
    aliasDepth: 0,
    repeatedCount: 0,
    report,
  };
  const [value, root] = read(reader, document.contents, 0);
  return {
    value,
    problems,
    locate: (path, at) => {
      let place = root;
      let found = 0;
      for (const step of path) {
        const next = place.inside?.get(step);
        if (!next) break;
        place = next;
        found += 1;
      }
      const wantsKey = at === 'key' || found < path.length;
      return position(wantsKey ? (place.key ?? place.value) : place.value);
    },
  };
}
