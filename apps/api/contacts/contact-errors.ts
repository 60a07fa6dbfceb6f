import { Injectable } from '@nestjs/common';
import type { ContactError } from '#store/contact-import-rows.js';
import { ContactImportsStore } from '#store/contact-imports.store.js';

export const ERROR_FORMATS = ['csv', 'ndjson'] as const;

export type ErrorFormat = (typeof ERROR_FORMATS)[number];

/** Writes down what was wrong with the rows of a file, for whoever sent it. */
@Injectable()
export class ContactErrors {
  constructor(private readonly imports: ContactImportsStore) {}

  /** The lines of the file, some at a time: a file of a million bad rows is never in memory as a whole. */
  async *lines(environmentId: string, importId: string, format: ErrorFormat): AsyncGenerator<string> {
    if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
    for (let after = '0'; ;) {
      const part = await this.imports.errorsOf(environmentId, importId, after);
      if (part === null) return;
      yield part.errors.map(format === 'csv' ? csvLine : jsonLine).join('');
      after = part.last;
    }
  }
}

const COLUMNS = ['row', 'column', 'code', 'message', 'value'] as const;

function csvLine(error: ContactError): string {
  return `${COLUMNS.map((column) => csvCell(error[column])).join(',')}\r\n`;
}

function jsonLine({ row, column, code, message, value }: ContactError): string {
  return `${JSON.stringify({ row, column, code, message, value })}\n`;
}

/** What a spreadsheet takes for a formula, wherever it came from (OWASP, CSV injection). */
const FORMULA = /^[\s]*[=+\-@\t\r|]/;

/** A cell that no spreadsheet computes: what looks like a formula is told to be text, as spreadsheets write it. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return value.toString();
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
