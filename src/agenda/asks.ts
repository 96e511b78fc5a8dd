/** What an entry asks the owner to do, as names of the rule's actions. */
import type { Stage } from '../retention/record.ts';
import type { StageEntry } from '../retention/timeline.ts';
import { actionsIn, actionsThatRestart, clockOf, versionOf } from '../wording/index.ts';
import type { AgendaLine, Asks } from './entry.ts';

/** All actions in `asks`, without their grouping into alternatives. */
export const actionsAsked = (asks: Asks): readonly string[] => asks.flat();

/**
 * Merges lists that share actions, so that as few actions as possible are asked for: of two lists that overlap only the
 * shared actions remain, since each of them answers both.
 */
export function mergeAsks(asks: Asks): string[][] {
  const lists: string[][] = [];
  for (const names of asks) {
    const shared = lists.findIndex((list) => list.some((name) => names.includes(name)));
    if (shared < 0) lists.push([...names]);
    else lists[shared] = lists[shared]?.filter((name) => names.includes(name)) ?? [];
  }
  return lists.filter((names) => names.length > 0);
}

/** The actions that restart a clock; if there are none, the cures of the stage that follows its end. */
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

/** Those of `names` that help in a stage; an unknown stage counts as active. */
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
