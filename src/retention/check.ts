/** What is wrong with a record in its rule's and its line's light, before it enters the ledger. */
import { type Day, formatDay, formatDayOrNull, parseDay } from './day.ts';
import { readAt, standingRecords } from './entry.ts';
import { NO_CURRENCY, parseAmount } from './money.ts';
import type { CompiledRule } from './program.ts';
import type { At, LedgerRecord, Money, RecordInput } from './record.ts';
import { ZONE_AHEAD, ZONE_BEHIND } from './zone.ts';

export type RecordProblem = {
  /** JSON Pointer into the record. */
  pointer: string;
  detail: string;
  /** A text, or its pieces with where something is tried out. */
  mend: string | readonly (string | { see: 'simulations' })[];
};

type Span = { earliest: Day; latest: Day; moment: number };

function spanOf(at: At, zone: string): Span | null {
  try {
    return readAt(at, zone);
  } catch {
    return null;
  }
}

/**
 * A date may be a day ahead, being today where the person is. A moment needs no such day, but where it `wasLetIn` before:
 * since then its line may have moved to another zone.
 */
const latestAllowedDay = ({ moment }: Span, today: Day, wasLetIn: boolean): Day =>
  moment < 0 || wasLetIn ? today + 1 : today;

function checkAt(input: RecordInput, zone: string, today: Day, wasLetIn: boolean): RecordProblem[] {
  const at = input.at as At | undefined;
  if (at === undefined) return [];
  const span = spanOf(at, zone);
  if (!span) {
    const shown = typeof at === 'string' ? at : `${at.earliest} to ${at.latest}`;
    return [
      {
        pointer: '/at',
        detail: `${shown} does not exist.`,
        mend: 'Give a date of the calendar, as 2026-03-01.',
      },
    ];
  }
  if (typeof at !== 'string' && at.earliest > at.latest) {
    return [
      {
        pointer: '/at',
        detail: '`earliest` is later than `latest`.',
        mend: 'Give the earlier of the two as `earliest`.',
      },
    ];
  }
  if (span.latest > latestAllowedDay(span, today, wasLetIn)) {
    return [
      {
        pointer: '/at',
        detail: `${formatDay(span.latest)} has not come yet.`,
        mend: ['Record what has happened; to try out what would happen, use ', { see: 'simulations' }, '.'],
      },
    ];
  }
  if (span.earliest < parseDay('1990-01-01')!) {
    return [
      { pointer: '/at', detail: `${formatDay(span.earliest)} is before 1990.`, mend: 'Check the year.' },
    ];
  }
  return [];
}

/** Dates that a record carries beside its own. */
function checkDates(input: RecordInput): RecordProblem[] {
  const fields = ['expires_on', 'valid_until', 'until'] as const;
  return fields.flatMap((field) => {
    const text = (input as Record<string, unknown>)[field];
    if (typeof text !== 'string' || parseDay(text) !== null) return [];
    return [
      {
        pointer: `/${field}`,
        detail: `${text} does not exist.`,
        mend: 'Give a date of the calendar, as 2026-03-01.',
      },
    ];
  });
}

/** A top-up of nothing would move dates all the same. */
function checkCredit(input: RecordInput): RecordProblem[] {
  const isNothing =
    input.type === 'topup' && (input.amount as Money | undefined) && parseAmount(input.amount.amount) === 0;
  if (!isNothing) return [];
  const mend = 'Give what was credited; where nothing was, leave the record out.';
  return [{ pointer: '/amount/amount', detail: 'The amount is zero.', mend }];
}

function checkMoney(input: RecordInput, currency: string): RecordProblem[] {
  return (['amount', 'charge', 'price'] as const).flatMap((field) => {
    const money = (input as Record<string, unknown>)[field] as Money | undefined;
    if (!money) return [];
    if (money.currency !== currency && currency !== NO_CURRENCY) {
      return [
        {
          pointer: `/${field}/currency`,
          detail: `${money.currency} is not the currency of this rule.`,
          mend: `Give the amount in ${currency}, as the carrier credited or took it.`,
        },
      ];
    }
    if (input.type !== 'balance' && money.amount.startsWith('-')) {
      return [
        {
          pointer: `/${field}/amount`,
          detail: 'The amount is below zero.',
          mend: 'Only a balance may be below zero.',
        },
      ];
    }
    return [];
  });
}

/** The printed dates that the clocks of a rule show, in any of its versions. */
const shownDates = (rule: CompiledRule): string[] => [
  ...new Set(
    rule.earliest.versions.flatMap((version) =>
      version.clocks.flatMap((clock) => (clock?.shows ? [clock.shows] : [])),
    ),
  ),
];

/** Under a rule that shows no date one moves nothing: it is what the person saw all the same. */
function checkValidity(rule: CompiledRule, input: RecordInput): RecordProblem[] {
  if (input.type !== 'validity') return [];
  const shows = shownDates(rule);
  if (shows.length <= 1 || (input.of !== undefined && shows.includes(input.of))) return [];
  return [
    {
      pointer: '/of',
      detail: 'It is not clear which of the printed dates this is.',
      mend: `Set \`of\` to one of: ${shows.join(', ')}.`,
    },
  ];
}

/** What is amiss with a record that its rule can make nothing of: in an example of the rule that is a mistake. */
export function checkMeaning(rule: CompiledRule, input: RecordInput): RecordProblem[] {
  if (input.type !== 'validity' || shownDates(rule).length > 0) return [];
  return [
    {
      pointer: '/type',
      detail: 'This carrier shows no date of validity that its rule knows.',
      mend: 'Say which clock `shows` it, or leave the record out.',
    },
  ];
}

/** Whatever the zone of a line may have been. */
const ANY_ZONE = { earliest: ZONE_BEHIND, latest: ZONE_AHEAD };

/** Later than any date that can be written: for which nothing lies in the future. In every zone its year has four digits. */
export const END_OF_DAYS = '9999-12-30';

/**
 * Whether a record lies before the activation, in the zones in which each is read; of those that a ledger has let in,
 * whether it does so in whatever zone the line may have been.
 */
function checkActivation(
  input: RecordInput,
  zones: { earliest: string; latest: string },
  ledger: readonly LedgerRecord[],
): RecordProblem[] {
  const span = spanOf(input.at as At, zones.latest);
  const activated = standingRecords(ledger).find((record) => record.input.type === 'activated');
  if (!span || !activated || input.type === 'void' || input.type === 'activated') return [];
  const start = spanOf(activated.input.at as At, zones.earliest);
  if (!start || span.latest >= start.earliest) return [];
  return [
    {
      pointer: '/at',
      detail: `The line was activated only on ${formatDay(start.earliest)}.`,
      mend: 'Correct this date, or void the activation and record it anew.',
    },
  ];
}

function checkVoid(input: RecordInput, ledger: readonly LedgerRecord[]): RecordProblem[] {
  if (input.type !== 'void') return [];
  const target = ledger.find((record) => record.id === input.record);
  if (target) return [];
  return [
    {
      pointer: '/record',
      detail: 'This line has no such record.',
      mend: 'Name the id of one of its records.',
    },
  ];
}

/**
 * Every problem of one record: dates that do not exist or have not come, another currency, a printed date that is one
 * of several, a top-up of nothing, something before the activation. `today` is the date in the line's zone, as
 * `2026-03-01`. A field that is not there, since its form was wrong, is passed over. Of a record that `wasLetIn` to a
 * ledger before, the activation is held against it in any zone: its line may have moved since; and a top-up of nothing
 * was let in once.
 */
export function checkRecord(
  rule: CompiledRule,
  line: { time_zone?: string | null },
  input: RecordInput,
  today: string,
  ledger: readonly LedgerRecord[] = [],
  wasLetIn = false,
): RecordProblem[] {
  const zone = line.time_zone ?? rule.time_zone;
  return [
    ...checkAt(input, zone, parseDay(today) ?? 0, wasLetIn),
    ...checkDates(input),
    ...checkMoney(input, rule.currency),
    ...(wasLetIn ? [] : checkCredit(input)),
    ...checkValidity(rule, input),
    ...checkActivation(input, wasLetIn ? ANY_ZONE : { earliest: zone, latest: zone }, ledger),
    ...checkVoid(input, ledger),
  ];
}

/** The last day of what has been recorded, as `2026-03-01` in the zone; null for an empty ledger. */
export function lastRecordDay(records: readonly LedgerRecord[], zone: string): string | null {
  let last: Day | null = null;
  for (const record of standingRecords(records)) {
    const span = spanOf(record.input.at as At, zone);
    if (span && (last === null || span.latest > last)) last = span.latest;
  }
  return formatDayOrNull(last);
}
