/** The reference of the rule language, generated from its schema as Markdown: every key with its form and meaning. */
import {
  Action,
  Charge,
  Clock,
  Pattern,
  Restart,
  Runs,
  StageRule,
  Sum,
  Version,
} from '../retention/language.ts';
import { Caution, Channel, Check, Evidence, Example, FactAsked, Support, Unknown } from './schema.ts';
import { alternatives, describeAllowed, type Shape } from './shape.ts';

const PARTS: readonly (readonly [string, Shape])[] = [
  ['A pattern of records', Pattern],
  ['A sum of charges', Sum],
  ['A clock', Clock],
  ['How long it `runs`', Runs],
  ['A restart on terms of its own', Restart],
  ['A stage', StageRule],
  ['A charge', Charge],
  ['An action', Action],
  ['A version', Version],
  ['Evidence', Evidence],
  ['A check', Check],
  ['Support', Support],
  ['A channel', Channel],
  ['A caution', Caution],
  ['A fact asked of the owner', FactAsked],
  ['What is not known', Unknown],
  ['An example', Example],
] as readonly (readonly [string, Shape])[];

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const formOf = (shape: Shape): string => cell(describeAllowed(shape));

function meaningOf(shape: Shape): string {
  const inner = new Set(alternatives(shape).flatMap((one) => one.description ?? []));
  return cell(shape.description ?? (inner.size === 1 ? ([...inner][0] as string) : ''));
}

function tableOf(shape: Shape): string[] {
  const rows = Object.entries(shape.properties ?? {}).map(([key, value]) => {
    const name = shape.required?.includes(key) ? `**\`${key}\`**` : `\`${key}\``;
    const [form, meaning] = [formOf(value), meaningOf(value)];
    const isRepeated = form.toLowerCase().endsWith(meaning.replace(/\.$/, '').toLowerCase());
    return `| ${name} | ${form} | ${isRepeated ? '' : meaning} |`;
  });
  return ['| word | values | meaning |', '| --- | --- | --- |', ...rows];
}

/** Every key of the language, in a section for what it belongs to; required ones in bold. */
export function languageReference(): string {
  const sections = PARTS.map(([title, shape]) => {
    const groups = alternatives(shape).filter((one) => one.properties);
    return [`### ${title}`, '', ...groups.flatMap((group) => [...tableOf(group), ''])].join('\n');
  });
  return sections.join('\n');
}
