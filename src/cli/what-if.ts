/** "What if" of a line in a file: with records more, with some less. */
import { Readable } from 'node:stream';
import { parse } from 'yaml';
import { foldLine, ledgerOf, todayOf } from '../ledger.ts';
import type { LedgerRecord } from '../retention/record.ts';
import type { Timeline } from '../retention/timeline.ts';
import type { Rulebook } from '../rulebook/index.ts';
import { differencesBetween, type Locale } from '../wording/index.ts';
import { type Call, UsageError } from './command.ts';
import { type PersonLine, readPeople } from './people/index.ts';

export type Dates = { as_of?: string; until?: string; now: Date };
export type Folded = { ledger: LedgerRecord[]; timeline: Timeline };
export type WhatIf = { add: unknown[]; leaveOut: string[]; rulebook: Rulebook };

/** @throws UsageError where `until` comes before the day that is looked from */
export function foldOf({ line, booked, records }: PersonLine, { as_of, until, now }: Dates): Folded {
  const ledger = ledgerOf(records);
  const day = as_of ?? todayOf(line, booked, now);
  if (until !== undefined && until < day) {
    throw new UsageError(`--until ${until} is before ${day}: give a later date.`);
  }
  return { ledger, timeline: foldLine(booked, line, ledger, { as_of: day, until }) };
}

const namesOf = ({ id, body }: PersonLine['records'][number]): string[] => [id, body.external_id ?? id];

/**
 * What `--what-if` and `--leave-out` ask; null where neither is given.
 * @throws UsageError where the records cannot be read, or none of the lines has one that is to be left out
 */
export function supposedIn(call: Call, rulebook: Rulebook, lines: readonly PersonLine[]): WhatIf | null {
  const [text, ids] = [call.text('what-if'), call.text('leave-out')];
  if (text === undefined && ids === undefined) return null;
  const leaveOut = (ids ?? '').split(',').filter(Boolean);
  const known = new Set(lines.flatMap(({ records }) => records.flatMap(namesOf)));
  const unknown = leaveOut.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new UsageError(`--leave-out: there is no record ${unknown.join(', ')}.`);
  try {
    const add: unknown = text === undefined ? [] : parse(text);
    return { add: [add].flat(), leaveOut, rulebook };
  } catch {
    throw new UsageError(
      "--what-if cannot be read: write a record as '{ type: topup, at: in 10 days, amount: 100 RUB }'.",
    );
  }
}

/** The records that are supposed, read and checked as those of a file are, for the line and its rule. */
async function added(
  { line }: PersonLine,
  { add, rulebook }: WhatIf,
  now: Date,
): Promise<PersonLine['records']> {
  if (add.length === 0) return [];
  const { rule, time_zone, facts } = line;
  const supposed = { rule, ...(time_zone ? { time_zone } : {}), ...(facts ? { facts } : {}), records: add };
  const source = { file: '-', stdin: Readable.from([JSON.stringify(supposed)]) };
  const { people } = await readPeople(source, rulebook, { now, plans: true });
  const records = people[0]?.lines[0]?.records ?? [];
  return records.map((record, index) => ({ ...record, id: `what-if/${index}` }));
}

/** The line as it is and as it would be, and each difference in words. */
export async function whatIf(one: PersonLine, dates: Dates, supposed: WhatIf, locale: Locale) {
  const { leaveOut } = supposed;
  const kept = one.records.filter((record) => !namesOf(record).some((name) => leaveOut.includes(name)));
  const before = foldOf(one, dates);
  const after = foldOf({ ...one, records: [...kept, ...(await added(one, supposed, dates.now))] }, dates);
  const { version, as_of, time_zone } = after.timeline;
  const telling = { booked: one.booked, version, as_of, time_zone, records: after.ledger, locale };
  return { before, after, differences: differencesBetween(before.timeline, after.timeline, telling) };
}
