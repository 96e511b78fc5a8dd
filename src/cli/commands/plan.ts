/** `plan`: the cheapest way to keep the lines of a file, in words or in the API's form. */
import { ledgerOf, planOf, planUntil, todayOf } from '../../ledger.ts';
import { planInWords, planJson } from '../../wording/index.ts';
import { type Call, type Command, JSON_OPTION, UsageError } from '../command.ts';
import { chooseLines, choosePeople, FILE_HELP, type PersonLine, readPeople } from '../people/index.ts';
import { openRulebook, rulesFolder } from '../rulebook.ts';
import { printable } from '../table.ts';
import { dateOf, LINE_OPTION, LOCALE_OPTION, localeOf, NOW_OPTION, nowOf, PERSON_OPTION } from '../values.ts';
import { personHeading } from '../words.ts';

/** @throws UsageError unless `--until` is a day from tomorrow to ten years on */
function datesOf({ line, booked }: PersonLine, call: Call, now: Date) {
  const as_of = todayOf(line, booked, now);
  const asked = dateOf(call, 'until');
  const until = planUntil(as_of, asked);
  if (until === null) {
    throw new UsageError(
      `--until ${asked} is no day from tomorrow to ten years on: give a nearer date to come.`,
    );
  }
  return { as_of, until };
}

function planFor(personLine: PersonLine, call: Call, now: Date) {
  const { line, booked, records } = personLine;
  return planOf(booked, line, ledgerOf(records), {
    ...datesOf(personLine, call, now),
    from_abroad: call.flag('from-abroad'),
    keep: call.flag('receiving') ? 'receiving' : 'calling',
  });
}

export const planCommand: Command = {
  name: 'plan',
  takes: 'FILE',
  summary: 'The cheapest way to keep the numbers in a file until a date.',
  help: `
For each line in FILE: the cheapest actions that keep the number, on which days, their
assumptions, and the risks of doing only the bare minimum. Only what the engine confirms is
called a plan. Nothing is stored, and a plan moves no date.
${FILE_HELP}`,
  examples: [
    'keepline plan examples/records.yaml',
    'keepline plan my-line.yaml --until 2030-01-01 --from-abroad',
  ],
  options: {
    json: JSON_OPTION,
    locale: LOCALE_OPTION,
    person: PERSON_OPTION,
    line: LINE_OPTION,
    until: { type: 'string', value: 'DATE', text: 'The date until which to keep it. Default: two years on.' },
    'from-abroad': { type: 'boolean', text: 'Leave out what does not work from abroad.' },
    receiving: { type: 'boolean', text: 'Only calls and codes must arrive.' },
    now: NOW_OPTION,
  },
  async run(call) {
    const now = nowOf(call);
    const rulebook = await openRulebook(await rulesFolder(call.env));
    const file = { file: call.positionals[0] as string, stdin: call.stdin };
    const { people } = await readPeople(file, rulebook, { now });
    const chosen = chooseLines(choosePeople(people, call.text('person')), call.text('line'));
    const locale = localeOf(call);
    // Validate all lines before printing anything.
    for (const personLine of chosen.flatMap(({ lines }) => lines)) datesOf(personLine, call, now);
    if (call.flag('json')) {
      const items = chosen.flatMap(({ user, lines }) =>
        lines.map((personLine) => ({
          user: user.external_id ?? user.name,
          line: personLine.line.external_id ?? personLine.line.label,
          plan: planJson(planFor(personLine, call, now), personLine.booked, locale ?? user.locale),
        })),
      );
      call.print(JSON.stringify({ items }, null, 2));
      return 0;
    }
    for (const { user, lines } of chosen) {
      const texts = lines.flatMap((personLine) => [
        `${printable(personLine.line.label)} · ${personLine.line.rule}`,
        ...planInWords(
          planFor(personLine, call, now),
          personLine.booked,
          locale ?? user.locale,
          user.time_zone,
        ).map((text) => `  ${text}`),
        '',
      ]);
      call.print([...personHeading(user), ...texts].join('\n'));
    }
    return 0;
  },
};
