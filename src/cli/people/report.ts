/** Reports the API's validation errors for a handwritten file: in its notation, and with the place in the file. */
import type { Problem } from '../../rulebook/index.ts';
import type { FieldError } from '../../service/refusal.ts';
import { terminalMend } from '../mend.ts';
import type { Row } from './rows.ts';
import { DATE_FIELDS, MONEY_FIELDS } from './shorthand.ts';

export type ReportedFile = { file: string; problems: Problem[] };

const valueAt = (value: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], value);

/** The error and its remedy, in the notation of a records file. */
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

/** Fields of a row that a document expresses by nesting, or that only an export has. */
const ROW_ONLY_FIELDS = new Set([
  '`object`',
  '`line`',
  '`user`',
  '`id`',
  '`recorded_at`',
  '`voided_by`',
  '`created_at`',
]);

/** Rewrites the list of allowed fields in a message to those of a document. */
const asDocument = (text: string, beside: readonly string[]) =>
  text.replace(/The fields here are (.+)\.$/, (_, list: string) => {
    const fields = list.split(', ').filter((field) => !ROW_ONLY_FIELDS.has(field));
    return `The fields here are ${[...fields, ...beside.map((field) => `\`${field}\``)].join(', ')}.`;
  });

/** Adds an error in a row to the problems. */
export function report({ file, problems }: ReportedFile, source: Row, error: FieldError): void {
  const field = error.pointer.replace(/^\//, '').replaceAll('/', '.');
  const text = mendFor(error, source.value);
  const message = source.beside ? asDocument(text, source.beside) : text;
  problems.push({ file, ...source.place(error.pointer), message: field ? `${field}: ${message}` : message });
}

/** The error of a second object with the same external_id. */
export const duplicateExternalId = (what: string): FieldError => ({
  pointer: '/external_id',
  detail: `Another ${what} has it.`,
  mend: 'Give each its own.',
});
