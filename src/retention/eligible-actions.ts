/** Which of a rule's actions count while a line is in a stage. */
import type { Event, Reference, Version } from './language.ts';
import type { Stage } from './record.ts';

/** A pattern of one record, or a sum of several. */
type Matcher = Exclude<Reference, string | { doubtful: unknown }>;

/** The patterns and sums that an event, or a reference to one, is made of. */
function matchersOf(
  reference: Reference | Event,
  version: Version,
  trail: readonly string[] = [],
): Matcher[] {
  if (typeof reference === 'string') {
    const event = version.events[reference];
    // Compiling the rule has refused events that contain themselves.
    return event && !trail.includes(reference) ? matchersOf(event, version, [...trail, reference]) : [];
  }
  if ('any' in reference) return reference.any.flatMap((part) => matchersOf(part, version, trail));
  return 'doubtful' in reference ? matchersOf(reference.doubtful, version, trail) : [reference];
}

/** Of the named actions, those that are available and count while a line is in `stage`; all of them if none does. */
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
