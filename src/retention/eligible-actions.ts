/** Which of a rule's actions count while a line is in a stage. */
import type { Event, Reference, Version } from './language.ts';
import type { Stage } from './record.ts';

/** A pattern of one record, or a sum of several. */
type Matcher = Exclude<Reference, string | { doubtful: unknown }>;

/** What an event, or one of several, is made of. */
function matchersOf(
  reference: Reference | Event,
  version: Version,
  within: readonly string[] = [],
): Matcher[] {
  if (typeof reference === 'string') {
    const event = version.events[reference];
    // One that is made of itself is refused where it is compiled.
    return event && !within.includes(reference) ? matchersOf(event, version, [...within, reference]) : [];
  }
  if ('any' in reference) return reference.any.flatMap((part) => matchersOf(part, version, within));
  return 'doubtful' in reference ? matchersOf(reference.doubtful, version, within) : [reference];
}

/** Of some actions, by their names, those that can be had and that count while a line is in a stage; all where none does. */
export function eligibleActions(stage: Stage, names: readonly string[], version: Version): readonly string[] {
  const isAllowedIn = (stages?: readonly Stage[]): boolean => !stages || stages.includes(stage);
  const found = names.filter((name) => {
    const { available, does = [] } = version.actions[name] ?? {};
    const matchers = [does].flat().flatMap((event) => matchersOf(event, version));
    const counts = matchers.some((matcher) => 'sum' in matcher || isAllowedIn(matcher.in));
    return isAllowedIn(available?.in) && (matchers.length === 0 || counts);
  });
  return found.length > 0 ? found : names;
}
