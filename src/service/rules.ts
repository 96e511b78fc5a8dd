/**
 * The running rules, and their replacement without a restart. A folder that fails its check is never loaded: the
 * running rules stay, and are reported as `stale`.
 */
import { relative, sep } from 'node:path';
import type { Logger } from 'pino';
import { mutex } from '../lib/mutex.ts';
import { releaseNumber, renewRelease } from '../release.ts';
import {
  type Problem,
  printProblem,
  type Rulebook,
  type RuleChange,
  readCandidate,
  ruleChanges,
} from '../rulebook/index.ts';
import type { Store } from '../store/types.ts';

/** Rules, and the number of the release that they form together with the texts and the code. */
export type Edition = { rulebook: Rulebook; release: number };

/**
 * `stale`: since `since` the folder could not be loaded, for a number of `problems`; the previous rules stay in use.
 */
type RulesState = { state: 'current' } | { state: 'stale'; problems: number; since: string };

type ReloadResult =
  | { loaded: true; digest: string; release: number; changes: RuleChange[] }
  | { loaded: false; problems: Problem[] };

export type RunningRules = {
  edition(): Edition;
  state(): RulesState;
  /** Reloads the folder; concurrent calls run one after another. @throws StoreError */
  reload(): Promise<ReloadResult>;
};

type RulesContext = {
  folder: string;
  store: Store;
  clock: () => Date;
  log: Logger;
  onReplaced: (before: Edition, after: Edition, changes: RuleChange[]) => void;
};

/** The most problems that are logged; the others are only counted. */
const MAX_LOGGED = 50;

/** Problems with file names relative to the rules folder, whose own path is not disclosed. */
export const withRelativePaths = (folder: string, problems: readonly Problem[]): Problem[] =>
  problems.map((problem) => {
    const name = relative(folder, problem.file).replaceAll(sep, '/');
    return { ...problem, file: name || '.' };
  });

/** Problems for removed rules that lines are still under: those lines would silently lose their dates. */
async function removedInUse(
  { folder, store }: RulesContext,
  changes: readonly RuleChange[],
): Promise<Problem[]> {
  const removed = changes.filter(({ state }) => state === 'removed');
  if (removed.length === 0) return [];
  const counts = await store.lines.countByRule();
  return removed.flatMap(({ rule }) => {
    const lines = counts.get(rule) ?? 0;
    if (lines === 0) return [];
    const file = `${folder}/${rule.split('/', 2).join('/')}.yaml`;
    const using = lines === 1 ? '1 line uses it' : `${lines} lines use it`;
    const message = `The rule ${rule} is gone, and ${using}: put it back, or erase or close those lines first.`;
    return [{ file, line: 1, column: 1, message }];
  });
}

/** Holds the running rules, beginning with `first`. */
export function createRunningRules(first: Edition, context: RulesContext): RunningRules {
  const { folder, store, clock, log, onReplaced } = context;
  let edition = first;
  let state: RulesState = { state: 'current' };
  const exclusively = mutex();

  function refuse(problems: Problem[]): ReloadResult {
    const since = state.state === 'stale' ? state.since : clock().toISOString();
    state = { state: 'stale', problems: problems.length, since };
    const logged = problems.slice(0, MAX_LOGGED).map(printProblem);
    log.error(
      { problems: logged, count: problems.length },
      'the rules were not reloaded: the running ones stay',
    );
    return { loaded: false, problems: withRelativePaths(folder, problems) };
  }

  async function reload(): Promise<ReloadResult> {
    const { rulebook, problems } = await readCandidate(folder, { running: edition.rulebook });
    if (problems.length > 0) return refuse(problems);
    const before = edition;
    const changes = ruleChanges(before.rulebook, rulebook);
    const { digest } = rulebook;
    if (digest === before.rulebook.digest) {
      // Another node may have returned to these rules since, which gives them a newer release number.
      const release = await releaseNumber(rulebook, store);
      edition = { rulebook: before.rulebook, release: Math.max(release, before.release) };
    } else {
      const used = await removedInUse(context, changes);
      if (used.length > 0) return refuse(used);
      edition = { rulebook, release: await renewRelease(rulebook, store) };
      onReplaced(before, edition, changes);
    }
    state = { state: 'current' };
    log.info({ digest, release: edition.release, changes }, 'the rules were reloaded');
    return { loaded: true, digest, release: edition.release, changes };
  }

  return { edition: () => edition, state: () => state, reload: () => exclusively(reload) };
}
