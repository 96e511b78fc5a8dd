/** `timeline`: what a file's records mean, in words, or as the API tells it. */
import { foldLine, ledgerOf, todayOf } from '../../ledger.ts';
import { type TimelineJson, timelineJson } from '../../wording/index.ts';
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
  ],
  options: {
    json: JSON_OPTION,
    locale: LOCALE_OPTION,
    person: PERSON_OPTION,
    'as-of': { type: 'string', value: 'DATE', text: 'The last day of what has been; today.' },
    until: { type: 'string', value: 'DATE', text: 'Seek nothing after this date; ten years on.' },
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
