/**
 * The JSON Schema with which editors complete and check rule files, generated from the schemas that the loader uses.
 */
import { isObject } from '../lib/is-object.ts';
import * as language from '../retention/language.ts';
import { LocalDate, Stage } from '../retention/record.ts';
import { Given } from './given.ts';
import * as file from './schema.ts';

const { Text, Name, Period, Price, Pattern, Sum, Event, Runs, Charge, StageRule, Clock, Action, Version } =
  language;
const { Evidence, Check, Support, Channel, Caution, Example, FactAsked, Rule } = file;

/** What is defined once, under `$defs`, and referred to, so that the schema stays readable. */
const sharedSchemas: Record<string, unknown> = {
  ...{ LocalDate, Stage, Text, Name, Period, Price, Pattern, Sum, Event, Runs, Charge, StageRule, Clock },
  ...{ Action, Version, Given, Evidence, Check, Support, Channel, Caution, Example, FactAsked, Rule },
};

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Removes `$id`s, which editors must not see, and allows no keys other than well-formed ones where keys are free names.
 */
function withoutIds(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== '$id');
  const group = Object.fromEntries(entries.map(([key, inner]) => [key, withoutIds(inner as Json)]));
  if (group.patternProperties && group.additionalProperties === undefined) group.additionalProperties = false;
  return group;
}

const asJson = (schema: unknown): Json => withoutIds(JSON.parse(JSON.stringify(schema)));

/** The schema of one file, draft 2020-12, as text; the same code always gives the same text. */
export function editorSchema(): string {
  const definitions = Object.entries(sharedSchemas).map(([name, schema]) => [name, asJson(schema)] as const);
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
