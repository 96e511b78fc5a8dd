/** What the checks of the API say, said for whoever writes a file by hand, with its place in the file. */
import type { Problem } from '../../rulebook/index.ts';
import type { FieldError } from '../../service/refusal.ts';
import { terminalMend } from '../mend.ts';
import type { Row } from './rows.ts';
import { DATE_FIELDS, MONEY_FIELDS } from './words.ts';

export type ReportedFile = { file: string; problems: Problem[] };

const valueAt = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], value);

/** What the API would say, said for whoever writes a file by hand. */
function mendFor({ pointer, detail, mend }: FieldError, value: unknown): string {
  const field = pointer.split('/')[1] ?? '';
  const given = valueAt(value, pointer);
  const isMoney = MONEY_FIELDS.has(field) || field === 'plan_price';
  if (isMoney && pointer === `/${field}` && given !== undefined) {
    return 'Money is written with its currency, as `300 RUB`.';
  }
  const isDate = field === 'at' || DATE_FIELDS.has(field);
  if (isDate && typeof given === 'string' && /none of the forms|no date/i.test(detail)) {
    return `${detail} Write it as \`2026-03-01\`, or from today: \`today\`, \`40 days ago\`, \`in 10 days\`.`;
  }
  if (typeof given === 'number' && /is a number, not a string/.test(detail)) {
    return `${detail} Put it in quotes.`;
  }
  return `${detail} ${terminalMend(mend)}`;
}

/** Fields of a row that a document has by where it stands, or that only an export tells. */
const OF_ROWS = new Set([
  '`object`',
  '`line`',
  '`user`',
  '`id`',
  '`recorded_at`',
  '`voided_by`',
  '`created_at`',
]);

/** The list of fields, as a document has them. */
const asDocument = (text: string, beside: readonly string[]) =>
  text.replace(/The fields here are (.+)\.$/, (_, list: string) => {
    const fields = list.split(', ').filter((field) => !OF_ROWS.has(field));
    return `The fields here are ${[...fields, ...beside.map((field) => `\`${field}\``)].join(', ')}.`;
  });

/** Adds an error of a row to the problems. */
export function report({ file, problems }: ReportedFile, source: Row, error: FieldError): void {
  const field = error.pointer.replace(/^\//, '').replaceAll('/', '.');
  const told = mendFor(error, source.value);
  const message = source.beside ? asDocument(told, source.beside) : told;
  problems.push({ file, ...source.place(error.pointer), message: field ? `${field}: ${message}` : message });
}

/** Two things have one external_id. */
export const duplicateExternalId = (what: string): FieldError => ({
  pointer: '/external_id',
  detail: `Another ${what} has it.`,
  mend: 'Give each its own.',
});
