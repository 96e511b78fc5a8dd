/**
 * What is well-formed and leads to nothing: facts without evidence, faint ones given as certain, clocks that nothing a
 * person can do restarts, cures that cure nothing, stages out of order, versions that leave a gap or overlap.
 */
import { isObject } from '../lib/is-object.ts';
import { formatDay, parseDay } from '../retention/day.ts';
import { GRAVITY, patternsOf } from '../retention/index.ts';
import {
  type Action,
  type Clock,
  type Reference,
  restartersOf,
  type StageRule,
  type Version,
} from '../retention/language.ts';
import type { Path, Say } from './problem.ts';
import type { CarrierFile, CarrierRule } from './schema.ts';

/** The types of records that references answer to. */
const typesOf = (references: readonly Reference[], { events }: Version): string[] =>
  references.flatMap((reference) => {
    const event = typeof reference === 'object' && 'doubtful' in reference ? reference.doubtful : reference;
    if (typeof event === 'object' && 'sum' in event) return ['activity'];
    return patternsOf(event, events).map(({ type }) => type);
  });

/** An action that asks someone to do something; what comes of it is recorded as a `status`. */
const asksSomeone = (action: Action): boolean =>
  action.how === 'contact_support' || action.how === 'visit' || action.how === 'identify';

function checkActions(say: Say, path: Path, version: Version): void {
  for (const [name, action] of Object.entries(version.actions)) {
    if (action.evidence) continue;
    const fact = (['price', 'least', 'available'] as const).find((key) => action[key] !== undefined);
    if (fact) {
      say(
        [...path, name, fact],
        `A fact without evidence: add "evidence" to "${name}", with where this comes from.`,
        'key',
      );
    }
  }
}

function checkCures(say: Say, path: Path, stage: StageRule, clock: Clock, version: Version): void {
  // Where the balance decides, money alone is a cure.
  const byMoney = clock.runs_while !== undefined || stage.charge !== undefined || clock.charge !== undefined;
  for (const [index, cure] of (stage.cures ?? []).entries()) {
    const action = Object.hasOwn(version.actions, cure) ? version.actions[cure] : undefined;
    if (!action || action.does !== undefined || asksSomeone(action)) continue;
    if (byMoney && action.how === 'topup') continue;
    say([...path, 'cures', index], `"${cure}" cures nothing: say with "does" which event it brings about.`);
  }
}

function checkCourse(say: Say, path: Path, clock: Clock): void {
  let gravest = GRAVITY.active;
  for (const [index, stage] of (clock.ended ?? []).entries()) {
    if (stage.certainty === 'may') continue;
    const own = GRAVITY[stage.stage];
    if (own < gravest && stage.stage !== 'reissuable') {
      say(
        [...path, index, 'stage'],
        `This stage cannot be reached: what comes before it is graver than ${stage.stage}.`,
      );
    }
    gravest = Math.max(gravest, own);
  }
}

/** Can anybody do what restarts the clock? The carrier's own doing and what the record states count as well. */
function checkRestarts(say: Say, path: Path, clock: Clock, version: Version): void {
  if (!clock.restarts_on || !clock.ended?.length) return;
  const types = new Set(typesOf(restartersOf(clock), version));
  const doing = Object.values(version.actions).some(({ does = [] }) =>
    typesOf([does].flat(), version).some((type) => types.has(type)),
  );
  if (!doing) {
    say(
      [...path, 'restarts_on'],
      'Nothing that a person can do restarts this clock: add an action that `does` one of its events.',
      'key',
    );
  }
}

/** Does what the clock says rest on faint evidence alone, and is it given without a doubt? */
function checkFaint(say: Say, path: Path, clock: Clock, carrier: CarrierFile): void {
  const faint = clock.evidence.every((name) => carrier.evidence[name]?.confidence === 'low');
  if (!faint || (isObject(clock.runs) && 'earliest' in clock.runs)) return;
  if ((clock.ended ?? []).every((stage) => stage.certainty === 'may' || stage.stage === 'reissuable')) return;
  if (clock.ended?.[0]?.certainty === 'may') return;
  say(
    [...path, 'evidence'],
    'It rests on low confidence alone: give `runs` an earliest and a latest, or its stages `certainty: may`.',
    'key',
  );
}

function checkInForce(say: Say, path: Path, rule: CarrierRule): void {
  for (const [index, version] of rule.versions.entries()) {
    const next = rule.versions[index + 1];
    if (version.until === undefined) continue;
    const at = [...path, 'versions', index, 'until'];
    if (version.until < version.since)
      say(at, `It ends on ${version.until}, before it begins on ${version.since}.`);
    const after = formatDay((parseDay(version.until) ?? 0) + 1);
    if (next && next.since > after) {
      say(at, `A gap: nothing is in force from ${after} until the next version begins on ${next.since}.`);
    } else if (next && next.since < after) {
      say(at, `An overlap: the next version is in force from ${next.since}.`);
    }
  }
}

/** Adds what leads to nothing in a file that is well-formed. */
export function checkEffect(say: Say, carrier: CarrierFile): void {
  for (const [index, rule] of carrier.rules.entries()) {
    const path = ['rules', index];
    checkInForce(say, path, rule);
    for (const [i, version] of rule.versions.entries()) {
      const at = [...path, 'versions', i];
      checkActions(say, [...at, 'actions'], version);
      for (const [name, clock] of Object.entries(version.clocks)) {
        const place = [...at, 'clocks', name];
        checkRestarts(say, place, clock, version);
        checkFaint(say, place, clock, carrier);
        checkCourse(say, [...place, 'ended'], clock);
        for (const [k, stage] of (clock.ended ?? []).entries())
          checkCures(say, [...place, 'ended', k], stage, clock, version);
      }
    }
  }
}
