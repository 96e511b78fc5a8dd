/**
 * From a folder to checked rules: find, read, parse, check, compile. All problems of all files are reported together.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type CompiledRule, compileRule, RuleError } from '../retention/index.ts';
import { digestOfAll } from './digest.ts';
import { checkEffect } from './effect.ts';
import { findRuleFiles, type RuleFile } from './files.ts';
import { inspect } from './inspect.ts';
import { type Parsed, parseSource } from './parse.ts';
import { type Finding, type Problem, parsePath, type Report, sortProblems } from './problem.ts';
import { CarrierFile, type CarrierRule } from './schema.ts';
import { checkSemantics } from './semantics.ts';
import type { Shape } from './shape.ts';
import { readSource, type Source } from './source.ts';
import { validityOf } from './walk.ts';

export type BookedRule = { id: string; carrier: CarrierFile; rule: CarrierRule; compiled: CompiledRule };

/** Carriers by `gb/acme`, rules by `gb/acme/prepaid`; `digest` identifies what they contain, in hex. */
export type Rulebook = {
  carriers: ReadonlyMap<string, CarrierFile>;
  rules: ReadonlyMap<string, BookedRule>;
  digest: string;
  /** The SHA-256 of each carrier's file as it was read, in hex. */
  sources: ReadonlyMap<string, string>;
};

/** A file as it was read, and how to find positions in it. */
export type LoadedFile = {
  name: string;
  /** SHA-256 of its text, in hex; empty where there is none. */
  digest: string;
  /** It has not changed since the running rules were read, and was taken from them. */
  isReused: boolean;
  carrier: CarrierFile | null;
  rules: BookedRule[];
  problems: Problem[];
  locate: Parsed['locate'];
  evidenceUses: ReadonlyMap<string, number>;
};

function compileRules(carrier: CarrierFile, report: Report): BookedRule[] {
  return carrier.rules.flatMap((rule, index) => {
    const id = `${carrier.carrier}/${rule.id}`;
    const { time_zone, currency } = carrier;
    try {
      const compiled = compileRule({ id, time_zone, currency, versions: rule.versions });
      return [{ id, carrier, rule, compiled }];
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      for (const { path, message } of error.problems) {
        report(
          ['rules', index, ...parsePath(path)],
          `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
        );
      }
      return [];
    }
  });
}

const locateAtStart = () => ({ line: 1, column: 1 });

/**
 * A file taken from the running rules, which saves some milliseconds of parsing and compiling; null if its text
 * differs.
 */
function reuseRunning(file: RuleFile, digest: string, running: Rulebook): LoadedFile | null {
  const carrier = running.carriers.get(file.carrier);
  if (!carrier || running.sources.get(file.carrier) !== digest) return null;
  const rules = carrier.rules.flatMap(({ id }) => running.rules.get(`${carrier.carrier}/${id}`) ?? []);
  const { name } = file;
  const defaults = { problems: [], locate: locateAtStart, evidenceUses: new Map() };
  return { name, digest, isReused: true, carrier, rules, ...defaults };
}

/**
 * Checks one file, and yields to the event loop between its steps, each of which may take some milliseconds. Never
 * throws because of what the file contains.
 */
async function loadFile(file: RuleFile, source: Source, running: Rulebook | null): Promise<LoadedFile> {
  const { name } = file;
  const defaults = { name, digest: '', isReused: false, carrier: null, rules: [], evidenceUses: new Map() };
  if ('problem' in source) return { ...defaults, problems: [source.problem], locate: locateAtStart };
  const digest = hash('sha256', source.text);
  const reused = running && reuseRunning(file, digest, running);
  if (reused) return reused;
  const { value, problems: syntax, locate } = parseSource(source.text);
  const problems: Problem[] = syntax.map((problem) => ({ file: file.name, ...problem }));
  if (value === undefined) return { ...defaults, problems, locate };
  await setImmediate();
  const found: Finding[] = [];
  inspect(CarrierFile as Shape, value, [], found);
  const isValid = validityOf([...found]);
  // A copy, because `visitAll` changes its path in place.
  const report: Report = (path, message, at) => void found.push({ path: [...path], message, at });
  const evidenceUses = checkSemantics({ value, report, isValid }, file.carrier);
  await setImmediate();
  const isUsable = found.length === 0 && problems.length === 0;
  const carrier = isUsable ? (value as CarrierFile) : null;
  const rules = carrier ? compileRules(carrier, report) : [];
  if (carrier && rules.length === carrier.rules.length) checkEffect(report, carrier);
  for (const { path, at, message } of found) problems.push({ file: file.name, ...locate(path, at), message });
  return {
    name,
    digest,
    isReused: false,
    carrier: problems.length ? null : carrier,
    rules,
    problems,
    locate,
    evidenceUses,
  };
}

/** Texts by their path in the folder, `gb/acme.yaml`: each replaces the file there; null removes it. */
export type Overlay = ReadonlyMap<string, string | null>;

/** The files after the overlay, in the order of their names. */
function applyOverlay(files: readonly RuleFile[], folder: string, overlay: Overlay): RuleFile[] {
  const placeOf = ({ carrier }: RuleFile) => `${carrier}.yaml`;
  const added = [...overlay].flatMap(([place, text]) => {
    if (text === null) return [];
    const carrier = place.replace(/\.yaml$/, '');
    return [{ name: join(folder, place), carrier, bytes: Buffer.byteLength(text), text }];
  });
  const all = [...files.filter((file) => !overlay.has(placeOf(file))), ...added];
  return all.sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
}

/**
 * Loads and checks every file of a folder; `problems` and `unread` are entries of the folder that were not loaded.
 * Yields to the event loop between files. Files whose text has not changed since `running` was read are taken from
 * there.
 */
export async function loadFiles(
  folder: string,
  overlay: Overlay = new Map(),
  running: Rulebook | null = null,
): Promise<{ files: LoadedFile[]; problems: Problem[]; unread: Problem[] }> {
  const { files: found, problems, unread } = await findRuleFiles(folder);
  const files: LoadedFile[] = [];
  const all = applyOverlay(found, folder, overlay);
  const sources = await Promise.all(all.map(readSource));
  for (const [index, file] of all.entries()) {
    const loaded = await loadFile(file, sources[index] as Source, running);
    files.push(loaded);
    if (!loaded.isReused) await setImmediate();
  }
  return { files, problems, unread };
}

/** The rulebook of files without problems. */
export function rulebookOf(files: readonly LoadedFile[]): Rulebook {
  const carriers = new Map(
    files.flatMap(({ carrier }) => (carrier ? [[carrier.carrier, carrier] as const] : [])),
  );
  const rules = files.flatMap((file) => file.rules);
  const sources = new Map(
    files.flatMap(({ carrier, digest }) => (carrier ? [[carrier.carrier, digest] as const] : [])),
  );
  return {
    carriers,
    rules: new Map(rules.map((rule) => [rule.id, rule])),
    digest: digestOfAll(carriers),
    sources,
  };
}

/**
 * Loads the rules of a folder, `<country>/<carrier>.yaml`. If there are problems, which come in order of file and line,
 * the rulebook holds only the files that have none and must not be served from. Never throws because of what the files
 * contain.
 */
export async function loadRulebook(folder: string): Promise<{ rulebook: Rulebook; problems: Problem[] }> {
  const { files, problems } = await loadFiles(folder);
  return {
    rulebook: rulebookOf(files),
    problems: sortProblems([...problems, ...files.flatMap((file) => file.problems)]),
  };
}
