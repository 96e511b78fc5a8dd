/** Checks a record against its rule and its line before it enters the ledger. */
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
  /** How to correct it: a text, or pieces of one; a `see` piece refers to where something can be tried out. */
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
 * The last day that a record may have. A date may be one day ahead, because it may already be that day where the person
 * is. A moment may not, unless the record `wasAccepted` before: its line may have moved to another zone since.
 */
const latestAllowedDay = ({ moment }: Span, today: Day, wasAccepted: boolean): Day =>
  moment < 0 || wasAccepted ? today + 1 : today;

function checkAt(input: RecordInput, zone: string, today: Day, wasAccepted: boolean): RecordProblem[] {
  const at = input.at as At | undefined;
  if (at === undefined) return [];
  const span = spanOf(at, zone);
  if (!span) {
    const shown = typeof at === 'string' ? at : `${at.earliest} to ${at.latest}`;
    return [
      {
        pointer: '/at',
        detail: `${shown} does not exist.`,
        mend: 'Give a calendar date, such as 2026-03-01.',
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
  if (span.latest > latestAllowedDay(span, today, wasAccepted)) {
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

/** Checks the dates that a record carries beside its own. */
function checkDates(input: RecordInput): RecordProblem[] {
  const fields = ['expires_on', 'valid_until', 'until'] as const;
  return fields.flatMap((field) => {
    const text = (input as Record<string, unknown>)[field];
    if (typeof text !== 'string' || parseDay(text) !== null) return [];
    return [
      {
        pointer: `/${field}`,
        detail: `${text} does not exist.`,
        mend: 'Give a calendar date, such as 2026-03-01.',
      },
    ];
  });
}

/** Refuses a top-up of zero: it would move dates all the same. */
function checkCredit(input: RecordInput): RecordProblem[] {
  const isZero =
    input.type === 'topup' && (input.amount as Money | undefined) && parseAmount(input.amount.amount) === 0;
  if (!isZero) return [];
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

/**
 * Checks that it is clear which printed date a `validity` record gives. Under a rule that knows none the record is
 * accepted: it moves nothing, but it is what the person saw.
 */
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

/** Finds a record that its rule ignores: harmless in a ledger, but a mistake in a worked example of the rule. */
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

/** The zones for a line whose zone is not known: they put a moment on its earliest and on its latest day. */
const ANY_ZONE = { earliest: ZONE_BEHIND, latest: ZONE_AHEAD };

/** Taken as today, it puts no record in the future. Its year has four digits in every zone. */
export const END_OF_DAYS = '9999-12-30';

/**
 * Refuses a record that lies before the activation. The activation is read in the zone `earliest` and the record in the
 * zone `latest`: both are the line's, or, for a record that was accepted before, those that set the two furthest apart,
 * so that it is refused only if no zone of the line could have put it right.
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
      mend: 'Correct this date, or void the activation and record it again.',
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
 * Every problem of one record: dates that do not exist or have not come, another currency, an unclear printed date, a
 * top-up of zero, a date before the activation, a void of no record. `today` is the date in the line's zone, as
 * `2026-03-01`. A field that is missing because its form was wrong is skipped. A record that `wasAccepted` into a
 * ledger before may have been recorded in any zone, because its line may have moved since, and may be a top-up of zero,
 * because those were once accepted.
 */
export function checkRecord(
  rule: CompiledRule,
  line: { time_zone?: string | null },
  input: RecordInput,
  today: string,
  ledger: readonly LedgerRecord[] = [],
  wasAccepted = false,
): RecordProblem[] {
  const zone = line.time_zone ?? rule.time_zone;
  return [
    ...checkAt(input, zone, parseDay(today) ?? 0, wasAccepted),
    ...checkDates(input),
    ...checkMoney(input, rule.currency),
    ...(wasAccepted ? [] : checkCredit(input)),
    ...checkValidity(rule, input),
    ...checkActivation(input, wasAccepted ? ANY_ZONE : { earliest: zone, latest: zone }, ledger),
    ...checkVoid(input, ledger),
  ];
}

/** The last day of all records, as `2026-03-01` in the zone; null for an empty ledger. */
export function lastRecordDay(records: readonly LedgerRecord[], zone: string): string | null {
  let last: Day | null = null;
  for (const record of standingRecords(records)) {
    const span = spanOf(record.input.at as At, zone);
    if (span && (last === null || span.latest > last)) last = span.latest;
  }
  return formatDayOrNull(last);
}
