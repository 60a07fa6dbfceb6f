import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { ZONED } from '#policy/call-fields.js';
import { countryCode, toE164, toE164AtHome } from '#policy/phone-number.js';
import { NumberFileFault } from './number-file-fault.js';
import { csvRecords, Lines } from './csv-records.js';
import { layoutOf, type Layout } from './layout.js';
import { plainText } from './plain-text.js';

/** How a file of numbers is to be read. */
export interface NumberFileOptions {
  /** The heading of the column that has the numbers; undefined: one of the usual headings. */
  column?: string | undefined;
  /** ISO 3166: where numbers without a leading `+` are at home; undefined: they are rejected. */
  defaultCountry?: string | undefined;
  /** Rows whose own expiry is over by then are rejected. */
  now: Date;
  /** Most bytes of text, once unpacked. */
  mostBytes: number;
  mostRows: number;
}

export interface NumberRow {
  /** Of the file, from 1. */
  line: number;
  /** E.164. */
  to: string;
  reason: string | null;
  source: string | null;
  expiresAt: Date | null;
}

export interface RejectedRow {
  line: number;
  because: string;
}

/** Some rows of a file, in its order. */
export interface NumberRows {
  rows: NumberRow[];
  rejected: RejectedRow[];
}

/**
 * Reads a file of numbers as it comes, in constant memory: CSV with a heading, numbers one a line, or two columns of area
 * code and number; plain or packed by gzip, in UTF-8.
 * @throws NumberFileFault
 */
export async function* readNumbers(
  file: Readable | AsyncIterable<Buffer>,
  options: NumberFileOptions,
): AsyncGenerator<NumberRows> {
  const e164 = numberReader(options.defaultCountry);
  const places = new Lines();
  let layout: Layout | null = null;
  let seen = 0;
  for await (const records of csvRecords(plainText(file, options.mostBytes))) {
    const found: NumberRows = { rows: [], rejected: [] };
    for (const record of records) {
      const line = places.lineOf(record);
      if (record.every((cell) => cell === '')) continue;
      if (layout === null) {
        const told = layoutOf(record, options.column);
        if (typeof told === 'string') throw new NumberFileFault(told);
        layout = told;
        if (layout.hasHeading) continue;
      }
      seen += 1;
      if (seen > options.mostRows) throw new NumberFileFault(`It has more than ${options.mostRows} rows.`);
      const row = rowOf(record, layout, e164, options.now);
      if (typeof row === 'string') found.rejected.push({ line, because: row });
      else found.rows.push({ line, ...row });
    }
    yield found;
    await turn();
  }
  if (layout === null) throw new NumberFileFault('It is empty.');
}

/**
 * How the numbers of a file are read: as E.164, or as at home in a country.
 * @throws NumberFileFault for a country that is none
 */
export function numberReader(defaultCountry: string | undefined): (text: string) => string | null {
  if (defaultCountry === undefined) return toE164;
  const country = countryCode(defaultCountry);
  if (country === null) throw new NumberFileFault(`There is no country ${defaultCountry}.`);
  return (text) => toE164AtHome(text, country);
}

const MOST_REASON = 500;
const MOST_SOURCE = 255;

function rowOf(
  record: string[],
  { numberAt, areaCodeAt, reasonAt, sourceAt, expiryAt }: Layout,
  e164: (text: string) => string | null,
  now: Date,
): Omit<NumberRow, 'line'> | string {
  const text = record[numberAt] ?? '';
  if (text === '') return 'no number';
  const isSplit = areaCodeAt !== null && !text.startsWith('+');
  const to = isSplit ? toE164(`+1${record[areaCodeAt] ?? ''}${text}`) : e164(text);
  if (to === null) return 'not a phone number in E.164';
  const expiry = valueAt(record, expiryAt);
  const expiresAt = expiry === null ? null : instantOf(expiry);
  if (expiresAt === undefined) return 'not a time or a date';
  if (expiresAt !== null && expiresAt <= now) return 'expired already';
  return {
    to,
    reason: valueAt(record, reasonAt)?.slice(0, MOST_REASON) ?? null,
    source: valueAt(record, sourceAt)?.slice(0, MOST_SOURCE) ?? null,
    expiresAt,
  };
}

/** No text is none; what no database keeps is left out of it. */
function valueAt(record: string[], place: number | null): string | null {
  const text = place === null ? '' : (record[place] ?? '').replaceAll(/\0|\p{Surrogate}/gu, '');
  return text === '' ? null : text;
}

const DATE = /^\d{4}-\d\d-\d\d$/;

/** A date is its end, in UTC: whoever writes one means that day too. Undefined: it is neither. */
export function instantOf(text: string): Date | undefined {
  if (!DATE.test(text) && !ZONED.test(text)) return undefined;
  const at = DATE.test(text) ? new Date(Date.parse(`${text}T00:00:00Z`) + 86_400_000) : new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
