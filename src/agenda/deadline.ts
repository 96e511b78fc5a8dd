import {
  type Day,
  formatDay,
  GRAVITY,
  gravityIn,
  plannedFrom,
  safeDay,
  stageThatHolds,
} from '../retention/index.ts';
import type { Stage } from '../retention/record.ts';
import type { Because, StageEntry } from '../retention/timeline.ts';
import { clockOf, recordDays } from '../wording/index.ts';
import { actionsHelpingIn, mergeAsks, restartingActions } from './asks.ts';
import type { AgendaLine, Asks, Deadline } from './entry.ts';

/** Keeping a number in use and proving who owns it are separate obligations, each with its own deadline. */
export type Track = 'use' | 'identity';

export function trackOf(line: AgendaLine, clock: string | null): Track {
  const duty = clock ? clockOf(line.booked, line.timeline.version, clock)?.duty : undefined;
  return duty === 'identity' ? 'identity' : 'use';
}

/** The last day of the person's zone that is wholly before the end of a day in the carrier's zone. */
export const safeOf = (line: AgendaLine, day: Day): Day =>
  safeDay(day, line.timeline.time_zone, line.time_zone);

/**
 * The first day in the person's zone on which a stage may already hold; 0 or less (before all records) is returned as
 * is.
 */
export const firstDayOf = (line: AgendaLine, from: Day): Day =>
  from <= 0 ? from : safeOf(line, from - 1) + 1;

/**
 * Whether a stage begins only after the certain loss of the number, when no stage but `reissuable` matters any more.
 */
export function followsLoss({ timeline: { latest_lost_on } }: AgendaLine, entry: StageEntry): boolean {
  if (latest_lost_on === null || entry.stage === 'reissuable') return false;
  const isCertainLoss = entry.stage === 'lost' && entry.certainty === 'certain';
  return plannedFrom(entry) > latest_lost_on || (plannedFrom(entry) === latest_lost_on && !isCertainLoss);
}

/** Whether the latest reading has reached a stage by a day of the person's zone. */
export const isReachedBy = (line: AgendaLine, { latest_from }: StageEntry, day: Day): boolean =>
  latest_from !== null && firstDayOf(line, latest_from) <= day;

/** Whether a stage is over by a day in the latest reading only, so that it is uncertain whether it still holds. */
export function isDisputed(line: AgendaLine, stage: StageEntry, day: Day): boolean {
  const { stages } = line.timeline;
  return stages
    .slice(stages.indexOf(stage) + 1)
    .some((entry) => entry.certainty === 'certain' && entry.from === null && isReachedBy(line, entry, day));
}

/** The certain stage that a line is in on a day of the person's zone. */
export const stageOn = (line: AgendaLine, day: Day): StageEntry | undefined =>
  stageThatHolds(line.timeline.stages, (from) => firstDayOf(line, from) <= day);

/** The name of that stage, and whether both readings agree on it. */
export function presentOn(line: AgendaLine, day: Day): { stage: Stage; isSure: boolean } | null {
  const present = stageOn(line, day);
  if (!present) return null;
  const isSure = isReachedBy(line, present, day) && !isDisputed(line, present, day);
  return { stage: present.stage, isSure };
}

/** Whether both readings agree on the stage that the timeline gives. */
export function isStageSure(line: AgendaLine): boolean {
  const present = presentOn(line, safeOf(line, line.timeline.as_of));
  return present === null || present.isSure || present.stage !== line.timeline.stage;
}

/** Whether the line is lost for certain by a day of the person's zone. */
export const isLostBy = (line: AgendaLine, day: Day): boolean =>
  line.timeline.latest_lost_on !== null && firstDayOf(line, line.timeline.latest_lost_on) <= day;

/** The gravity of the present stage; 0 if a clock of the other track brought it. */
function presentGravity(line: AgendaLine, track: Track): number {
  const { stages, stage, as_of } = line.timeline;
  const present = stageThatHolds(stages, (from) => from <= as_of);
  if (present && trackOf(line, present.because.clock) !== track) return 0;
  return gravityIn(stage);
}

/** What follows a last safe day in either reading: the stage, and the clock that brings it. */
function stageAfter(line: AgendaLine, lastSafe: Day): { stage: StageEntry | null; clock: string | null } {
  const { stages, clocks } = line.timeline;
  const next = stages.filter(
    ({ stage, from, latest_from }) =>
      (from === lastSafe + 1 || latest_from === lastSafe + 1) && GRAVITY[stage] > 0,
  );
  const certain = next.filter(({ certainty }) => certainty === 'certain');
  // Prefer the stage that begins in the earliest reading, which plans use.
  const stage = certain.find(({ from }) => from === lastSafe + 1) ?? certain[0] ?? next[0] ?? null;
  return {
    stage,
    clock: stage?.because.clock ?? clocks.find(({ ends }) => ends === lastSafe)?.clock ?? null,
  };
}

/**
 * The stages, one per clock, that other clocks of the track bring on the day after a last safe day, if graver than
 * `above`. Each needs its own action: restarting one clock does not restart another.
 */
function othersOn(
  line: AgendaLine,
  track: Track,
  lastSafe: Day,
  { clock, above }: { clock: string | null; above: number },
) {
  const others = line.timeline.stages.filter(
    (entry) =>
      plannedFrom(entry) === lastSafe + 1 &&
      entry.stage !== 'reissuable' &&
      entry.because.clock !== clock &&
      GRAVITY[entry.stage] > above &&
      trackOf(line, entry.because.clock) === track,
  );
  return [...new Map(others.map((stage) => [stage.because.clock, stage])).values()];
}

/** The reason of the stage; without a stage (another one hides it), a reason built from what is known of the clock. */
function becauseOf(line: AgendaLine, name: string | null, stage: StageEntry | null): Because | null {
  if (stage) return stage.because;
  const { booked, timeline } = line;
  const clock = name ? clockOf(booked, timeline.version, name) : undefined;
  if (!clock) return null;
  const known = timeline.clocks.find((state) => state.clock === name)?.because;
  const { record, counts_from } = known ?? { record: null, counts_from: 'record' };
  return { clock: name, record, counts_from, fact: null, evidence: clock.evidence };
}

export type FoundDeadline = Deadline & {
  track: Track;
  lastSafe: Day;
  safeOn: Day;
  /** The day since which it has applied, in the carrier's zone. */
  since: Day;
  because: Because | null;
  /** What answers it, by the names of the rule's actions: one action of each list. */
  asks: Asks;
};

function makeDeadline(
  line: AgendaLine,
  track: Track,
  lastSafe: Day,
  { stage, clock }: { stage: StageEntry | null; clock: string | null },
  others: readonly StageEntry[] = [],
): FoundDeadline {
  const { timeline } = line;
  const safeOn = safeOf(line, lastSafe);
  const present = stageOn(line, safeOn)?.stage;
  const asks = mergeAsks(
    [
      restartingActions(line, clock, stage),
      ...others.map((other) => restartingActions(line, other.because.clock, other)),
    ].map((names) => actionsHelpingIn(line, present, names)),
  );
  const because = becauseOf(line, clock, stage);
  const settingRecord = line.records.find((record) => record.id === because?.record);
  const setOn = settingRecord ? recordDays(settingRecord.input.at, timeline.time_zone).latest : null;
  const since = setOn ?? timeline.moves[timeline.moves.length - 1]?.on ?? timeline.as_of;
  return {
    track,
    lastSafe,
    safeOn,
    since: Math.min(since, lastSafe),
    act_by: formatDay(lastSafe),
    safe: formatDay(safeOn),
    clock,
    stage,
    missed: lastSafe < timeline.as_of,
    because,
    asks,
  };
}

/**
 * By when the line must be used: a deadline that was missed and not made good, or else the next one. Stages that an
 * identity duty brings are left out: {@link identityDeadlines} gives those.
 */
export function useDeadline(line: AgendaLine): FoundDeadline | null {
  const { at_risk_since, stages, as_of } = line.timeline;
  if (at_risk_since !== null) {
    const edge = stageAfter(line, at_risk_since);
    if (trackOf(line, edge.clock) === 'use') {
      const others = othersOn(line, 'use', at_risk_since, { clock: edge.clock, above: 0 });
      return makeDeadline(line, 'use', at_risk_since, edge, others);
    }
  }
  const present = presentGravity(line, 'use');
  const next = stages
    .filter(
      (entry) =>
        plannedFrom(entry) > as_of &&
        entry.stage !== 'reissuable' &&
        GRAVITY[entry.stage] > present &&
        trackOf(line, entry.because.clock) === 'use',
    )
    // Of several on one day: those of the earliest reading first, then the gravest.
    .sort(
      (a, b) =>
        plannedFrom(a) - plannedFrom(b) ||
        Number(a.from === null) - Number(b.from === null) ||
        GRAVITY[b.stage] - GRAVITY[a.stage],
    )[0];
  if (!next) return null;
  const [lastSafe, { clock }] = [plannedFrom(next) - 1, next.because];
  const others = othersOn(line, 'use', lastSafe, { clock, above: present });
  return makeDeadline(line, 'use', lastSafe, { stage: next, clock }, others);
}

/** By when the owner must be identified: one deadline for each such duty that has a date and is not fulfilled. */
export function identityDeadlines(line: AgendaLine): FoundDeadline[] {
  const { clocks, stages } = line.timeline;
  return clocks.flatMap(({ clock, ends }) => {
    if (ends === null || trackOf(line, clock) === 'use') return [];
    const stage = stages.find((entry) => entry.because.clock === clock && plannedFrom(entry) > ends);
    return [makeDeadline(line, 'identity', ends, { stage: stage ?? null, clock })];
  });
}
