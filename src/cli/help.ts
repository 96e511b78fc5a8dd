/** Renders the help from the commands' own descriptions. */
import type { Command, OptionSpec } from './command.ts';

const WIDTH = 92;

/** Breaks a paragraph into lines, each indented by the margin. */
function wrap(text: string, margin: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line && margin.length + line.length + 1 + word.length > WIDTH) {
      lines.push(margin + line);
      line = '';
    }
    line = line ? `${line} ${word}` : word;
  }
  return [...lines, margin + line].join('\n');
}

/** Two columns: what to type, and what it means. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const margin = ' '.repeat(width + 2);
  return rows
    .map(([left, right]) => `  ${left.padEnd(width)}${wrap(right, margin).slice(margin.length)}`)
    .join('\n');
}

const optionName = (name: string, { short, value }: OptionSpec) =>
  `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;

/** Wraps paragraphs; indented blocks stay as they are. */
const block = (text: string) =>
  text
    .trim()
    .split(/\n\n+/)
    .map((part) => (part.startsWith('  ') ? part : wrap(part, '')))
    .join('\n\n');

export function commandHelp({ name, takes, help, options, examples }: Command): string {
  const rows = Object.entries(options).map(
    ([option, spec]) => [optionName(option, spec), spec.text] as const,
  );
  const usage = ['keepline', name, takes, rows.length > 0 ? '[options]' : ''].filter(Boolean).join(' ');
  return [
    `Usage: ${usage}`,
    block(help),
    `Options:\n${columns([...rows, ['-h, --help', 'Show this.']])}`,
    `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
    '',
  ].join('\n\n');
}

export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map(
    ({ name, takes, summary }) => [[name, takes].filter(Boolean).join(' '), summary] as const,
  );
  return [
    'Keepline keeps prepaid phone numbers alive: carriers’ retention rules and your records become a calendar you subscribe to.',
    'Usage: keepline <command> [arguments] [options]\n(in this folder: npx keepline <command>, or npm run keepline -- <command>)',
    `Commands:\n${columns(rows)}`,
    '"keepline <command> --help" explains a command, with examples. "keepline --version" prints the version.',
    'Exit codes: 0, done, and nothing found; 1, it found something or failed; 2, wrong usage.',
    '',
  ].join('\n\n');
}
