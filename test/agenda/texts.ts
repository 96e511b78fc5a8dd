/** The lines whose texts are kept as golden files in `test/golden/agenda`, and how they are printed. */
import {
  type AgendaLine,
  agendaOf,
  agendaWithoutLines,
  entryText,
  type TextOptions,
} from '../../src/agenda/index.ts';
import type { Locale } from '../../src/wording/index.ts';
import { doubtful, harder, monthly } from './carriers.ts';
import { balance, lineOf, planRenewed, toppedUp, used } from './lines.ts';

const drawer = [used('2026-01-01'), balance('2026-01-01', '300')];

export const LINES: Record<string, AgendaLine> = {
  // An unused SIM with 300 roubles: the law may end it, a fee follows, the money runs out, the number is lost.
  drawer: lineOf(drawer, { time_zone: 'America/New_York' }),
  monthly: lineOf([planRenewed('2026-01-01'), planRenewed('2026-01-28')], { booked: monthly, label: '' }),
  // The carrier renews the line from its balance as long as that lasts.
  charged: lineOf([planRenewed('2026-01-01'), balance('2026-01-01', '12')], {
    booked: monthly,
    number: null,
    label: 'eSIM',
  }),
  harder: lineOf([toppedUp('2026-01-01')], { booked: harder }),
  // The date that the carrier shows replaces the rule's own period.
  shown: lineOf([toppedUp('2026-01-01'), { type: 'validity', at: '2026-01-05', until: '2026-03-01' }], {
    booked: harder,
  }),
  doubtful: lineOf([toppedUp({ earliest: '2026-01-02', latest: '2026-02-20' })], {
    booked: doubtful,
    time_zone: 'Pacific/Apia',
    number: null,
    label: "Carol's second SIM",
  }),
  unknown: lineOf([balance('2026-02-02', '50')], { facts: {} }),
  missed: lineOf([...drawer, balance('2026-05-10', '270')], { created_on: '2026-05-10' }),
  done: lineOf([...drawer, used('2026-04-20')]),
  identity: lineOf([used('2026-10-20'), balance('2026-10-20', '300')], { facts: { nationality: 'foreign' } }),
  lost: lineOf([used('2024-01-01')], { booked: doubtful, created_on: '2026-03-29' }),
};

/** The entries of a line as text, without most repeats. */
export function printAgenda(line: AgendaLine, locale: Locale, options: TextOptions = {}): string {
  const entries = agendaOf(line, { alarms: 'both' });
  const repeats = [
    ...entries.filter(({ kind }) => kind === 'overdue').slice(3),
    ...entries.filter(({ variant }) => variant === 'missing').slice(1),
  ];
  return entries
    .filter((entry) => !repeats.includes(entry))
    .map((entry) => {
      const { title, text } = entryText(entry, locale, options);
      return `=== ${entry.on} ${entry.kind} ${entry.key.cycle}\n${title}\n\n${text}\n`;
    })
    .join('\n');
}

export const printNobody = (locale: Locale): string =>
  agendaWithoutLines({ created_on: '2026-03-01' })
    .map((entry) => Object.values(entryText(entry, locale)).join('\n\n'))
    .join('\n');

/** All texts in one string, to compare the output of two processes. */
export function printAll(): string {
  const locales: Locale[] = ['en', 'ru', 'zh'];
  return locales
    .flatMap((locale) => [
      ...Object.values(LINES).map((line) => printAgenda(line, locale)),
      printNobody(locale),
    ])
    .join('\n');
}
