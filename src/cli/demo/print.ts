/** Prints the demo's introduction once it runs. */

import { foldToday, ledgerOf } from '../../ledger.ts';
import { formatDay } from '../../retention/index.ts';
import type { App } from '../../service/context.ts';
import type { Service } from '../../start.ts';
import type { Line } from '../../store/types.ts';
import { say } from '../../wording/index.ts';
import type { Call } from '../command.ts';
import { countOf } from '../count.ts';
import { table } from '../table.ts';
import type { DemoPerson } from './load.ts';

type DemoInfo = { key: string; isFresh: boolean; people: readonly DemoPerson[] };

const OVERDUE = 'OVERDUE';
/** A line's state, its last safe day, and how urgent it is, as cells of the table. */
async function dueOf(app: App, line: Line): Promise<[string, string, string]> {
  const booked = app.rulebook.rules.get(line.rule);
  if (!booked) return ['', '', ''];
  const records = ledgerOf(await app.store.records.ofLine(line.id));
  const timeline = foldToday(booked, line, records, app.clock());
  const state = say('en', `stage.${timeline.stage}`);
  if (timeline.at_risk_since !== null) return [state, formatDay(timeline.at_risk_since), OVERDUE];
  if (timeline.act_by === null)
    return [state, 'not known', `${countOf(timeline.missing.length, 'fact')} missing`];
  return [state, formatDay(timeline.act_by), `in ${countOf(timeline.act_by - timeline.as_of, 'day')}`];
}

async function dueTable(app: App, people: readonly DemoPerson[]): Promise<string[]> {
  const rows = [['Person', 'Carrier', 'Line', 'State', 'Last safe day', '']];
  for (const { user } of people) {
    for (const line of await app.store.lines.ofUser(user.id)) {
      const carrier = app.rulebook.rules.get(line.rule)?.carrier.names.en ?? line.rule;
      rows.push([user.name, carrier, line.label, ...(await dueOf(app, line))]);
    }
  }
  return table(rows);
}

const linksOf = ({ user, links }: DemoPerson): string[] => [
  `${user.name} (${user.locale}, ${user.time_zone})`,
  ...table([
    ['Google', links.google],
    ['Apple', links.webcal],
    ['Outlook', links.outlook],
    ['any other', links.https],
    ['page', links.page],
  ]),
  '',
];

/** The line for the sample requests: an overdue one, if there is one. */
async function overdueLine(app: App, people: readonly DemoPerson[]): Promise<Line> {
  const lines = (await Promise.all(people.map(({ user }) => app.store.lines.ofUser(user.id)))).flat();
  for (const line of lines) if ((await dueOf(app, line))[2] === OVERDUE) return line;
  return lines[0] as Line;
}

/** Prints the links, what is due, a key, sample requests, and how to stop. */
export async function printDemo(
  call: Call,
  { app }: Service,
  { key, isFresh, people }: DemoInfo,
): Promise<void> {
  const url = app.publicUrl();
  const isLocal = app.config.publicUrl === null;
  const overdue = await overdueLine(app, people);
  const bearer = `curl -H 'Authorization: Bearer ${key}'`;
  const record = {
    type: 'activity',
    at: app.clock().toISOString(),
    kind: 'sms',
    direction: 'outgoing',
    charged: true,
  };
  const where = isFresh ? 'a fresh database, which goes when it stops' : 'the database of DATABASE_URL';
  const lines = [
    `Keepline runs at ${url} on ${where}.`,
    '',
    'Calendars to subscribe to. Anybody who has a link can read that calendar.',
    '',
    ...people.flatMap(linksOf),
    ...(isLocal
      ? [
          'Google and Outlook fetch from their own servers, and cannot reach this machine: set PUBLIC_URL to an address',
          'that they can. A calendar program on this machine takes the Apple link, or the one below it.',
          '',
        ]
      : []),
    'What is due:',
    '',
    ...(await dueTable(app, people)),
    '',
    `Admin key of the API: ${key}`,
    '',
    'Try it:',
    '',
    `  ${bearer} '${url}/v1/deadlines'`,
    `  ${bearer} '${url}/v1/lines/${overdue.id}/timeline'`,
    '',
    'Record that a text was sent from the overdue line just now; its calendar changes with the next fetch:',
    '',
    `  ${bearer} -H 'Content-Type: application/json' -d '${JSON.stringify(record)}' '${url}/v1/lines/${overdue.id}/records'`,
    '',
    `The API is explained at ${url}/docs.`,
    '',
    'Stop it with Ctrl-C.',
  ];
  call.print(lines.join('\n'));
}
