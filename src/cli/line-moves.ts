/** `rules diff` over people's lines, from a file or the database: counts those that move and lists the gravest. */
import { readConfig } from '../config.ts';
import { ledgerOf } from '../ledger.ts';
import { collectMoves, type Tally } from '../moves/gather.ts';
import { DIRECTIONS, type Move, type MovedDate, moveOf } from '../moves/move.ts';
import { type RulebookPair, storedMoves } from '../moves/stored.ts';
import { type Rulebook, ruleChanges } from '../rulebook/index.ts';
import { openStore } from '../store/store.ts';
import { type Call, type OptionSpec, UsageError } from './command.ts';
import { movedText } from './moved.ts';
import { readPeople } from './people/index.ts';
import { progressBar } from './progress.ts';
import { table } from './table.ts';
import { nowOf } from './values.ts';

export const LINE_OPTIONS = {
  people: { type: 'string', value: 'FILE', text: 'Also list whose lines in this records file move.' },
  store: { type: 'boolean', text: 'Also list whose lines in the database (DATABASE_URL) move.' },
  limit: {
    type: 'string',
    value: 'N',
    text: 'How many of the moving lines to list, 1 to 1000. Default: 20.',
  },
  page: { type: 'string', value: 'P', text: 'Which page of that list. Default: 1.' },
} as const satisfies Record<string, OptionSpec>;

/** At most this many moves are kept in memory, whatever the number of lines. */
const MAX_KEPT = 100_000;

type LineMoves = Tally & { page: number; limit: number; gravest: readonly Move[] };

/** A whole number from 1 to `max`. @throws UsageError */
function numberOf(call: Call, option: 'limit' | 'page', usual: number, max: number): number {
  const given = call.text(option);
  if (given === undefined) return usual;
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= 1 && number <= max) return number;
  throw new UsageError(`--${option} cannot be "${given}": give a whole number from 1 to ${max}.`);
}

type Options = { now: Date; limit: number; onProgress: (done: number, total: number) => void };

async function movesOfStore(call: Call, books: RulebookPair, { now, limit, onProgress }: Options) {
  const store = await openStore({ url: readConfig(call.env).databaseUrl });
  try {
    return await storedMoves(store, books, { now, limit, onProgress });
  } finally {
    await store.close();
  }
}

async function movesOfFile(call: Call, file: string, { before, after }: RulebookPair, options: Options) {
  const { now, limit, onProgress } = options;
  // A line may be under a rule that only one of the two has.
  const union: Rulebook = { ...before, rules: new Map([...after.rules, ...before.rules]) };
  const { people } = await readPeople({ file, stdin: call.stdin }, union, { now });
  const changedRules = new Set(ruleChanges(before, after).map(({ rule }) => rule));
  const lines = people.flatMap((person) => person.lines).filter(({ line }) => changedRules.has(line.rule));
  const moves = collectMoves(limit);
  for (const { line, records } of lines) {
    const pair = [before.rules.get(line.rule), after.rules.get(line.rule)] as const;
    moves.add(moveOf(pair, line, ledgerOf(records), now));
    onProgress(moves.tally.lines, lines.length);
  }
  return { tally: moves.tally, gravest: moves.gravest() };
}

/** The lines that move, if `--people` or `--store` asks for them, else null. @throws UsageError */
export async function lineMovesOf(call: Call, books: RulebookPair): Promise<LineMoves | null> {
  const file = call.text('people');
  const limit = numberOf(call, 'limit', 20, 1000);
  const page = numberOf(call, 'page', 1, Math.floor(MAX_KEPT / limit));
  if (file !== undefined && call.flag('store')) {
    throw new UsageError('--people and --store are asked for together: give one of them.');
  }
  if (file === undefined && !call.flag('store')) return null;
  const bar = progressBar(call, 'of the lines');
  const options = { now: nowOf(call), limit: limit * page, onProgress: bar.step };
  const start = performance.now();
  const found = await (file === undefined
    ? movesOfStore(call, books, options)
    : movesOfFile(call, file, books, options));
  const seconds = (performance.now() - start) / 1000;
  bar.end();
  const figure = (n: number) => Math.round(n).toLocaleString('en');
  const { lines } = found.tally;
  call.complain(
    `${figure(lines)} lines folded twice in ${seconds.toFixed(1)} s (${figure(lines / seconds)} lines/s)`,
  );
  return { ...found.tally, page, limit, gravest: found.gravest.slice(limit * (page - 1), limit * page) };
}

const moved = (name: string, date: MovedDate): string =>
  date.direction === null ? '' : `${name} ${movedText(date)}`;

/** The lines that move, as lines of text. */
export function lineMovesInWords(found: LineMoves): string[] {
  const counts = (date: 'act_by' | 'lost_on') =>
    `  ${date}: ${DIRECTIONS.map((direction) => `${found[date][direction]} ${direction}`).join(', ')}`;
  const rows = found.gravest.map(({ line, user, rule, act_by, lost_on }) => [
    line,
    user,
    rule,
    moved('act_by', act_by),
    moved('lost_on', lost_on),
  ]);
  const first = found.limit * (found.page - 1) + 1;
  const shown =
    rows.length === 0 ? 'none of them' : `${first} to ${first + rows.length - 1} of ${found.moved}`;
  const more = first + rows.length <= found.moved ? `; --page ${found.page + 1} shows the next` : '';
  return [
    `${found.moved} of ${found.lines} lines under rules that differ move; all others stay.`,
    counts('act_by'),
    counts('lost_on'),
    ...(found.moved > 0 ? [`The gravest first, ${shown}${more}:`, ...table(rows)] : []),
    '',
  ];
}
