/** What a person could do on a day: each available action, in the forms in which it matches its events. */
import { addSpan, formatDay, parseDay, parseSpan } from '../retention/day.ts';
import { type Day, GRAVITY, patternsOf, type Timeline } from '../retention/index.ts';
import type { Action, Pattern, Version } from '../retention/language.ts';
import type { RecordInput, Stage } from '../retention/record.ts';
import { amountOf, type Candidate, candidateForms, type Terms, topupForms } from './forms.ts';
import { entryOn } from './target.ts';

/** The stage on a day, as a rule's `available` names it. */
function stageOn(timeline: Timeline, day: Day): Stage {
  const stage = entryOn(timeline, day)?.stage ?? 'active';
  return GRAVITY[stage] < 0 ? 'active' : stage;
}

function isAvailable(action: Action, timeline: Timeline, day: Day, terms: Terms): boolean {
  const when = action.available;
  if (!when) return true;
  if (when.in && !when.in.includes(stageOn(timeline, day))) return false;
  if (when.since && day < (parseDay(when.since) as number)) return false;
  if (when.until && day > (parseDay(when.until) as number)) return false;
  const wait = when.after_activation ? parseSpan(when.after_activation) : null;
  return wait === null || terms.activated === null || day >= addSpan(terms.activated, wait);
}

/** The type of record that an action of each kind makes; what somebody else does is not planned. */
const RECORD_TYPES: Partial<Record<Action['how'], RecordInput['type']>> = {
  call: 'activity',
  sms: 'activity',
  data: 'activity',
  topup: 'topup',
  buy: 'purchase',
  renew: 'plan_renewed',
};

/** The patterns of an action's events: those of the type of record that it makes or, if there are none, all. */
function patternsOfAction(action: Action, version: Version): Pattern[] {
  const patterns = [action.does ?? []].flat().flatMap((event) => patternsOf(event, version.events));
  const made = patterns.filter(({ type }) => type === RECORD_TYPES[action.how]);
  return made.length > 0 ? made : patterns;
}

const isPlannable = (action: Action, terms: Terms): boolean =>
  !action.in_person && !(terms.from_abroad && action.from_abroad === false);

/**
 * Everything that could be done on a day by somebody who is not there in person and, if so asked, not in the country.
 */
export function candidatesOn(version: Version, timeline: Timeline, day: Day, terms: Terms): Candidate[] {
  const at = formatDay(day);
  return Object.entries(version.actions).flatMap(([name, action]) => {
    if (action.does === undefined || !isPlannable(action, terms)) return [];
    if (!isAvailable(action, timeline, day, terms)) return [];
    return patternsOfAction(action, version).flatMap((pattern) =>
      candidateForms(name, action, pattern, version, at, terms),
    );
  });
}

/** The top-ups that are possible on a day, the least first, whether or not they keep the number by themselves. */
export function fundsOn(version: Version, timeline: Timeline, day: Day, terms: Terms): Candidate[] {
  const at = formatDay(day);
  const prices = Object.values(version.actions).flatMap((action) =>
    action.from_balance ? (amountOf(action.price, terms) ?? []) : [],
  );
  return Object.entries(version.actions)
    .filter(([, action]) => action.how === 'topup' && isPlannable(action, terms))
    .filter(([, action]) => isAvailable(action, timeline, day, terms))
    .flatMap(([name, action]) => {
      const patterns = patternsOfAction(action, version).filter(({ type }) => type === 'topup');
      const known: Pattern[] = patterns.length > 0 ? patterns : [{ type: 'topup' }];
      return known.flatMap((pattern) => topupForms(name, action, pattern, version, at, terms, prices));
    })
    .sort((a, b) => a.credited - b.credited);
}

/** The actions that a plan leaves to the person: to be there, to ask somebody, to show a document. */
export function unplannableOn(version: Version, timeline: Timeline, day: Day, terms: Terms): Candidate[] {
  const at = formatDay(day);
  return Object.entries(version.actions).flatMap(([name, action]) => {
    if (action.does === undefined || !isAvailable(action, timeline, day, terms)) return [];
    return patternsOfAction(action, version).flatMap((pattern): Candidate[] => {
      const rest = { name, action, spent: null, credited: 0, supposed: false };
      if (pattern.type === 'identity') return [{ ...rest, record: { type: 'identity', at } }];
      if (pattern.type === 'status') return [{ ...rest, record: { type: 'status', at, stage: 'active' } }];
      return isPlannable(action, terms) ? [] : candidateForms(name, action, pattern, version, at, terms);
    });
  });
}

/**
 * The records that an action of a rule would make, whether or not it is available now: one for each form in which it
 * counts, the least first.
 */
export function recordsFor(
  versions: readonly Version[],
  timeline: Timeline,
  name: string,
  terms: Pick<Terms, 'plan_price' | 'currency'>,
): RecordInput[] {
  const version = versions.find(({ since }) => since === timeline.version) ?? versions.at(-1);
  const action = version?.actions[name];
  if (!version || !action || action.does === undefined) return [];
  const at = formatDay(timeline.as_of);
  const all = { ...terms, activated: null, from_abroad: false };
  return patternsOfAction(action, version).flatMap((pattern): RecordInput[] => {
    if (pattern.type === 'identity') return [{ type: 'identity', at }];
    if (pattern.type === 'status') return [];
    return candidateForms(name, action, pattern, version, at, all).map(({ record }) => record);
  });
}
