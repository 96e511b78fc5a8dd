/** `timeline`: what a file's records mean, in words, or as the API tells it. */
import { Readable } from 'node:stream';
import { parse } from 'yaml';
import { foldLine, ledgerOf, todayOf } from '../../ledger.ts';
import type { LedgerRecord } from '../../retention/record.ts';
import type { Rulebook } from '../../rulebook/index.ts';
import {
  differencesBetween,
  type Locale,
  say,
  type TimelineJson,
  timelineJson,
} from '../../wording/index.ts';
import { type Call, type Command, JSON_OPTION, UsageError } from '../command.ts';
import { choosePeople, FILE_HELP, type Person, type PersonLine, readPeople } from '../people/index.ts';
import { openRulebook, rulesFolder } from '../rulebook.ts';
import { dateOf, LOCALE_OPTION, localeOf, NOW_OPTION, nowOf, PERSON_OPTION } from '../values.ts';
import { personHeading, timelineInWords } from '../words.ts';

type Dates = { as_of?: string; until?: string; now: Date };

function foldOf({ line, booked, records }: PersonLine, { as_of, until, now }: Dates) {
  const ledger = ledgerOf(records);
  const day = as_of ?? todayOf(line, booked, now);
  if (until !== undefined && until < day) {
    throw new UsageError(`--until ${until} is before ${day}: give a later date.`);
  }
  return { ledger, timeline: foldLine(booked, line, ledger, { as_of: day, until }) };
}

function asJson(people: readonly Person[], dates: Dates, call: Call) {
  const items = people.flatMap(({ user, lines }) =>
    lines.map((one) => {
      const { ledger, timeline } = foldOf(one, dates);
      const told: TimelineJson = timelineJson(timeline, one.booked, localeOf(call) ?? user.locale, ledger);
      const { external_id, label } = one.line;
      return { user: user.external_id ?? user.name, line: external_id ?? label, timeline: told };
    }),
  );
  return { items };
}

/** Records to suppose, read as those of a file are, for a line and its rule. */
async function supposed(call: Call, one: PersonLine, rulebook: Rulebook, now: Date): Promise<LedgerRecord[]> {
  const text = call.text('what-if');
  if (text === undefined) return [];
  let records: unknown;
  try {
    records = [parse(text)].flat();
  } catch {
    throw new UsageError(
      `--what-if cannot be read: write a record as '{ type: topup, at: in 10 days, amount: 100 RUB }'.`,
    );
  }
  const { rule, time_zone, facts } = one.line;
  const line = { rule, ...(time_zone ? { time_zone } : {}), ...(facts ? { facts } : {}), records };
  const source = { file: '-', stdin: Readable.from([JSON.stringify(line)]) };
  const { people } = await readPeople(source, rulebook, { now, plans: true });
  return (people[0]?.lines[0]?.records ?? []).map(({ body }, index) => ({
    id: `what-if/${index}`,
    input: body,
  }));
}

/** Before and after, and what differs, in words. */
async function whatIf(call: Call, one: PersonLine, dates: Dates, rulebook: Rulebook, locale: Locale) {
  const leftOut = (call.text('leave-out') ?? '').split(',').filter(Boolean);
  const add = await supposed(call, one, rulebook, dates.now);
  const before = foldOf(one, dates);
  const names = (record: PersonLine['records'][number]) => [record.id, record.body.external_id ?? ''];
  const unknown = leftOut.filter((id) => !one.records.some((record) => names(record).includes(id)));
  if (unknown.length > 0) throw new UsageError(`--leave-out: the line has no record ${unknown.join(', ')}.`);
  const kept = one.records.filter((record) => !names(record).some((name) => leftOut.includes(name)));
  const ledger = [...ledgerOf(kept), ...add];
  const { line, booked } = one;
  const day = dates.as_of ?? todayOf(line, booked, dates.now);
  const timeline = foldLine(booked, line, ledger, { as_of: day, until: dates.until });
  const telling = (records: readonly LedgerRecord[]) => ({
    booked,
    version: timeline.version,
    as_of: timeline.as_of,
    time_zone: timeline.time_zone,
    records,
    locale,
  });
  const differences = differencesBetween(
    { timeline: before.timeline, telling: telling(before.ledger) },
    { timeline, telling: telling(ledger) },
    locale,
  );
  return { before, after: { ledger, timeline }, differences };
}

export const timelineCommand: Command = {
  name: 'timeline',
  takes: 'FILE',
  summary: 'What the records in a file mean: by when to act, what follows, what saves the number.',
  help: `
Folds the records of each line in FILE over its carrier's rule and tells the timeline in words: the state today, the
last safe day, each stage that follows if nothing more is done, why, and what still helps. Nothing is stored.
Records later than today are plans, and folded too: so "what if I top up in June?" can be asked.
${FILE_HELP}`,
  examples: [
    'keepline timeline examples/records.yaml',
    'keepline timeline examples/records.yaml --person anna --locale en',
    'keepline timeline my-line.yaml --until 2030-01-01',
    "keepline timeline my-line.yaml --what-if '{ type: topup, at: in 10 days, amount: 100 RUB }'",
  ],
  options: {
    json: JSON_OPTION,
    locale: LOCALE_OPTION,
    person: PERSON_OPTION,
    'as-of': { type: 'string', value: 'DATE', text: 'The last day of what has been; today.' },
    until: { type: 'string', value: 'DATE', text: 'Seek nothing after this date; ten years on.' },
    'what-if': {
      type: 'string',
      value: 'RECORD',
      text: 'Suppose this record too, or a list of them, in YAML.',
    },
    'leave-out': { type: 'string', value: 'IDS', text: 'Do without these records, by external_id.' },
    now: NOW_OPTION,
  },
  async run(call) {
    const now = nowOf(call);
    const dates: Dates = { as_of: dateOf(call, 'as-of'), until: dateOf(call, 'until'), now };
    const locale = localeOf(call);
    const rulebook = await openRulebook(await rulesFolder(call.env));
    const file = { file: call.positionals[0] as string, stdin: call.stdin };
    const { people } = await readPeople(file, rulebook, { now, plans: true });
    const chosen = choosePeople(people, call.text('person'));
    if (call.flag('json')) {
      call.print(JSON.stringify(asJson(chosen, dates, call), null, 2));
      return 0;
    }
    if (call.text('what-if') !== undefined || call.text('leave-out') !== undefined) {
      for (const { user, lines } of chosen) {
        call.print(personHeading(user).join('\n'));
        for (const one of lines) {
          const language = locale ?? user.locale;
          const { before, after, differences } = await whatIf(call, one, dates, rulebook, language);
          call.print(timelineInWords({ ...one, ...before, user }, language));
          call.print(timelineInWords({ ...one, ...after, user }, language));
          const told = differences.map(({ text }) => `  • ${text}`);
          call.print([...(told.length > 0 ? told : [`  ${say(language, 'differs.none')}`]), ''].join('\n'));
        }
      }
      return 0;
    }
    for (const { user, lines } of chosen) {
      const told = lines.map((one) => {
        const { ledger, timeline } = foldOf(one, dates);
        return timelineInWords({ ...one, ledger, timeline, user }, locale ?? user.locale);
      });
      call.print([...personHeading(user), ...told].join('\n'));
    }
    return 0;
  },
};
