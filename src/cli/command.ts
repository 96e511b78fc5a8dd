/** What a command is, as data: the help is made of it, and so is the parsing of its arguments. */
import type { Readable, Writable } from 'node:stream';

export type Environment = Record<string, string | undefined>;

/** Where a command reads and writes; in a test, buffers. */
export type Streams = {
  stdin: Readable;
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
};

/** What else of the process a command may need. */
export type CommandContext = {
  now: () => Date;
  /** Resolves when the command is asked to end, as by Ctrl-C. */
  untilStopped: () => Promise<void>;
  /** Resolves when the process that has started this one as a part of itself is gone. */
  untilAlone: () => Promise<void>;
  /** Calls back each time the command is asked to read its settings anew, as by SIGHUP. Answers how to end that. */
  onHangUp: (listener: () => void) => () => void;
};

export type OptionSpec = {
  type: 'boolean' | 'string';
  short?: string;
  /** What stands for the value in the help, as `DIR`. */
  value?: string;
  text: string;
};

/** A command's arguments, parsed and of the right number. */
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
  /** One line, for the list of all. */
  summary: string;
  /** Paragraphs for a newcomer, after the usage line. */
  help: string;
  examples: string[];
  options: Record<string, OptionSpec>;
  /** Answers the exit code: 0, or 1 when it found something. */
  run: (call: Call) => Promise<number>;
};

/** The command was called wrongly: exit code 2. The message says what to do. */
export class UsageError extends Error {}

/** It was called rightly and could not be done, for a reason that its user can mend: exit code 1. */
export class Failure extends Error {}

export const JSON_OPTION: OptionSpec = { type: 'boolean', text: 'Print JSON, for programs.' };
