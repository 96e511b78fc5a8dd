/**
 * The command line without its process: arguments, three streams and the environment in, an exit code out. Commands use
 * no clock, `process` or signals other than those passed to them.
 */
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config.ts';
import { failureText, isActionable } from '../failure.ts';
import { ProofsError } from '../proofs/index.ts';
import { findCommand, parseArguments, refuseUnknown } from './arguments.ts';
import {
  type Call,
  type Command,
  type CommandContext,
  type Environment,
  Failure,
  type Streams,
  UsageError,
} from './command.ts';
import { commands } from './commands.ts';
import { commandHelp, generalHelp } from './help.ts';

const DEFAULT_CONTEXT: CommandContext = {
  now: () => new Date(),
  untilStopped: () => new Promise(() => {}),
  untilAlone: () => new Promise(() => {}),
  onHangUp: () => () => {},
};

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function dispatch(
  words: readonly string[],
  streams: Streams,
  env: Environment,
  context: CommandContext,
): Promise<number> {
  const print = (line = '') => void streams.stdout.write(`${line}\n`);
  const [first] = words;
  if (first === undefined) {
    streams.stderr.write(generalHelp(commands));
    return 2;
  }
  if (first === '--version' || first === '-v') {
    print(await version());
    return 0;
  }
  const asksHelp = first === 'help' || first === '--help' || first === '-h';
  const named = asksHelp ? words.slice(1) : words;
  if (named.length === 0) {
    streams.stdout.write(generalHelp(commands));
    return 0;
  }
  const group = groupHelp(named);
  if (group) {
    streams.stdout.write(group);
    return 0;
  }
  const { command, rest } = findCommand(commands, named) ?? refuseUnknown(commands, named);
  const { values, positionals } = asksHelp
    ? { values: { help: true } as Record<string, string | boolean>, positionals: [] }
    : parseArguments(command, rest);
  if (values.help) {
    streams.stdout.write(commandHelp(command));
    return 0;
  }
  const call: Call = {
    ...streams,
    ...context,
    env,
    positionals,
    flag: (name) => values[name] === true,
    text: (name) => values[name] as string | undefined,
    print,
    complain: (line) => void streams.stderr.write(`${line}\n`),
  };
  return command.run(call);
}

/**
 * Groups that, typed alone, list their commands. Not `rules`: a script that forgot the second word would take the help,
 * with its exit code 0, for a check that found nothing.
 */
const GROUPS_THAT_LIST: ReadonlySet<string> = new Set(['keys']);

/** The help of a group: `rules --help` lists the commands whose names begin so. Null if the words ask for none. */
function groupHelp([first = '', second, ...more]: readonly string[]): string | null {
  const group: Command[] = commands.filter(({ name }) => name.startsWith(`${first} `));
  const asks = second === undefined ? GROUPS_THAT_LIST.has(first) : second === '--help' || second === '-h';
  return group.length === 0 || !asks || more.length > 0 ? null : generalHelp(group);
}

/** Errors whose message is printed as it is: the service's, and those of commands and of what they open. */
const isReportable = (error: unknown): error is Error =>
  isActionable(error) ||
  error instanceof Failure ||
  error instanceof UsageError ||
  error instanceof ProofsError;

/**
 * Runs one command and returns its exit code: 0, done; 1, it found something, or failed; 2, it was called incorrectly,
 * or the environment is invalid.
 */
export async function run(
  args: readonly string[],
  streams: Streams,
  env: Environment,
  context: Partial<CommandContext> = {},
): Promise<number> {
  try {
    return await dispatch(args, streams, env, { ...DEFAULT_CONTEXT, ...context });
  } catch (error) {
    streams.stderr.write(failureText(error, isReportable));
    return error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
  }
}
