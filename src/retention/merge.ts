/** Merges the two readings of a ledger: each stage with its earliest and its latest date. */
import type { Day } from './day.ts';
import { type Entry, typeCode } from './entry.ts';
import { chargedFact, FACT_SEPARATOR } from './facts.ts';
import { canCall, canReceive, GRAVITY, type StageProgram, stageOf } from './program.ts';
import type { Stage } from './record.ts';
import type { Fold, Transition } from './state.ts';
import type { Because, Certainty, StageEntry } from './timeline.ts';
import { plannedFrom } from './timeline-queries.ts';

const NONE: readonly string[] = [];
const VALIDITY = typeCode('validity');

/**
 * A fact that begins with the clock's length, with the length that the clock really ran for: that of the record's own
 * terms if it has any, or none if the carrier showed the date. What charges have added is put beside it.
 */
function factAsItRan(fact: string, transition: Transition): string | null {
  const { fact: ownLength, clock, program, setBy, chargeCount, chargedBy } = transition;
  if (!clock || !fact.startsWith(clock.fact)) return fact;
  const length = setBy?.type === VALIDITY ? [] : [ownLength ?? clock.fact];
  // A stage that the charges themselves make begins with the first of them.
  const added = program && chargedBy?.adds ? [chargedFact(chargeCount, chargedBy.adds)] : [];
  const [, ...later] = fact.slice(clock.fact.length).split(FACT_SEPARATOR);
  return [...length, ...added, ...later].join(FACT_SEPARATOR) || null;
}

/**
 * The evidence of the clock's or the stage's own length, and of the charge that emptied the balance or put off the
 * clock's end.
 */
function evidenceOf({ clock, program, emptied, chargedBy }: Transition): readonly string[] {
  const stageEvidence = program?.evidence ?? clock?.evidence ?? NONE;
  const emptier = emptied ? (program?.charge?.evidence ?? NONE) : NONE;
  return emptier.length === 0 && !chargedBy
    ? stageEvidence
    : [...new Set([...emptier, ...stageEvidence, ...(chargedBy?.evidence ?? NONE)])];
}

function becauseOf(transition: Transition): Because {
  const { clock, program, record, setBy } = transition;
  const source: Entry | null = record ?? setBy;
  if (!clock)
    return { clock: null, record: source?.id ?? null, counts_from: 'record', fact: null, evidence: NONE };
  return {
    clock: clock.name,
    record: source?.id ?? null,
    counts_from: source === setBy ? transition.countsFrom : 'record',
    fact: factAsItRan((transition.emptied ? program?.factEmpty : program?.fact) ?? clock.fact, transition),
    evidence: evidenceOf(transition),
  };
}

/**
 * The actions that save the line in a stage. All cures are named where another stage may hold instead: a `may` stage
 * stands beside one, and a loss may not have come in the other reading.
 */
function curesIn(stage: Stage, program: StageProgram | undefined, certainty: Certainty): readonly string[] {
  if (!program) return NONE;
  const isOpen = certainty === 'may' || GRAVITY[stage] >= GRAVITY.lost;
  return isOpen ? program.cureNames : (program.cureNamesIn.get(stage) ?? NONE);
}

function entryOf(
  transition: Transition,
  from: Day | null,
  latestFrom: Day | null,
  certainty: Certainty,
): StageEntry {
  const { program, clock } = transition;
  const stage = stageOf(transition.gravity);
  // What restarts the clock cannot save a number that is certainly lost, or that may be another's by now: only cures
  // that the rule names for that stage may bring it back.
  const isGone = certainty === 'certain' && from === latestFrom && transition.gravity >= GRAVITY.lost;
  const isHopeless = program?.cures === null && (isGone || stage === 'reissuable');
  const isProgramStage = program !== null && program.stage === stage;
  return {
    stage,
    from,
    latest_from: latestFrom,
    certainty,
    can_call: isProgramStage ? program.canCall : canCall(stage),
    can_receive: isProgramStage ? program.canReceive : canReceive(stage),
    credit_kept: isProgramStage ? program.creditKept : GRAVITY[stage] < GRAVITY.lost,
    planned: transition.planned,
    assumed: transition.assumed,
    because: becauseOf(transition),
    cures: isHopeless ? NONE : curesIn(stage, program ?? clock?.stages[0], certainty),
  };
}

function mergeTransitions(
  earliest: Transition | null,
  latest: Transition | null,
  certainty: Certainty,
): StageEntry {
  const transition = (earliest ?? latest) as Transition;
  if (!earliest || !latest) return entryOf(transition, earliest?.day ?? null, latest?.day ?? null, certainty);
  const [from, latestFrom] = [Math.min(earliest.day, latest.day), Math.max(earliest.day, latest.day)];
  return {
    ...entryOf(transition, from, latestFrom, certainty),
    planned: earliest.planned || latest.planned,
  };
}

/** The index of the first transition that only time brings: the one after the last that a record led to. */
function tailOf(transitions: readonly Transition[]): number {
  for (let i = transitions.length - 1; i >= 0; i--) if (transitions[i]?.record) return i + 1;
  return 0;
}

/** How many transitions the readings share from the start, whatever led to them. */
function commonPrefixLength(earliest: readonly Transition[], latest: readonly Transition[]): number {
  const end = earliest.findIndex(
    ({ gravity, day }, index) => latest[index]?.gravity !== gravity || latest[index]?.day !== day,
  );
  return end < 0 ? earliest.length : end;
}

/**
 * Whether two transitions are the same in both readings: the same stage, led to by the same record or, by time, through
 * the same clock, set by the same record or on the same day.
 */
function isSameTransition(a: Transition, b: Transition): boolean {
  if (a.gravity !== b.gravity || a.record !== b.record) return false;
  return a.record !== null || (a.clock?.name === b.clock?.name && (a.setBy === b.setBy || a.day === b.day));
}

function pairReadings(
  earliest: readonly Transition[],
  latest: readonly Transition[],
  matches: (a: Transition, b: Transition) => boolean,
  certainty: Certainty,
  into: StageEntry[],
): void {
  let next = 0;
  for (const transition of earliest) {
    let found = next;
    while (found < latest.length && !matches(transition, latest[found] as Transition)) found++;
    if (found === latest.length) {
      into.push(mergeTransitions(transition, null, certainty));
      continue;
    }
    for (; next < found; next++) into.push(mergeTransitions(null, latest[next] as Transition, certainty));
    into.push(mergeTransitions(transition, latest[found] as Transition, certainty));
    next = found + 1;
  }
  for (; next < latest.length; next++)
    into.push(mergeTransitions(null, latest[next] as Transition, certainty));
}

const isSameStage = (a: Transition, b: Transition): boolean => a.gravity === b.gravity;

/**
 * Joins entries that each reading has by itself although both reach the stage on the same day through the same clock.
 */
function joinTwins(stages: StageEntry[]): StageEntry[] {
  const earliestOnly = stages.filter(({ latest_from }) => latest_from === null);
  if (earliestOnly.length === 0) return stages;
  const absorbed = new Set<StageEntry>();
  const joined = new Map<StageEntry, StageEntry>();
  for (const late of stages) {
    if (late.from !== null) continue;
    const twin = earliestOnly.find(
      (candidate) =>
        !joined.has(candidate) &&
        candidate.from === late.latest_from &&
        candidate.stage === late.stage &&
        candidate.certainty === late.certainty &&
        candidate.because.clock === late.because.clock,
    );
    if (!twin) continue;
    joined.set(twin, { ...twin, latest_from: late.latest_from, planned: twin.planned || late.planned });
    absorbed.add(late);
  }
  return stages.flatMap((entry) => (absorbed.has(entry) ? [] : [joined.get(entry) ?? entry]));
}

/** Every stage of both readings, by date, without those that a record has withdrawn. */
export function mergeStages(earliest: Fold, latest: Fold): StageEntry[] {
  const stages: StageEntry[] = [];
  const shared = commonPrefixLength(earliest.certain, latest.certain);
  for (let i = 0; i < shared; i++)
    stages.push(
      mergeTransitions(earliest.certain[i] as Transition, latest.certain[i] as Transition, 'certain'),
    );
  const [restE, restL] = [earliest.certain.slice(shared), latest.certain.slice(shared)];
  const [headE, headL] = [tailOf(restE), tailOf(restL)];
  pairReadings(restE.slice(0, headE), restL.slice(0, headL), isSameTransition, 'certain', stages);
  pairReadings(restE.slice(headE), restL.slice(headL), isSameStage, 'certain', stages);
  const standing = ({ may }: Fold) => may.filter(({ withdrawn }) => !withdrawn);
  const [mayE, mayL] = [standing(earliest), standing(latest)];
  // The two readings may meet the clocks in a different order.
  for (const name of new Set([...mayE, ...mayL].map(({ clock }) => clock?.name))) {
    const isOfClock = ({ clock }: Transition) => clock?.name === name;
    pairReadings(mayE.filter(isOfClock), mayL.filter(isOfClock), isSameStage, 'may', stages);
  }
  return joinTwins(stages).sort((a, b) => plannedFrom(a) - plannedFrom(b));
}
