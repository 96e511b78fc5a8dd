/**
 * Counters for fetches of calendars: plain numbers, incremented in place and read when metrics are collected, because a
 * fetch may cost no more than that.
 */
import { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';

/** Statuses reported even while zero, so that an alert sees the first occurrence. */
const STATUSES = [200, 304, 404, 405, 410, 503];
const STATUS_LIMIT = 600;

/** Where a calendar came from; `last_good`: the look-up or publishing failed, and the previous bytes were served. */
const SOURCES = ['memory', 'database', 'published', 'last_good', 'farewell'] as const;
/** Outcome of publishing a calendar that was not current. */
const OUTCOMES = ['made', 'failed'] as const;

const zeros = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;

export const createTally = () => ({
  /** Number of answers by status: to fetches of calendars, and to everything else under `/cal`, such as pages. */
  answers: { calendar: new Float64Array(STATUS_LIMIT), other: new Float64Array(STATUS_LIMIT) },
  from: zeros(SOURCES),
  publications: zeros(OUTCOMES),
});

export type Tally = ReturnType<typeof createTally>;

function count<Label extends string>(
  { registry }: Metrics,
  given: { name: string; help: string; labelNames: readonly Label[] },
  numbers: () => Iterable<[Record<Label, string | number>, number]>,
) {
  new Counter({
    ...given,
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, number] of numbers()) this.inc(labels, number);
    },
  });
}

/** Registers a tally's counters with the metrics. */
export function registerTally({ answers, from, publications }: Tally, metrics: Metrics) {
  count(
    metrics,
    {
      name: 'keepline_calendar_answers_total',
      help: 'Answers under /cal, by status: fetches of calendars, and everything else, such as pages of feeds.',
      labelNames: ['to', 'status'],
    },
    function* () {
      for (const [to, numbers] of Object.entries(answers)) {
        for (const [status, number] of numbers.entries()) {
          if (number > 0 || STATUSES.includes(status)) yield [{ to, status }, number];
        }
      }
    },
  );
  count(
    metrics,
    {
      name: 'keepline_calendars_served_total',
      help: 'Calendars served, by where they came from; last_good: the previous publication, after a failure.',
      labelNames: ['from'],
    },
    () => Object.entries(from).map(([from, number]) => [{ from }, number]),
  );
  count(
    metrics,
    {
      name: 'keepline_calendar_publications_total',
      help: 'Calendars rebuilt for a fetch, and failures.',
      labelNames: ['outcome'],
    },
    () => Object.entries(publications).map(([outcome, number]) => [{ outcome }, number]),
  );
}
