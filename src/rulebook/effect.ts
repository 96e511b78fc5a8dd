/**
 * Checks of rules that are well-formed: facts without evidence, weak evidence given as certain, clocks that no action
 * restarts, cures that cure nothing, stages that cannot be reached, gaps and overlaps between versions.
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
import type { Path, Report } from './problem.ts';
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

function checkActions(report: Report, path: Path, version: Version): void {
  for (const [name, action] of Object.entries(version.actions)) {
    if (action.evidence) continue;
    const fact = (['price', 'least', 'available'] as const).find((key) => action[key] !== undefined);
    if (fact) {
      report(
        [...path, name, fact],
        `A fact without evidence: add "evidence" to "${name}", with where this comes from.`,
        'key',
      );
    }
  }
}

function checkCures(report: Report, path: Path, stage: StageRule, clock: Clock, version: Version): void {
  // Where the balance decides, money alone is a cure.
  const byMoney = clock.runs_while !== undefined || stage.charge !== undefined || clock.charge !== undefined;
  for (const [index, cure] of (stage.cures ?? []).entries()) {
    const action = Object.hasOwn(version.actions, cure) ? version.actions[cure] : undefined;
    if (!action || action.does !== undefined || asksSomeone(action)) continue;
    if (byMoney && action.how === 'topup') continue;
    report(
      [...path, 'cures', index],
      `"${cure}" cures nothing: say with "does" which event it brings about.`,
    );
  }
}

function checkStageOrder(report: Report, path: Path, clock: Clock): void {
  let gravest = GRAVITY.active;
  for (const [index, stage] of (clock.ended ?? []).entries()) {
    if (stage.certainty === 'may') continue;
    const gravity = GRAVITY[stage.stage];
    if (gravity < gravest && stage.stage !== 'reissuable') {
      report(
        [...path, index, 'stage'],
        `This stage cannot be reached: what comes before it is graver than ${stage.stage}.`,
      );
    }
    gravest = Math.max(gravest, gravity);
  }
}

/** Reports a clock that no action restarts. An action counts if it makes a record of a type that restarts the clock. */
function checkRestarts(report: Report, path: Path, clock: Clock, version: Version): void {
  if (!clock.restarts_on || !clock.ended?.length) return;
  const types = new Set(typesOf(restartersOf(clock), version));
  const isDoable = Object.values(version.actions).some(({ does = [] }) =>
    typesOf([does].flat(), version).some((type) => types.has(type)),
  );
  if (!isDoable) {
    report(
      [...path, 'restarts_on'],
      'Nothing that a person can do restarts this clock: add an action that `does` one of its events.',
      'key',
    );
  }
}

/** Reports a clock that rests on low confidence alone and is stated without doubt. */
function checkWeakEvidence(report: Report, path: Path, clock: Clock, carrier: CarrierFile): void {
  const isWeak = clock.evidence.every((name) => carrier.evidence[name]?.confidence === 'low');
  if (!isWeak || (isObject(clock.runs) && 'earliest' in clock.runs)) return;
  if ((clock.ended ?? []).every((stage) => stage.certainty === 'may' || stage.stage === 'reissuable')) return;
  if (clock.ended?.[0]?.certainty === 'may') return;
  report(
    [...path, 'evidence'],
    'It rests on low confidence alone: give `runs` an earliest and a latest, or its stages `certainty: may`.',
    'key',
  );
}

function checkInForce(report: Report, path: Path, rule: CarrierRule): void {
  for (const [index, version] of rule.versions.entries()) {
    const next = rule.versions[index + 1];
    if (version.until === undefined) continue;
    const at = [...path, 'versions', index, 'until'];
    if (version.until < version.since)
      report(at, `It ends on ${version.until}, before it begins on ${version.since}.`);
    const after = formatDay((parseDay(version.until) ?? 0) + 1);
    if (next && next.since > after) {
      report(at, `A gap: nothing is in force from ${after} until the next version begins on ${next.since}.`);
    } else if (next && next.since < after) {
      report(at, `An overlap: the next version is in force from ${next.since}.`);
    }
  }
}

/** Runs these checks on a file that is valid otherwise. */
export function checkEffect(report: Report, carrier: CarrierFile): void {
  for (const [index, rule] of carrier.rules.entries()) {
    const path = ['rules', index];
    checkInForce(report, path, rule);
    for (const [i, version] of rule.versions.entries()) {
      const at = [...path, 'versions', i];
      checkActions(report, [...at, 'actions'], version);
      for (const [name, clock] of Object.entries(version.clocks)) {
        const place = [...at, 'clocks', name];
        checkRestarts(report, place, clock, version);
        checkWeakEvidence(report, place, clock, carrier);
        checkStageOrder(report, [...place, 'ended'], clock);
        for (const [k, stage] of (clock.ended ?? []).entries())
          checkCures(report, [...place, 'ended', k], stage, clock, version);
      }
    }
  }
}
