/** What is asked for, by the names of the rule's actions. */
import type { Stage } from '../retention/record.ts';
import type { StageEntry } from '../retention/timeline.ts';
import { actionsIn, actionsThatRestart, clockOf, versionOf } from '../wording/index.ts';
import type { AgendaLine, Asks } from './entry.ts';

/** Every action that is asked for, whichever others would do in its place. */
export const actionsAsked = (asks: Asks): readonly string[] => asks.flat();

/** What is asked for, with as few actions as can be: what answers several is asked for once, and alone. */
export function mergeAsks(asks: Asks): string[][] {
  const lists: string[][] = [];
  for (const names of asks) {
    const shared = lists.findIndex((list) => list.some((name) => names.includes(name)));
    if (shared < 0) lists.push([...names]);
    else lists[shared] = lists[shared]?.filter((name) => names.includes(name)) ?? [];
  }
  return lists.filter((names) => names.length > 0);
}

/** What restarts a clock, or else what saves the line in the stage that its end brings. */
export function restartingActions(
  line: AgendaLine,
  name: string | null,
  stage: StageEntry | null,
): readonly string[] {
  const { booked, timeline } = line;
  const clock = name ? clockOf(booked, timeline.version, name) : undefined;
  const actions = clock ? actionsThatRestart(versionOf(booked, timeline.version), clock) : [];
  return actions.length > 0 ? actions : (stage?.cures ?? []);
}

/** Of some actions those that help in a stage; one of which nothing is known counts as active. */
export const actionsHelpingIn = (
  line: AgendaLine,
  stage: Stage | undefined,
  names: readonly string[],
): readonly string[] =>
  actionsIn(
    stage === undefined || stage === 'unknown' ? 'active' : stage,
    names,
    versionOf(line.booked, line.timeline.version),
  );
