/** `timeline`: the timelines of a file's lines, in words or in the API's form. */
import { type Locale, say, type TimelineJson, timelineJson } from '../../wording/index.ts';
import { type Command, JSON_OPTION } from '../command.ts';
import {
  chooseLines,
  choosePeople,
  FILE_HELP,
  type Person,
  type PersonLine,
  readPeople,
} from '../people/index.ts';
import { openRulebook, rulesFolder } from '../rulebook.ts';
import { dateOf, LINE_OPTION, LOCALE_OPTION, localeOf, NOW_OPTION, nowOf, PERSON_OPTION } from '../values.ts';
import { type Dates, type Folded, foldOf, readWhatIf, type WhatIf, whatIf } from '../what-if.ts';
import { personHeading, timelineInWords } from '../words.ts';

const inJson = ({ booked }: PersonLine, { ledger, timeline }: Folded, locale: Locale): TimelineJson =>
  timelineJson(timeline, booked, locale, ledger);

/** A line's timeline; with a what-if, the timelines before and after, and the differences. */
function asJson(personLine: PersonLine, locale: Locale, dates: Dates, supposed: WhatIf | null) {
  if (!supposed) return { timeline: inJson(personLine, foldOf(personLine, dates), locale) };
  const { before, after, differences } = whatIf(personLine, dates, supposed, locale);
  return {
    before: inJson(personLine, before, locale),
    after: inJson(personLine, after, locale),
    differences,
  };
}

function inWords(
  personLine: PersonLine,
  user: Person['user'],
  locale: Locale,
  dates: Dates,
  supposed: WhatIf | null,
) {
  const textOf = (folded: Folded) => timelineInWords({ ...personLine, ...folded, user }, locale);
  if (!supposed) return [textOf(foldOf(personLine, dates))];
  const { before, after, differences } = whatIf(personLine, dates, supposed, locale);
  const texts = differences.map(({ text }) => `  • ${text}`);
  return [
    textOf(before),
    textOf(after),
    ...(texts.length > 0 ? texts : [`  ${say(locale, 'differs.none')}`]),
    '',
  ];
}

export const timelineCommand: Command = {
  name: 'timeline',
  takes: 'FILE',
  summary: 'What the records in a file mean: by when to act, what follows, what saves the number.',
  help: `
Folds the records of each line in FILE over its carrier's rule and prints the timeline in
words: the state today, the last safe day, each stage that follows if nothing more is done,
why, and what still helps. Nothing is stored. Records later than today are plans, and are
folded too, which answers "what if I top up in June?". The records of --what-if are added to
every line that is shown, and must fit each: choose lines with --person and --line.
${FILE_HELP}`,
  examples: [
    'keepline timeline examples/records.yaml',
    'keepline timeline examples/records.yaml --person demo-anna --locale en',
    'keepline timeline my-line.yaml --until 2030-01-01',
    "keepline timeline my-line.yaml --what-if '{ type: topup, at: in 10 days, amount: 100 RUB }'",
  ],
  options: {
    json: JSON_OPTION,
    locale: LOCALE_OPTION,
    person: PERSON_OPTION,
    line: LINE_OPTION,
    'as-of': {
      type: 'string',
      value: 'DATE',
      text: 'The day up to which records have happened. Default: today.',
    },
    until: { type: 'string', value: 'DATE', text: 'The last day of the timeline. Default: ten years on.' },
    'what-if': {
      type: 'string',
      value: 'RECORD',
      text: 'Add this record, or a list of them, in YAML.',
    },
    'leave-out': { type: 'string', value: 'IDS', text: 'Leave out these records, by external_id.' },
    now: NOW_OPTION,
  },
  async run(call) {
    const now = nowOf(call);
    const dates: Dates = { as_of: dateOf(call, 'as-of'), until: dateOf(call, 'until'), now };
    const locale = localeOf(call);
    const rulebook = await openRulebook(await rulesFolder(call.env));
    const file = { file: call.positionals[0] as string, stdin: call.stdin };
    const { people } = await readPeople(file, rulebook, { now, plans: true });
    const chosen = chooseLines(choosePeople(people, call.text('person')), call.text('line'));
    const supposed = readWhatIf(call, rulebook, chosen, now);
    if (call.flag('json')) {
      const items: object[] = [];
      for (const { user, lines } of chosen) {
        for (const personLine of lines) {
          const { external_id, label } = personLine.line;
          const json = asJson(personLine, locale ?? user.locale, dates, supposed);
          items.push({ user: user.external_id ?? user.name, line: external_id ?? label, ...json });
        }
      }
      call.print(JSON.stringify({ items }, null, 2));
      return 0;
    }
    // Render all lines before printing, so that an error in one is reported before any output.
    const texts = chosen.map(({ user, lines }) => {
      const blocks = lines.flatMap((personLine) =>
        inWords(personLine, user, locale ?? user.locale, dates, supposed),
      );
      return [...personHeading(user), ...blocks].join('\n');
    });
    for (const text of texts) call.print(text);
    return 0;
  },
};
