/** Parses the words typed into a command and its arguments. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { closestMatches } from '../lib/spelling.ts';
import { type Command, UsageError } from './command.ts';

type Parsed = { values: Record<string, string | boolean | undefined>; positionals: string[] };

/** The command that the first one or two words name, and the rest of the words; null if there is none. */
export function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): { command: Command; rest: string[] } | null {
  for (const length of [2, 1]) {
    const command = commands.find(({ name }) => name === words.slice(0, length).join(' '));
    if (command) return { command, rest: words.slice(length) };
  }
  return null;
}

/** @throws UsageError with the commands that may have been meant */
export function refuseUnknown(commands: readonly Command[], words: readonly string[]): never {
  const [first = '', second] = words;
  const group = commands.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (group.length > 0) {
    const wrong =
      second === undefined ? `"${first}" needs one more word` : `There is no "${first} ${second}"`;
    throw new UsageError(`${wrong}: write ${group.map((name) => `keepline ${name}`).join(' or ')}.`);
  }
  const meant = closestMatches(first, [...new Set(commands.map(({ name }) => name.split(' ')[0] as string))]);
  const hint = meant.length > 0 ? `Did you mean "${meant[0]}"? ` : '';
  throw new UsageError(
    `There is no command "${first.slice(0, 60)}". ${hint}"keepline --help" lists all commands.`,
  );
}

function checkPositionals({ name, takes }: Command, positionals: readonly string[]): void {
  const all = takes.split(' ').filter(Boolean);
  const needed = all.filter((word) => !word.startsWith('['));
  const usage = `keepline ${name}${takes ? ` ${takes}` : ''}`;
  const missing = needed[positionals.length];
  if (missing) throw new UsageError(`${missing} is missing: write it as "${usage}".`);
  const extra = positionals[all.length];
  if (extra !== undefined) {
    throw new UsageError(`"${extra.slice(0, 60)}" is one argument too many: write it as "${usage}".`);
  }
}

function optionError(error: Error & { code?: string }, command: Command): UsageError {
  const see = `"keepline ${command.name} --help" lists its options.`;
  const option = /'(--?[^'\s=]+)/.exec(error.message)?.[1] ?? '';
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const known = Object.keys(command.options);
    const meant = closestMatches(option.replace(/^-+/, ''), known)[0];
    const hint = meant ? `did you mean --${meant}? ` : '';
    return new UsageError(`There is no option ${option.slice(0, 60)} here: ${hint}${see}`);
  }
  const long = /--([a-z-]+)/.exec(error.message)?.[1] ?? '';
  const spec = command.options[long];
  if (spec?.type === 'string') {
    return new UsageError(`--${long} needs a value: write it as "--${long} ${spec.value}".`);
  }
  return new UsageError(`--${long} takes no value: ${see}`);
}

/** @throws UsageError */
export function parseArguments(command: Command, rest: readonly string[]): Parsed {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type, short }] of Object.entries(command.options)) {
    options[name] = short ? { type, short } : { type };
  }
  let parsed: Parsed;
  try {
    const { values, positionals } = parseArgs({ args: [...rest], options, allowPositionals: true });
    parsed = { values: values as Parsed['values'], positionals };
  } catch (error) {
    throw optionError(error as Error & { code?: string }, command);
  }
  if (!parsed.values.help) checkPositionals(command, parsed.positionals);
  return parsed;
}
