/** "What if" for lines of a file: with records added or left out. */
import { parse } from 'yaml';
import { foldLine, ledgerOf, todayOf } from '../ledger.ts';
import type { LedgerRecord } from '../retention/record.ts';
import type { Timeline } from '../retention/timeline.ts';
import type { Rulebook } from '../rulebook/index.ts';
import { differencesBetween, type Locale } from '../wording/index.ts';
import { type Call, Failure, UsageError } from './command.ts';
import { type Person, type PersonLine, peopleIn } from './people/index.ts';
import { printable } from './table.ts';

export type Dates = { as_of?: string; until?: string; now: Date };
export type Folded = { ledger: LedgerRecord[]; timeline: Timeline };
/** The records to add to each line, and the names of the records to leave out. */
export type WhatIf = { add: Map<PersonLine, PersonLine['records']>; leaveOut: string[] };

/** @throws UsageError if `until` is before the as-of day */
export function foldOf({ line, booked, records }: PersonLine, { as_of, until, now }: Dates): Folded {
  const ledger = ledgerOf(records);
  const day = as_of ?? todayOf(line, booked, now);
  if (until !== undefined && until < day) {
    throw new UsageError(`--until ${until} is before ${day}: give a later date.`);
  }
  return { ledger, timeline: foldLine(booked, line, ledger, { as_of: day, until }) };
}

const namesOf = ({ id, body }: PersonLine['records'][number]): string[] => [id, body.external_id ?? id];

/** Only this many lines that do not fit are listed. */
const MAX_LISTED = 10;

/**
 * What `--what-if` and `--leave-out` ask for these lines; null if neither is given.
 * @throws UsageError if the records cannot be parsed, or no line has a record that is to be left out
 * @throws Failure if the records do not fit every line
 */
export function readWhatIf(
  call: Call,
  rulebook: Rulebook,
  people: readonly Person[],
  now: Date,
): WhatIf | null {
  const [text, ids] = [call.text('what-if'), call.text('leave-out')];
  if (text === undefined && ids === undefined) return null;
  const lines = people.flatMap((person) => person.lines);
  const leaveOut = (ids ?? '').split(',').filter(Boolean);
  const known = new Set(lines.flatMap(({ records }) => records.flatMap(namesOf)));
  const unknown = leaveOut.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new UsageError(`--leave-out: there is no record ${unknown.join(', ')}.`);
  const inputs = text === undefined ? [] : recordsIn(text);
  return { add: inputs.length === 0 ? new Map() : recordsByLine(inputs, people, rulebook, now), leaveOut };
}

function recordsIn(text: string): unknown[] {
  try {
    return [parse(text)].flat();
  } catch {
    throw new UsageError(
      "--what-if cannot be read: write a record as '{ type: topup, at: in 10 days, amount: 100 RUB }'.",
    );
  }
}

/**
 * The supposed records as each line takes them.
 * @throws Failure if they do not fit every line, with the lines that they do not fit
 */
function recordsByLine(
  inputs: unknown[],
  people: readonly Person[],
  rulebook: Rulebook,
  now: Date,
): WhatIf['add'] {
  const add: WhatIf['add'] = new Map();
  const misfits: string[] = [];
  for (const { user, lines } of people) {
    for (const personLine of lines) {
      const { records, wrong } = recordsFor(personLine, inputs, rulebook, now);
      if (wrong.length === 0) add.set(personLine, records);
      const { label, external_id, rule } = personLine.line;
      const name = [printable(label), ...(external_id ? [external_id] : []), rule].join(' · ');
      misfits.push(...wrong.map((message) => `  ${printable(user.name)}, ${name}: ${message}`));
    }
  }
  if (misfits.length === 0) return add;
  const all = people.reduce((count, { lines }) => count + lines.length, 0);
  const listed = misfits.slice(0, MAX_LISTED);
  if (misfits.length > listed.length) listed.push(`  … and ${misfits.length - listed.length} more`);
  const heading =
    add.size > 0
      ? `--what-if fits ${add.size} of ${all} lines; nothing was done. Choose whose it is with --person or --line. It does not fit:`
      : `--what-if does not fit; nothing was done.`;
  throw new Failure([heading, ...listed].join('\n'));
}

/** The supposed records for one line, parsed and checked against its rule as those of a file are. */
function recordsFor({ line }: PersonLine, inputs: unknown[], rulebook: Rulebook, now: Date) {
  const { rule, time_zone, facts } = line;
  const head = { rule, ...(time_zone ? { time_zone } : {}), ...(facts ? { facts } : {}) };
  // One record per text line, so that a problem's line number says which record it is about.
  const text = `${JSON.stringify(head).slice(0, -1)}, "records": [\n${inputs.map((input) => JSON.stringify(input)).join(',\n')}\n]}`;
  const { people, problems } = peopleIn('--what-if', text, rulebook, { now, plans: true });
  const place = (at: number) => (inputs.length > 1 ? `record ${at - 1}: ` : '');
  return {
    records: (people[0]?.lines[0]?.records ?? []).map((record, at) => ({ ...record, id: `what-if/${at}` })),
    wrong: [...new Set(problems.map((problem) => `${place(problem.line)}${problem.message}`))],
  };
}

/** The line as it is, as it would be, and each difference in words. */
export function whatIf(line: PersonLine, dates: Dates, { add, leaveOut }: WhatIf, locale: Locale) {
  const kept = line.records.filter((record) => !namesOf(record).some((name) => leaveOut.includes(name)));
  const before = foldOf(line, dates);
  const after = foldOf({ ...line, records: [...kept, ...(add.get(line) ?? [])] }, dates);
  const { version, as_of, time_zone } = after.timeline;
  const reasonContext = { booked: line.booked, version, as_of, time_zone, records: after.ledger, locale };
  return { before, after, differences: differencesBetween(before.timeline, after.timeline, reasonContext) };
}
