/** From a folder to checked rules: find, read, parse, check, compile. Every problem of every file is told at once. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type CompiledRule, compileRule, RuleError } from '../retention/index.ts';
import { digestOfAll } from './digest.ts';
import { checkEffect } from './effect.ts';
import { findRuleFiles, type RuleFile } from './files.ts';
import { inspect } from './inspect.ts';
import { type Parsed, parseSource } from './parse.ts';
import { type Finding, inOrder, type Problem, type Say, stepsOf } from './problem.ts';
import { CarrierFile, type CarrierRule } from './schema.ts';
import { checkSense } from './sense.ts';
import type { Shape } from './shape.ts';
import { readSource, type Source } from './source.ts';
import { soundAmong } from './walk.ts';

export type BookedRule = { id: string; carrier: CarrierFile; rule: CarrierRule; compiled: CompiledRule };

/** Carriers by `gb/acme`, rules by `gb/acme/prepaid`; `digest` names what they say, in hex. */
export type Rulebook = {
  carriers: ReadonlyMap<string, CarrierFile>;
  rules: ReadonlyMap<string, BookedRule>;
  digest: string;
  /** The SHA-256 of each carrier's file as it was read, in hex. */
  sources: ReadonlyMap<string, string>;
};

/** A file as it was read, and how to point into it. */
export type LoadedFile = {
  name: string;
  /** SHA-256 of its text, in hex; empty where there is none. */
  digest: string;
  /** It stands in the rules that run as it is here, and was not read again. */
  isRunning: boolean;
  carrier: CarrierFile | null;
  rules: BookedRule[];
  problems: Problem[];
  locate: Parsed['locate'];
  evidenceUses: ReadonlyMap<string, number>;
};

function compileRules(carrier: CarrierFile, say: Say): BookedRule[] {
  return carrier.rules.flatMap((rule, index) => {
    const id = `${carrier.carrier}/${rule.id}`;
    const { time_zone, currency } = carrier;
    try {
      const compiled = compileRule({ id, time_zone, currency, versions: rule.versions });
      return [{ id, carrier, rule, compiled }];
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      for (const { path, message } of error.problems) {
        say(['rules', index, ...stepsOf(path)], `${message.charAt(0).toUpperCase()}${message.slice(1)}.`);
      }
      return [];
    }
  });
}

const AT_THE_TOP = () => ({ line: 1, column: 1 });

/** A file whose text is that of a carrier that runs already: to parse and to compile it takes some milliseconds. */
function runningFile(file: RuleFile, digest: string, running: Rulebook): LoadedFile | null {
  const carrier = running.carriers.get(file.carrier);
  if (!carrier || running.sources.get(file.carrier) !== digest) return null;
  const rules = carrier.rules.flatMap(({ id }) => running.rules.get(`${carrier.carrier}/${id}`) ?? []);
  const { name } = file;
  const nothing = { problems: [], locate: AT_THE_TOP, evidenceUses: new Map() };
  return { name, digest, isRunning: true, carrier, rules, ...nothing };
}

/**
 * Checks one file, and lets whoever else waits have a turn between its steps, each of which may take some milliseconds.
 * Throws nothing that its content could cause.
 */
async function loadFile(file: RuleFile, source: Source, running: Rulebook | null): Promise<LoadedFile> {
  const { name } = file;
  const nothing = { name, digest: '', isRunning: false, carrier: null, rules: [], evidenceUses: new Map() };
  if ('problem' in source) return { ...nothing, problems: [source.problem], locate: AT_THE_TOP };
  const digest = hash('sha256', source.text);
  const known = running && runningFile(file, digest, running);
  if (known) return known;
  const { value, problems: syntax, locate } = parseSource(source.text);
  const problems: Problem[] = syntax.map((problem) => ({ file: file.name, ...problem }));
  if (value === undefined) return { ...nothing, problems, locate };
  await setImmediate();
  const found: Finding[] = [];
  inspect(CarrierFile as Shape, value, [], found);
  const sound = soundAmong([...found]);
  // A copy, for whoever walks through the file walks on.
  const say: Say = (path, message, at) => void found.push({ path: [...path], message, at });
  const evidenceUses = checkSense({ value, say, sound }, file.carrier);
  await setImmediate();
  const usable = found.length === 0 && problems.length === 0;
  const carrier = usable ? (value as CarrierFile) : null;
  const rules = carrier ? compileRules(carrier, say) : [];
  if (carrier && rules.length === carrier.rules.length) checkEffect(say, carrier);
  for (const { path, at, message } of found) problems.push({ file: file.name, ...locate(path, at), message });
  return {
    name,
    digest,
    isRunning: false,
    carrier: problems.length ? null : carrier,
    rules,
    problems,
    locate,
    evidenceUses,
  };
}

/** Texts by their place in the folder, `gb/acme.yaml`: what stands there instead of what is there; null, nothing. */
export type Overlay = ReadonlyMap<string, string | null>;

/** The files with others laid over them, in the order of their names. */
function overlaid(files: readonly RuleFile[], folder: string, overlay: Overlay): RuleFile[] {
  const placeOf = ({ carrier }: RuleFile) => `${carrier}.yaml`;
  const laid = [...overlay].flatMap(([place, text]) => {
    if (text === null) return [];
    const carrier = place.replace(/\.yaml$/, '');
    return [{ name: join(folder, place), carrier, bytes: Buffer.byteLength(text), text }];
  });
  const all = [...files.filter((file) => !overlay.has(placeOf(file))), ...laid];
  return all.sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
}

/**
 * Every file of a folder, checked, beside what stands in it and cannot be read as one. Between two files whoever else
 * waits has a turn. Files whose text has not changed since `running` was read are taken from there.
 */
export async function loadFiles(
  folder: string,
  overlay: Overlay = new Map(),
  running: Rulebook | null = null,
): Promise<{ files: LoadedFile[]; problems: Problem[]; unread: Problem[] }> {
  const { files: found, problems, unread } = await findRuleFiles(folder);
  const files: LoadedFile[] = [];
  const all = overlaid(found, folder, overlay);
  const sources = await Promise.all(all.map(readSource));
  for (const [index, file] of all.entries()) {
    const loaded = await loadFile(file, sources[index] as Source, running);
    files.push(loaded);
    if (!loaded.isRunning) await setImmediate();
  }
  return { files, problems, unread };
}

/** The rulebook of files without problems. */
export function bookOf(files: readonly LoadedFile[]): Rulebook {
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
 * Loads the rules of a folder, `<country>/<carrier>.yaml`. Where there are problems, in order of file and line, the
 * rulebook holds only the files that have none and must not be served from. Never throws for what the files hold.
 */
export async function loadRulebook(folder: string): Promise<{ rulebook: Rulebook; problems: Problem[] }> {
  const { files, problems } = await loadFiles(folder);
  return {
    rulebook: bookOf(files),
    problems: inOrder([...problems, ...files.flatMap((file) => file.problems)]),
  };
}
