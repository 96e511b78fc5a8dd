/** Imports lines or top-ups from a sheet in CSV, from HTTP or a file. */
import type { Decimal } from '../../service/amounts.ts';
import { type App, withPinnedRules } from '../../service/context.ts';
import { dryRun } from '../../service/import/dry-run.ts';
import type { Counts } from '../../service/import/tally.ts';
import type { CellFormat } from './cells.ts';
import { importLines, LINE_COLUMNS } from './lines.ts';
import { MAX_SHEET_ERRORS, type SheetOutcome } from './rows.ts';
import { readSheet } from './sheet.ts';
import { importTopups, TOPUP_COLUMNS } from './topups.ts';

/** The kinds of sheet. */
const SHEETS = {
  lines: { columns: LINE_COLUMNS, bring: importLines },
  topups: { columns: TOPUP_COLUMNS, bring: importTopups },
} as const;
type SheetKind = keyof typeof SHEETS;

export type SheetOptions = Partial<Pick<CellFormat, 'dates'>> & {
  sheet: SheetKind;
  decimal?: Decimal;
  dry_run?: boolean;
};

/** The report of an import. */
export type Imported = Counts &
  Pick<SheetOutcome, 'errors'> & {
    sheet: SheetKind;
    dry_run: boolean;
    /** Rows that are not blank, without the header. */
    rows: number;
    /** Rows that were not imported. */
    refused: number;
  };

const reportOf = (
  { sheet, dry_run = false }: SheetOptions,
  rows: number,
  { counts, errors }: SheetOutcome,
): Imported => ({
  sheet,
  dry_run,
  rows,
  ...counts,
  refused: new Set(errors.map(({ row }) => row)).size,
  errors: errors.slice(0, MAX_SHEET_ERRORS),
});

/**
 * Imports a sheet for a user, each row by itself: rows with errors are reported, the others are stored.
 * @throws Refusal invalid if the sheet cannot be read at all
 */
export async function importSheet(
  running: App,
  user: string,
  bytes: Buffer,
  options: SheetOptions,
): Promise<Imported> {
  const app = withPinnedRules(running);
  const { sheet, dates = 'iso', decimal = null, dry_run = false } = options;
  const { columns, bring } = SHEETS[sheet];
  const rows = await readSheet(bytes, columns);
  const done = await dryRun(app, user, dry_run, (q) =>
    bring({ app, q, user, format: { dates, decimal } }, rows),
  );
  return reportOf(options, rows.length, done);
}
