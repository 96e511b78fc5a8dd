import { eligibleActions } from '../retention/index.ts';
import {
  type Action,
  actionsThatDo,
  type Clock,
  restartersOf,
  type Text,
  type Version,
} from '../retention/language.ts';
import type { Stage } from '../retention/record.ts';
import type { CarrierFile, CarrierRule } from '../rulebook/schema.ts';
import type { Locale } from './locale.ts';
import { memoized } from './memoize.ts';

/** A rule with its carrier: the source of names, actions, channels and evidence. */
export type Booked = { carrier: CarrierFile; rule: CarrierRule };

/** The version with this `since`; the last one if there is none. */
export function versionOf(booked: Booked, since: string): Version {
  const { versions } = booked.rule;
  return versions.find((version) => version.since === since) ?? (versions[versions.length - 1] as Version);
}

/** A clock by its name, in this version or, if it has no such clock, in the newest that has. */
export function clockOf(booked: Booked, since: string, name: string): Clock | undefined {
  return (
    versionOf(booked, since).clocks[name] ??
    booked.rule.versions.findLast((version) => version.clocks[name])?.clocks[name]
  );
}

/** An action by its name, as {@link clockOf} finds clocks. */
export function actionOf(booked: Booked, since: string, name: string): Action | undefined {
  return (
    versionOf(booked, since).actions[name] ??
    booked.rule.versions.findLast((version) => version.actions[name])?.actions[name]
  );
}

const eligibleCache = new WeakMap<Version, Map<string, readonly string[]>>();

/** {@link eligibleActions}, memoized for all lines of a version, since every entry of an agenda asks. */
export const actionsIn = (stage: Stage, names: readonly string[], version: Version): readonly string[] =>
  memoized(eligibleCache, version, `${stage} ${names}`, () => eligibleActions(stage, names, version));

/** Adds an event's name, and the names of the events that it is composed of, to `found`. */
function eventNamesWithin(version: Version, name: string, found: Set<string>): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const event = version.events[name];
  if (event && 'any' in event) {
    for (const part of event.any) if (typeof part === 'string') eventNamesWithin(version, part, found);
  }
  return found;
}

/** Names of the actions that certainly restart or answer a clock; those that only may restart it are left out. */
export function actionsThatRestart(version: Version, clock: Clock): string[] {
  const events = new Set<string>();
  for (const reference of restartersOf(clock)) {
    if (typeof reference === 'string') eventNamesWithin(version, reference, events);
  }
  return actionsThatDo(version, events, clock);
}

/** A rulebook text in a language. */
export const inLanguage = (text: Text, locale: Locale): string => text[locale];
