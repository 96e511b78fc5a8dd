import { type Day, formatDay, GRAVITY, safeDay } from '../retention/index.ts';
import type { StageEntry } from '../retention/timeline.ts';
import { actionsThatRestart, clockOf, recordDays, versionOf } from '../wording/index.ts';
import type { AgendaLine, Deadline } from './entry.ts';

/** Keeping a number in use and proving who owns it run side by side: each has its own deadline. */
export type Track = 'use' | 'identity';

export function trackOf(line: AgendaLine, clock: string | null): Track {
  const duty = clock ? clockOf(line.booked, line.timeline.version, clock)?.duty : undefined;
  return duty === 'identity' ? 'identity' : 'use';
}

/** The day of the person's zone on which whoever acts is still in time. */
export const safeOf = (line: AgendaLine, day: Day): Day =>
  safeDay(day, line.timeline.time_zone, line.time_zone);

/** The first day in the person's zone on which a stage may already hold; one that held before all records, ever. */
export const firstDayOf = (line: AgendaLine, from: Day): Day =>
  from <= 0 ? from : safeOf(line, from - 1) + 1;

/** On the plan's side: the earliest reading's day, or the only one there is. */
export const plannedFrom = (entry: StageEntry): Day => (entry.from ?? entry.latest_from) as Day;

const holds = (entry: StageEntry, asOf: Day): boolean => entry.from !== null && entry.from <= asOf;

/** How grave the line's state already is by this track's doing alone. */
function presentGravity(line: AgendaLine, track: Track): number {
  const { stages, stage, as_of } = line.timeline;
  const present = stages.findLast((entry) => entry.certainty === 'certain' && holds(entry, as_of));
  if (present && trackOf(line, present.because.clock) !== track) return 0;
  return Math.max(0, GRAVITY[stage]);
}

const atEdge = (line: AgendaLine, lastSafe: Day): StageEntry | null => {
  const next = line.timeline.stages.filter(
    (entry) => entry.from === lastSafe + 1 && GRAVITY[entry.stage] > 0,
  );
  return next.find((entry) => entry.certainty === 'certain') ?? next[0] ?? null;
};

function whatRestarts(line: AgendaLine, name: string | null, stage: StageEntry | null): readonly string[] {
  const { booked, timeline } = line;
  const clock = name ? clockOf(booked, timeline.version, name) : undefined;
  const actions = clock ? actionsThatRestart(versionOf(booked, timeline.version), clock) : [];
  return actions.length > 0 ? actions : (stage?.cures ?? []);
}

export type FoundDeadline = Deadline & {
  track: Track;
  lastSafe: Day;
  safeOn: Day;
  /** The day from which it has stood, in the carrier's zone. */
  since: Day;
  /** What answers it, by the names of the rule's actions. */
  cures: readonly string[];
};

function describe(
  line: AgendaLine,
  track: Track,
  lastSafe: Day,
  stage: StageEntry | null,
  missed: boolean,
): FoundDeadline {
  const { timeline } = line;
  const clock = stage?.because.clock ?? null;
  const setter = line.records.find((record) => record.id === stage?.because.record);
  const set = setter ? recordDays(setter.input.at, timeline.time_zone).latest : null;
  const since = set ?? timeline.moves[timeline.moves.length - 1]?.on ?? timeline.as_of;
  const safeOn = safeOf(line, lastSafe);
  return {
    track,
    lastSafe,
    safeOn,
    since: Math.min(since, lastSafe),
    act_by: formatDay(lastSafe),
    safe: formatDay(safeOn),
    clock,
    stage,
    missed,
    cures: whatRestarts(line, clock, stage),
  };
}

/**
 * By when the line must be used: the deadline that was missed and not made good, or else the next one. What an
 * identity duty brings is left aside; that has entries of its own.
 */
export function useDeadline(line: AgendaLine): FoundDeadline | null {
  const { timeline } = line;
  if (timeline.at_risk_since !== null) {
    const stage = atEdge(line, timeline.at_risk_since);
    if (trackOf(line, stage?.because.clock ?? null) === 'use') {
      return describe(line, 'use', timeline.at_risk_since, stage, true);
    }
  }
  const present = presentGravity(line, 'use');
  const next = timeline.stages
    .filter(
      (entry) =>
        plannedFrom(entry) > timeline.as_of &&
        entry.stage !== 'reissuable' &&
        GRAVITY[entry.stage] > present &&
        trackOf(line, entry.because.clock) === 'use',
    )
    .sort((a, b) => plannedFrom(a) - plannedFrom(b))[0];
  return next ? describe(line, 'use', plannedFrom(next) - 1, next, false) : null;
}

/** By when the owner must be identified: one deadline for each such duty that has a date and is not fulfilled. */
export function identityDeadlines(line: AgendaLine): FoundDeadline[] {
  const { timeline } = line;
  return timeline.clocks.flatMap(({ clock, ends }) => {
    if (ends === null || trackOf(line, clock) === 'use') return [];
    const stage = timeline.stages.find((entry) => entry.because.clock === clock && entry.from === ends + 1);
    const found = describe(line, 'identity', ends, stage ?? null, ends < timeline.as_of);
    return [{ ...found, clock, cures: whatRestarts(line, clock, stage ?? null) }];
  });
}
