/** Parses the values of options (dates, moments, languages); a UsageError says what is wrong with one. */
import { parseDay } from '../retention/day.ts';
import { LOCALES, type Locale } from '../wording/index.ts';
import { type Call, type OptionSpec, UsageError } from './command.ts';

export const NOW_OPTION: OptionSpec = {
  type: 'string',
  value: 'MOMENT',
  text: 'The present moment, if not now: 2026-03-01, or 2026-03-01T10:00:00Z.',
};
export const LOCALE_OPTION: OptionSpec = {
  type: 'string',
  value: 'LOCALE',
  text: "The language of texts, en, ru or zh, instead of each person's own.",
};
export const PERSON_OPTION: OptionSpec = {
  type: 'string',
  value: 'PERSON',
  text: 'Only this person, by external_id or name.',
};

export const LINE_OPTION: OptionSpec = {
  type: 'string',
  value: 'LINE',
  text: 'Only this line, by external_id or label.',
};

const MOMENT = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** A moment with an offset, or a date, read as its start in UTC. Null for any other text. */
export function readMoment(text: string): Date | null {
  const day = MOMENT.exec(text)?.[1];
  const moment = new Date(text);
  return day === undefined || parseDay(day) === null || Number.isNaN(moment.getTime()) ? null : moment;
}

/** `--now` as a moment, or else the present one. @throws UsageError */
export function nowOf({ text, now }: Call): Date {
  const given = text('now');
  if (given === undefined) return now();
  const moment = readMoment(given);
  if (moment === null) {
    throw new UsageError(`--now cannot be "${given}": write 2026-03-01, or 2026-03-01T10:00:00Z.`);
  }
  return moment;
}

/** A date such as `2026-03-01`; undefined if the option is not given. @throws UsageError */
export function dateOf({ text }: Call, option: string): string | undefined {
  const given = text(option);
  if (given !== undefined && parseDay(given) === null) {
    throw new UsageError(`--${option} cannot be "${given}": write a calendar date, such as 2026-03-01.`);
  }
  return given;
}

export function choiceOf<const T extends string>(
  call: Call,
  option: string,
  values: readonly T[],
): T | undefined {
  const given = call.text(option);
  if (given === undefined) return undefined;
  const value = values.find((known) => known === given);
  if (value === undefined) {
    throw new UsageError(`--${option} cannot be "${given}": give one of ${values.join(', ')}.`);
  }
  return value;
}

export const localeOf = (call: Call): Locale | undefined => choiceOf(call, 'locale', LOCALES);
