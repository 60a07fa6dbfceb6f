import type { RowError } from './contact-row.js';

export const ERROR_FORMATS = ['csv', 'ndjson'] as const;

export type ErrorFormat = (typeof ERROR_FORMATS)[number];

const COLUMNS = ['row', 'column', 'code', 'message', 'value'] as const;

/** An error as any store keeps it. */
type ToldError = Omit<RowError, 'code'> & { code: string };

/** The first line of a file that says what was wrong with rows; nothing where it needs none. */
export function errorHeading(format: ErrorFormat): string {
  return format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '';
}

/** Its lines for some errors. */
export function errorLines(errors: ToldError[], format: ErrorFormat): string {
  return errors.map(format === 'csv' ? csvLine : jsonLine).join('');
}

function csvLine(error: ToldError): string {
  return `${COLUMNS.map((column) => csvCell(error[column])).join(',')}\r\n`;
}

function jsonLine({ row, column, code, message, value }: ToldError): string {
  return `${JSON.stringify({ row, column, code, message, value })}\n`;
}

/** What a spreadsheet takes for a formula, wherever it came from (OWASP, CSV injection). */
const FORMULA = /^\s*[=+\-@|\t\r]/;

/** A cell that no spreadsheet computes: what looks like a formula is told to be text, as spreadsheets write it. */
function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return value.toString();
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
