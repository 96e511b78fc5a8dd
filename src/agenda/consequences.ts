import { type Day, GRAVITY, plannedFrom } from '../retention/index.ts';
import type { StageEntry } from '../retention/timeline.ts';
import { curesOn, withUnblockingCures } from './cures.ts';
import { type FoundDeadline, firstDayOf, followsLoss, isDisputed } from './deadline.ts';
import type { AgendaEntry, AgendaLine, Asks } from './entry.ts';
import { alarmHours, type Draft, MONTH, MONTHLY_REPEATS, makeEntry, WEEK } from './make.ts';

const WEEKLY_SPAN = 26 * WEEK;
const MONTHLY_SPAN = MONTHLY_REPEATS * MONTH;
const MAX_TONE = 3;

/**
 * What still saves the line on a day after its deadline: actions that cure the stage and, if possible, answer the
 * deadline.
 */
function asksOn(line: AgendaLine, day: Day, deadline: FoundDeadline): Asks {
  const stage = line.timeline.stages.findLast(
    (entry) =>
      entry.from !== null &&
      firstDayOf(line, entry.from) <= day &&
      GRAVITY[entry.stage] > 0 &&
      // A stage that only may happen must not hide cures that help as long as it has not happened.
      (entry.certainty === 'certain' || entry.cures.length > 0),
  );
  if (!stage || deadline.track === 'identity') return deadline.asks;
  // If the stage may already be over, the actions that answer the deadline still help.
  if (stage.cures.length === 0 && isDisputed(line, stage, day)) return deadline.asks;
  const cures = curesOn(line, stage, day);
  const isHealing = (names: readonly string[]) => names.some((name) => cures.includes(name));
  if (!deadline.asks.some(isHealing)) return [cures];
  return deadline.asks.map((names) =>
    isHealing(names) ? cures.filter((name) => names.includes(name)) : names,
  );
}

/** The first day in the person's zone on which the line is lost for certain; infinite if there is none. */
function lostOn(line: AgendaLine): Day {
  const { latest_lost_on } = line.timeline;
  return latest_lost_on === null ? Number.POSITIVE_INFINITY : firstDayOf(line, latest_lost_on);
}

/**
 * Overdue entries repeat until the number is lost for certain: weekly for half a year, then monthly for two more years,
 * because a number may stay rescuable for long. Of the repeats due before the line was entered only the latest is kept,
 * moved to that day; later ones keep their dates.
 */
export function overdueEntries(draft: Draft, deadline: FoundDeadline, cycle: string): AgendaEntry[] {
  const { line, created, rings } = draft;
  const first = deadline.safeOn + 1;
  const monthlyFrom = Math.max(first, created) + WEEKLY_SPAN;
  const end = Math.min(lostOn(line), monthlyFrom + MONTHLY_SPAN);
  const entries: AgendaEntry[] = [];
  for (let day = first; day < end; day += day < monthlyFrom ? WEEK : MONTH) {
    if (day + WEEK <= created) continue;
    const on = Math.max(day, created);
    if (on >= end) continue;
    const week = (day - first) / WEEK + 1;
    const tone = Math.min(week, MAX_TONE);
    entries.push(
      makeEntry(line, 'overdue', `${cycle}/${week}`, on, {
        deadline,
        because: deadline.because,
        asks: withUnblockingCures(line, asksOn(line, on, deadline), on),
        days: on - deadline.safeOn,
        tone,
        variant: deadline.track === 'identity' ? 'identity' : null,
        alarms: rings && tone > 1 ? [alarmHours(draft, 1)] : [],
      }),
    );
  }
  return entries;
}

/**
 * One entry for each stage that would follow, on its own date, certain or not. If two clocks bring the same stage on
 * the same day, both entries get the variant `alike`, so that their titles name the clock.
 */
export function stageEntries({ line }: Draft, after: Day, cycle: string): AgendaEntry[] {
  const taken = new Set<string>();
  const entries = line.timeline.stages
    .filter((entry) => plannedFrom(entry) > after && GRAVITY[entry.stage] > 0 && !entry.planned)
    .filter((entry) => !followsLoss(line, entry))
    .map((entry) => {
      const key = keyOf(entry, cycle, taken);
      taken.add(key);
      const on = firstDayOf(line, plannedFrom(entry));
      return makeEntry(line, 'stage', key, on, {
        stage: entry,
        because: entry.because,
        asks: withUnblockingCures(line, [curesOn(line, entry, on)], on),
      });
    });
  const groupKey = ({ on, stage }: AgendaEntry): string => `${on} ${stage?.stage}`;
  const alike = Map.groupBy(entries, groupKey);
  return entries.map((entry) =>
    alike.get(groupKey(entry))?.length === 1 ? entry : { ...entry, variant: 'alike' },
  );
}

function keyOf({ stage, certainty, because }: StageEntry, cycle: string, taken: ReadonlySet<string>): string {
  const key = `${cycle}/${stage}/${certainty}/${because.clock ?? ''}`;
  let unique = key;
  for (let again = 2; taken.has(unique); again++) unique = `${key}/${again}`;
  return unique;
}
