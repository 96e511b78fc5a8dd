/** Warns of sources of a file that are old, or that no fact names. */
import { DAY } from '../lib/durations.ts';
import { formatDay } from '../retention/day.ts';
import type { LoadedFile } from './load.ts';
import type { Problem, Report } from './problem.ts';
import type { CarrierFile, Evidence } from './schema.ts';
import { visitAll } from './walk.ts';

const OLD_AFTER_MONTHS = 24;

/** The first day of a date that may be a bare month or year. */
export const firstDayOf = (rough: string): string => `${rough}${'-01-01'.slice(rough.length - 4)}`;

/** A source's own date, else the day it was looked at. */
const dateOf = ({ dated, seen }: Evidence): string => firstDayOf(dated ?? seen);

const monthsOf = (date: string): number => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));

function ageInMonths(date: string, today: string): number {
  return monthsOf(today) - monthsOf(date) - (today.slice(8) < date.slice(8) ? 1 : 0);
}

const formatAge = (months: number): string => {
  const [years, rest] = [Math.floor(months / 12), months % 12];
  return `${years} years${rest ? ` and ${rest} ${rest === 1 ? 'month' : 'months'}` : ''}`;
};

/** Every list of evidence below a value: each stands for one fact. */
export function evidenceLists(value: unknown): string[][] {
  const lists: string[][] = [];
  visitAll(value, (inner, path) => {
    if (path.at(-1) === 'evidence' && Array.isArray(inner)) lists.push(inner.map(String));
  });
  return lists;
}

/** The oldest and the newest date among the sources that a part of a carrier's file names. */
export function sourceDates(carrier: CarrierFile, part: unknown): [string | null, string | null] {
  const names = new Set(evidenceLists(part).flat());
  const dates = [...names].map((name) => dateOf(carrier.evidence[name]!)).sort();
  return [dates[0] ?? null, dates.at(-1) ?? null];
}

/** Warnings on the sources of one file; `today` as `2026-03-01`. */
export function sourceWarnings(file: LoadedFile, carrier: CarrierFile, today: string): Problem[] {
  const warnings: Problem[] = [];
  const warn: Report = (path, message, at) =>
    void warnings.push({ file: file.name, ...file.locate(path, at), message });
  for (const [name, evidence] of Object.entries(carrier.evidence)) {
    const path = ['evidence', name];
    if (!file.evidenceUses.get(name)) {
      warn(path, `No fact names the evidence "${name}": name it where it belongs, or remove it.`, 'key');
    }
    const date = dateOf(evidence);
    const from = evidence.dated ? 'dated' : 'seen';
    if (date > today) {
      warn([...path, from], `The evidence "${name}" is of ${evidence[from]}, which has not come yet.`);
    } else if (ageInMonths(date, today) >= OLD_AFTER_MONTHS) {
      const age = formatAge(ageInMonths(date, today));
      warn([...path, from], `The evidence "${name}" is ${age} old: check whether it still holds.`);
    }
  }
  return warnings;
}

/** The UTC date of a moment, as `2026-03-01`. */
export const utcDate = (moment: Date): string => formatDay(Math.floor(moment.getTime() / DAY));
