/** `rules diff`: how two folders of rules differ, and whose dates that moves, before the new ones go live. */
import type { BookedRule, Rulebook } from '../../rulebook/index.ts';
import { type Command, JSON_OPTION } from '../command.ts';
import { type Change, changesOf, formatValue } from '../diff.ts';
import { type ExampleMove, exampleMovesOf } from '../example-moves.ts';
import { LINE_OPTIONS, lineMovesInWords, lineMovesOf } from '../line-moves.ts';
import { movedText } from '../moved.ts';
import { openRulebook, requireFolder } from '../rulebook.ts';
import { NOW_OPTION } from '../values.ts';

type RuleDiff = {
  rule: string;
  state: 'added' | 'removed' | 'changed';
  changes: Change[];
  moves: ExampleMove[];
};
type CarrierDiff = { carrier: string; changes: Change[] };
type Diff = { rules: RuleDiff[]; carriers: CarrierDiff[] };

const keysOf = (...maps: readonly ReadonlyMap<string, unknown>[]): string[] =>
  [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();

const comparableFields = ({ rule, carrier }: BookedRule) => {
  const { examples: _, ...rest } = rule;
  return { ...rest, time_zone: carrier.time_zone, currency: carrier.currency };
};

function ruleDiff(
  rule: string,
  before: BookedRule | undefined,
  after: BookedRule | undefined,
): RuleDiff | null {
  if (!before || !after) return { rule, state: before ? 'removed' : 'added', changes: [], moves: [] };
  const changes = changesOf(comparableFields(before), comparableFields(after));
  const moves = exampleMovesOf(before, after);
  return changes.length + moves.length > 0 ? { rule, state: 'changed', changes, moves } : null;
}

/** The differences in a carrier's file apart from its rules: codes, channels, sources. */
function carrierDiff(carrier: string, old: Rulebook, next: Rulebook): CarrierDiff | null {
  const [before, after] = [old, next].map((book) => {
    const { rules: _, time_zone: __, currency: ___, ...rest } = book.carriers.get(carrier) ?? { rules: [] };
    return rest;
  });
  if (!old.carriers.has(carrier) || !next.carriers.has(carrier)) return null;
  const changes = changesOf(before, after);
  return changes.length > 0 ? { carrier, changes } : null;
}

function diffOf(old: Rulebook, next: Rulebook): Diff {
  return {
    rules: keysOf(old.rules, next.rules).flatMap(
      (id) => ruleDiff(id, old.rules.get(id), next.rules.get(id)) ?? [],
    ),
    carriers: keysOf(old.carriers, next.carriers).flatMap((id) => carrierDiff(id, old, next) ?? []),
  };
}

const changeLine = ({ path, before, after }: Change) =>
  `  ${path}: ${formatValue(before)} → ${formatValue(after)}`;

const moveLines = ({ example, dates }: ExampleMove): string[] =>
  dates.map((moved) => `  moves ${moved.date}: ${movedText(moved)} in "${example}"`);

function inWords({ rules, carriers }: Diff): string[] {
  const moved = rules
    .flatMap(({ moves }) => moves)
    .filter(({ dates }) => dates.some(({ date }) => date === 'act_by'));
  const named = [
    ...rules.flatMap(({ rule, state, changes, moves }) => [
      state === 'changed' ? rule : `${rule} is ${state}`,
      ...changes.map(changeLine),
      ...moves.flatMap(moveLines),
      '',
    ]),
    ...carriers.flatMap(({ carrier, changes }) => [`${carrier} (its file)`, ...changes.map(changeLine), '']),
  ];
  const summary =
    `${rules.length} ${rules.length === 1 ? 'rule differs' : 'rules differ'}; ` +
    `${moved.length} ${moved.length === 1 ? 'example has' : 'examples have'} another last safe day.`;
  return [...named, rules.length + carriers.length === 0 ? 'The two say the same.' : summary];
}

export const rulesDiff: Command = {
  name: 'rules diff',
  takes: 'OLD NEW',
  summary: 'How two folders of rules differ, and whose dates that moves.',
  help: `
Compares two folders of rules: which clocks, facts and actions of which rule differ, and, by the records of the worked
examples of both, which dates move and by how many days. Run it before new rules go live: one wrong edit could tell
everybody that they are safe. Comments, layout and the order of keys are no difference.

With --people or --store it also folds people's lines over both: how many last safe days (act_by) and days of loss
(lost_on) come nearer, move further, appear or vanish, and which lines, the gravest first: those whose last safe day comes
nearer, the nearest of them foremost. Lines whose rule says the same are not read. Nothing is written; no number is shown.

Exit codes: 0, the two say the same; 1, they differ; 2, there is no such folder.`,
  examples: [
    'keepline rules diff rules new-rules',
    'keepline rules diff rules new-rules --store --limit 50',
    'keepline rules diff rules new-rules --people examples/records.yaml',
    'git worktree add /tmp/main main && keepline rules diff /tmp/main/rules rules',
  ],
  options: { json: JSON_OPTION, ...LINE_OPTIONS, now: NOW_OPTION },
  async run(call) {
    const [old = '', next = ''] = call.positionals;
    const [before, after] = (await Promise.all(
      [old, next].map(async (folder) => openRulebook(await requireFolder(folder))),
    )) as [Rulebook, Rulebook];
    const diff = diffOf(before, after);
    const lines = await lineMovesOf(call, { before, after });
    if (call.flag('json')) call.print(JSON.stringify(lines ? { ...diff, lines } : diff, null, 2));
    else for (const line of [...(lines ? lineMovesInWords(lines) : []), ...inWords(diff)]) call.print(line);
    return diff.rules.length + diff.carriers.length > 0 ? 1 : 0;
  },
};
