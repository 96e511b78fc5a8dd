/** `feed`: the calendar of a records file, without a server. */
import { writeFile } from 'node:fs/promises';
import { calendarText, eventTexts, renderHead } from '../../calendar/index.ts';
import { type BuiltFeed, buildFeed, type FeedOptions } from '../../publication/index.ts';
import type { Rulebook } from '../../rulebook/index.ts';
import { FEED_ALARMS, FEED_DEFAULTS, FEED_DETAILS } from '../../vocabulary.ts';
import { say } from '../../wording/index.ts';
import { type Call, type Command, Failure, UsageError } from '../command.ts';
import { choosePeople, FILE_HELP, type Person, readPeople } from '../people/index.ts';
import { openRulebook, rulesFolder } from '../rulebook.ts';
import { choiceOf, LOCALE_OPTION, localeOf, NOW_OPTION, nowOf, PERSON_OPTION } from '../values.ts';

/** UIDs need no real secret here: whoever has the calendar has the file's contents anyway. */
const SECRET = 'keepline feed';

function leadDaysOf(call: Call): number[] {
  const given = call.text('lead-days');
  if (given === undefined) return [...FEED_DEFAULTS.lead_days];
  const days = given.split(',').map((text) => text.trim());
  if (!days.every((text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 365)) {
    throw new UsageError(`--lead-days cannot be "${given}": write days from 1 to 365, such as 30,7,1.`);
  }
  return [...new Set(days.map(Number))];
}

const optionsOf = (call: Call): FeedOptions => ({
  id: 'file',
  name: call.text('name') ?? 'Keepline',
  lines: null,
  kinds: null,
  locale: localeOf(call) ?? null,
  detail: choiceOf(call, 'detail', FEED_DETAILS) ?? FEED_DEFAULTS.detail,
  alarms: choiceOf(call, 'alarms', FEED_ALARMS) ?? FEED_DEFAULTS.alarms,
  lead_days: leadDaysOf(call),
  show_balance: call.flag('show-balance'),
});

function build(
  rulebook: Rulebook,
  { user, lines }: Person,
  options: FeedOptions,
  now: Date,
): Promise<BuiltFeed> {
  const context = { rulebook, secret: SECRET, site: null };
  return buildFeed(context, { user, lines }, options, null, now);
}

const dayOf = (event: string) => Number(/^DTSTART;VALUE=DATE:(\d{8})/m.exec(event)?.[1]);

/** The calendars of several people as one: each entry keeps its owner's language and days. */
function mergeCalendars(
  built: readonly BuiltFeed[],
  people: readonly Person[],
  options: FeedOptions,
  now: Date,
): string {
  const [first] = built;
  if (built.length === 1 && first) return first.calendar.body;
  const items = built.flatMap(({ calendar }) => eventTexts(calendar.body));
  items.sort((a, b) => dayOf(a) - dayOf(b));
  const locale = options.locale ?? people[0]?.user.locale ?? 'en';
  const head = renderHead({
    name: options.name,
    description: say(locale, 'feed.description'),
  });
  return calendarText(head, first?.calendar.changed_at ?? now.toISOString(), items);
}

async function write(call: Call, body: string): Promise<void> {
  const target = call.text('out');
  if (target === undefined) {
    call.stdout.write(body);
    return;
  }
  await writeFile(target, body).catch((error: NodeJS.ErrnoException) => {
    throw new Failure(`${target} cannot be written (${error.code}): check its folder and permissions.`);
  });
}

export const feedCommand: Command = {
  name: 'feed',
  takes: 'FILE',
  summary: 'The calendar of the records in a file, as .ics, without a server.',
  help: `
Prints the calendar that a feed of the same records would show, with --now as its timestamps:
the same file and the same --now give the same bytes. Several people share one calendar, each
entry in its person's language; --person chooses one of them.
${FILE_HELP}`,
  examples: [
    'keepline feed examples/records.yaml > all.ics',
    'keepline feed examples/records.yaml --person demo-carol --locale ru --out carol.ics',
    'keepline feed my-numbers.yaml --now 2026-03-01 --alarms events --lead-days 14,3',
  ],
  options: {
    now: NOW_OPTION,
    locale: LOCALE_OPTION,
    person: PERSON_OPTION,
    out: {
      type: 'string',
      short: 'o',
      value: 'PATH',
      text: 'Write to this file instead of standard output.',
    },
    name: { type: 'string', value: 'NAME', text: "The calendar's name. Default: Keepline." },
    alarms: {
      type: 'string',
      value: 'KIND',
      text: 'How to remind: valarm (alarms, the default), events (separate entries), both or none.',
    },
    'lead-days': {
      type: 'string',
      value: 'DAYS',
      text: 'How many days before the last safe day to remind. Default: 30,7,1.',
    },
    detail: {
      type: 'string',
      value: 'LEVEL',
      text: 'full (the default); masked leaves out your names for lines; neutral also carrier and number.',
    },
    'show-balance': { type: 'boolean', text: 'Show balances in the texts.' },
  },
  async run(call) {
    const now = nowOf(call);
    const options = optionsOf(call);
    const rulebook = await openRulebook(await rulesFolder(call.env));
    const file = { file: call.positionals[0] as string, stdin: call.stdin };
    const { people } = await readPeople(file, rulebook, { now });
    const chosen = choosePeople(people, call.text('person'));
    const built = await Promise.all(chosen.map((person) => build(rulebook, person, options, now)));
    await write(call, mergeCalendars(built, chosen, options, now));
    return 0;
  },
};
