/** The JSON Schema that editors complete and check rule files with, made from the schemas that the loader uses. */
import { isObject } from '../lib/is-object.ts';
import * as language from '../retention/language.ts';
import { LocalDate, Stage } from '../retention/record.ts';
import { Given } from './given.ts';
import * as file from './schema.ts';

const { Text, Name, Period, Price, Pattern, Sum, Event, Runs, Charge, StageRule, Clock, Action, Version } =
  language;
const { Evidence, Check, Support, Channel, Caution, Example, FactAsked, Rule } = file;

/** What stands once under `$defs` and is named from there, so that the file stays readable. */
const named: Record<string, unknown> = {
  ...{ LocalDate, Stage, Text, Name, Period, Price, Pattern, Sum, Event, Runs, Charge, StageRule, Clock },
  ...{ Action, Version, Given, Evidence, Check, Support, Channel, Caution, Example, FactAsked, Rule },
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An editor must not know `$id`s, and in a group of named things only well-formed names are allowed. */
function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== '$id');
  const group = Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner as Json)]));
  if (group.patternProperties && group.additionalProperties === undefined) group.additionalProperties = false;
  return group;
}

const asJson = (schema: unknown): Json => plain(JSON.parse(JSON.stringify(schema)));

/** The schema of one file, draft 2020-12, as text that the same code always makes alike. */
export function editorSchema(): string {
  const definitions = Object.entries(named).map(([name, schema]) => [name, asJson(schema)] as const);
  const names = new Map(definitions.map(([name, schema]) => [JSON.stringify(schema), name]));
  const inner = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(refer);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, refer(part as Json)]));
  };
  const refer = (value: Json): Json => {
    const name = names.get(JSON.stringify(value));
    return name ? { $ref: `#/$defs/${name}` } : inner(value);
  };
  const root = inner(asJson(file.CarrierFile)) as { [key: string]: Json };
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A carrier and its retention rules',
    description: 'One file of the rulebook: what Keepline knows of a carrier, and where it knows it from.',
    ...root,
    $defs: Object.fromEntries(definitions.map(([name, definition]) => [name, inner(definition)])),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
