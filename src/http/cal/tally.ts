/**
 * How calendars fare, for who watches over the service: numbers that are raised where it happens, and read when they are
 * asked for. A fetch may cost no more than that.
 */
import { Counter } from 'prom-client';
import type { Metrics } from '../metrics.ts';

/** Statuses told also while there are none: an alert then sees the first. */
const STATUSES = [200, 304, 404, 405, 410, 503];
const HIGHEST = 600;

/** Where a calendar came from; `last_good`: it could not be looked up or made, and what was there before was sent. */
const SOURCES = ['memory', 'database', 'published', 'last_good', 'farewell'] as const;
/** What became of a calendar that was to be made anew. */
const OUTCOMES = ['made', 'failed'] as const;

const zeros = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;

export const createTally = () => ({
  /** Answers by their status: to fetches of calendars, and to all else under `/cal`, as pages. */
  answers: { calendar: new Float64Array(HIGHEST), other: new Float64Array(HIGHEST) },
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

/** Tells a tally among the metrics. */
export function tellTally({ answers, from, publications }: Tally, metrics: Metrics) {
  count(
    metrics,
    {
      name: 'keepline_calendar_answers_total',
      help: 'Answers under /cal, by status: to fetches of calendars, and others, as pages of feeds.',
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
      help: 'Calendars served, by where they came from; last_good: in trouble, as they were published before.',
      labelNames: ['from'],
    },
    () => Object.entries(from).map(([from, number]) => [{ from }, number]),
  );
  count(
    metrics,
    {
      name: 'keepline_calendar_publications_total',
      help: 'Calendars that were made anew for a fetch, and that could not be.',
      labelNames: ['outcome'],
    },
    () => Object.entries(publications).map(([outcome, number]) => [{ outcome }, number]),
  );
}
