/** Checks what a schema cannot: names that are not defined, clocks that never end, texts left untranslated. */
import { isObject } from '../lib/is-object.ts';
import { checkClocks } from './clocks.ts';
import { checkAsked, checkCarrier, checkFacts, checkZone } from './facts.ts';
import { checkEvidenceNames, checkNames } from './names.ts';
import type { Path } from './problem.ts';
import type { CarrierRule, Example } from './schema.ts';
import { checkTexts } from './texts.ts';
import { type CheckContext, get, items } from './walk.ts';

function checkOrder(context: CheckContext, path: Path, versions: unknown): void {
  for (const [index, version] of items(versions)) {
    const previous = get(items(versions)[index - 1]?.[1], 'since');
    const since = get(version, 'since');
    if (typeof since !== 'string' || typeof previous !== 'string' || since > previous) continue;
    context.report(
      [...path, index, 'since'],
      `Versions stand in the order of their dates: ${since} does not come after ${previous}.`,
    );
  }
}

function checkExample(context: CheckContext, path: Path, value: unknown, asked: CarrierRule['facts']): void {
  if (!context.isValid(path)) return;
  const { as_of, until, time_zone, facts, given, gives } = value as Example;
  if (until !== undefined && until < as_of)
    context.report([...path, 'until'], `${until} is before "as_of", ${as_of}.`);
  if (gives.stages?.length === 0)
    context.report([...path, 'gives', 'stages'], 'It names no stage: write one at least.');
  checkZone(context, [...path, 'time_zone'], time_zone);
  checkFacts(context, [...path, 'facts'], facts, asked ?? {});
  const ids = given.map((record, index) => record.external_id ?? String(index + 1));
  for (const [index, record] of given.entries()) {
    const at = [...path, 'given', index];
    if (typeof record.at === 'object' && record.at.earliest > record.at.latest) {
      context.report(
        [...at, 'at', 'earliest'],
        `${record.at.earliest} is after "latest", ${record.at.latest}.`,
      );
    }
    if (ids.indexOf(ids[index]!) < index) {
      context.report([...at, 'external_id'], `An earlier record has the id "${ids[index]}" already.`);
    }
    if (record.type === 'void' && !ids.includes(String(record.record))) {
      const message = `There is no record "${record.record}" to void: name its external_id, or its place, as "1".`;
      context.report([...at, 'record'], message);
    }
  }
}

function checkRule(context: CheckContext, path: Path, rule: unknown): void {
  const asked = get(rule, 'facts');
  checkAsked(context, [...path, 'facts'], asked);
  const facts =
    context.isValid([...path, 'facts']) && isObject(asked) ? (asked as CarrierRule['facts']) : undefined;
  checkOrder(context, [...path, 'versions'], get(rule, 'versions'));
  for (const [index, version] of items(get(rule, 'versions'))) {
    const at = [...path, 'versions', index];
    checkClocks(context, at, version);
    for (const [name, action] of Object.entries(get(version, 'actions') ?? {})) {
      if (get(action, 'from_balance') === undefined || get(action, 'how') === 'buy') continue;
      const message = 'Only what is bought is paid from the balance: leave it out, or write `how: buy`.';
      context.report([...at, 'actions', name, 'from_balance'], message);
    }
    for (const [name, clock] of Object.entries(get(version, 'clocks') ?? {})) {
      const when = get(get(clock, 'applies_if'), 'facts');
      checkFacts(context, [...at, 'clocks', name, 'applies_if', 'facts'], when, facts ?? {});
      const days = get(get(clock, 'runs'), 'fact');
      if (typeof days === 'string' && facts?.[days]?.kind !== 'number') {
        const message = `The rule asks no number "${days}": add it under "facts", with \`kind: number\`.`;
        context.report([...at, 'clocks', name, 'runs', 'fact'], message);
      }
    }
  }
  for (const [index, example] of items(get(rule, 'examples'))) {
    checkExample(context, [...path, 'examples', index], example, facts);
  }
}

/**
 * Reports everything in a file that is inconsistent, as far as its parts are well-formed. `place` is the carrier
 * according to the file's path. Returns how often each piece of evidence is used.
 */
export function checkSemantics(context: CheckContext, place: string): Map<string, number> {
  checkCarrier(context, place);
  checkNames(context);
  checkTexts(context);
  const rules = items(get(context.value, 'rules'));
  for (const [index, rule] of rules) {
    const path = ['rules', index];
    const id = get(rule, 'id');
    if (typeof id === 'string' && rules.slice(0, index).some(([, other]) => get(other, 'id') === id)) {
      context.report(
        [...path, 'id'],
        `Another rule of this file has the id "${id}" already: give this one another.`,
      );
    }
    checkRule(context, path, rule);
  }
  return checkEvidenceNames(context);
}
