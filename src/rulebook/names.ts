/** Checks that every name a file uses is defined in it: events, clocks, actions, evidence, cautions, channels. */
import { isObject } from '../lib/is-object.ts';
import { closestMatch } from '../lib/spelling.ts';
import type { Path } from './problem.ts';
import { type CheckContext, entries, get, items, visitAll } from './walk.ts';

function checkKnown(
  context: CheckContext,
  path: Path,
  what: string,
  name: unknown,
  names: readonly string[],
): void {
  if (typeof name !== 'string' || names.includes(name)) return;
  const meant = closestMatch(name, names);
  const hint = meant ? ` Did you mean "${meant}"?` : '';
  context.report(path, `There is no ${what} "${name}".${hint} Known here: ${names.join(', ') || 'none'}.`);
}

const namesIn = (value: unknown): string[] => entries(value).map(([name]) => name);

/** Reports evidence that is named but not defined. Returns how often each piece is named. */
export function checkEvidenceNames(context: CheckContext): Map<string, number> {
  const names = namesIn(get(context.value, 'evidence'));
  const uses = new Map(names.map((name) => [name, 0]));
  visitAll(context.value, (name, path) => {
    if (path.length < 2 || path.at(-2) !== 'evidence' || typeof path.at(-1) !== 'number') return;
    checkKnown(context, path, 'evidence', name, names);
    if (typeof name === 'string' && uses.has(name)) uses.set(name, uses.get(name)! + 1);
  });
  return uses;
}

/** Reports events that lead back to themselves. */
function checkEventCycles(context: CheckContext, path: Path, events: unknown): void {
  const leadsBack = (name: string, seen: readonly string[]): boolean =>
    items(get(get(events, name), 'any')).some(
      ([, next]) =>
        typeof next === 'string' &&
        (next === seen[0] || (!seen.includes(next) && leadsBack(next, [...seen, next]))),
    );
  for (const name of namesIn(events)) {
    if (leadsBack(name, [name])) {
      context.report(
        [...path, name],
        `The event "${name}" leads back to itself: name patterns of records in it.`,
      );
    }
  }
}

function checkReference(
  context: CheckContext,
  path: Path,
  reference: unknown,
  events: readonly string[],
): void {
  const doubtful = get(reference, 'doubtful');
  checkKnown(
    context,
    doubtful === undefined ? path : [...path, 'doubtful'],
    'event',
    doubtful ?? reference,
    events,
  );
}

function checkReferences(context: CheckContext, path: Path, list: unknown, events: readonly string[]): void {
  for (const [index, reference] of items(list)) {
    const at = [...path, index];
    const on = get(reference, 'on');
    if (Array.isArray(on)) checkReferences(context, [...at, 'on'], on, events);
    else checkReference(context, on === undefined ? at : [...at, 'on'], on ?? reference, events);
  }
}

function checkClockNames(context: CheckContext, path: Path, version: unknown): void {
  const clocks = get(version, 'clocks');
  const names = namesIn(clocks);
  const events = namesIn(get(version, 'events'));
  const actions = namesIn(get(version, 'actions'));
  for (const [name, clock] of entries(clocks)) {
    const at = [...path, 'clocks', name];
    checkReferences(context, [...at, 'restarts_on'], get(clock, 'restarts_on'), events);
    checkReferences(context, [...at, 'cured_by'], get(clock, 'cured_by'), events);
    for (const how of ['all', 'any']) {
      for (const [index, member] of items(get(get(clock, 'ends_with'), how))) {
        const place = [...at, 'ends_with', how, index];
        checkKnown(context, place, 'clock', member, names);
        if (typeof member === 'string' && get(get(clocks, member), 'ends_with') !== undefined) {
          context.report(
            place,
            `"${member}" itself ends with other clocks: name clocks here that run by themselves.`,
          );
        }
      }
    }
    const pausing = get(clock, 'paused_while');
    checkKnown(context, [...at, 'paused_while'], 'clock', pausing, names);
    if (pausing === name) context.report([...at, 'paused_while'], 'This is the clock itself: name another.');
    for (const [index, stage] of items(get(clock, 'ended'))) {
      const place = [...at, 'ended', index];
      const other = get(stage, 'unless_ended');
      checkKnown(context, [...place, 'unless_ended'], 'clock', other, names);
      if (other === name) {
        context.report(
          [...place, 'unless_ended'],
          'This is the clock itself, which has ended here: name another.',
        );
      }
      for (const [i, cure] of items(get(stage, 'cures'))) {
        checkKnown(context, [...place, 'cures', i], 'action', cure, actions);
      }
    }
  }
}

function checkVersionNames(
  context: CheckContext,
  path: Path,
  version: unknown,
  channels: readonly string[],
): void {
  const events = get(version, 'events');
  for (const [name, event] of entries(events)) {
    checkReferences(context, [...path, 'events', name, 'any'], get(event, 'any'), namesIn(events));
  }
  checkEventCycles(context, [...path, 'events'], events);
  checkClockNames(context, path, version);
  for (const [name, action] of entries(get(version, 'actions'))) {
    const at = [...path, 'actions', name];
    const does = get(action, 'does');
    checkKnown(context, [...at, 'does'], 'event', does, namesIn(events));
    for (const [index, event] of items(does))
      checkKnown(context, [...at, 'does', index], 'event', event, namesIn(events));
    for (const [index, channel] of items(get(action, 'channels'))) {
      checkKnown(context, [...at, 'channels', index], 'channel', channel, channels);
    }
  }
}

/** Reports every name that is used but not defined. An action names a channel by its `kind`. */
export function checkNames(context: CheckContext): void {
  const { value } = context;
  const cautions = namesIn(get(value, 'cautions'));
  const channels = items(get(value, 'channels')).map(([, channel]) => String(get(channel, 'kind')));
  for (const [index, channel] of items(get(value, 'channels'))) {
    for (const [i, caution] of items(get(channel, 'cautions'))) {
      checkKnown(context, ['channels', index, 'cautions', i], 'caution', caution, cautions);
    }
  }
  for (const [index, rule] of items(get(value, 'rules'))) {
    const versions = items(get(rule, 'versions'));
    for (const [i, version] of versions) {
      checkVersionNames(context, ['rules', index, 'versions', i], version, [...new Set(channels)]);
    }
    const clocks = versions.flatMap(([, version]) => namesIn(get(version, 'clocks')));
    for (const [i, example] of items(get(rule, 'examples'))) {
      const given = get(get(example, 'gives'), 'clocks');
      if (!isObject(given)) continue;
      for (const name of namesIn(given)) {
        checkKnown(context, ['rules', index, 'examples', i, 'gives', 'clocks', name], 'clock', name, clocks);
      }
    }
  }
}
