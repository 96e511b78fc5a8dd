/** A command as data, from which both its help and the parsing of its arguments are derived. */
import type { Readable, Writable } from 'node:stream';

export type Environment = Record<string, string | undefined>;

/** The standard streams of a command; tests pass buffers. */
export type Streams = {
  stdin: Readable;
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
};

/** What else a command may need from the process. */
export type CommandContext = {
  now: () => Date;
  /** Resolves when the command is asked to end, for example by Ctrl-C. */
  untilStopped: () => Promise<void>;
  /** Resolves when the parent process that started this one as a worker is gone. */
  untilAlone: () => Promise<void>;
  /** Calls `listener` on each request to reload, such as SIGHUP. Returns a function that stops listening. */
  onHangUp: (listener: () => void) => () => void;
};

export type OptionSpec = {
  type: 'boolean' | 'string';
  short?: string;
  /** The placeholder of the value in the help, such as `DIR`. */
  value?: string;
  text: string;
};

/** A command's arguments, parsed, with the number of positionals checked. */
export type Call = Streams &
  CommandContext & {
    env: Environment;
    positionals: string[];
    flag: (name: string) => boolean;
    text: (name: string) => string | undefined;
    /** Writes a line to standard output. */
    print: (line?: string) => void;
    /** Writes a line to standard error. */
    complain: (line: string) => void;
  };

export type Command = {
  /** As typed: `rules check`. */
  name: string;
  /** Its positional arguments: `OLD NEW`, `[DIR]`. */
  takes: string;
  /** One line, for the list of all commands. */
  summary: string;
  /** Paragraphs for a newcomer, after the usage line. */
  help: string;
  examples: string[];
  options: Record<string, OptionSpec>;
  /** Returns the exit code: 0, or 1 if it found something. */
  run: (call: Call) => Promise<number>;
};

/** The command was called incorrectly: exit code 2. The message says how to call it. */
export class UsageError extends Error {}

/** The command was called correctly but failed for a reason that the user can fix: exit code 1. */
export class Failure extends Error {}

export const JSON_OPTION: OptionSpec = { type: 'boolean', text: 'Print JSON, for programs.' };
