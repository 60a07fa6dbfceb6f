import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { Parser } from 'csv-parse';
import { countryCode, toE164, toE164AtHome } from '#policy/phone-number.js';
import { NumberFileFault } from './number-file-fault.js';
import { ByteLimit, plainText } from './plain-text.js';
import { layoutOf, type Layout } from './layout.js';

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

/** Rows judged before others have their turn: a few milliseconds. */
const ROWS_A_TURN = 1_000;

/** Longer is no row of numbers: a quotation mark that is never closed would swallow the file. */
const MOST_BYTES_A_RECORD = 64 * 1024;

/**
 * Reads a file of numbers as it comes, in constant memory: CSV with a heading, numbers one a line, or two columns of area
 * code and number; plain or packed by gzip, in UTF-8.
 * @throws NumberFileFault
 */
export async function* readNumbers(
  file: Readable | AsyncIterable<Buffer>,
  options: NumberFileOptions,
): AsyncGenerator<NumberRows> {
  const country = options.defaultCountry === undefined ? undefined : countryCode(options.defaultCountry);
  if (country === null) throw new NumberFileFault(`There is no country ${options.defaultCountry}.`);
  const e164 = (text: string) => (country === undefined ? toE164(text) : toE164AtHome(text, country));
  const places = new Lines();
  let layout: Layout | null = null;
  let seen = 0;
  for await (const records of recordsIn(file, options.mostBytes)) {
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

/** Records, a few at a time: one at a time would cost more than reading them. */
async function* recordsIn(
  file: Readable | AsyncIterable<Buffer>,
  mostBytes: number,
): AsyncGenerator<string[][]> {
  const limit = new ByteLimit(mostBytes);
  let parser: Parser | null = null;
  for await (const piece of plainText(file)) {
    limit.count(piece);
    parser ??= parserFor(piece);
    parser.write(piece);
    yield* drained(parser);
  }
  if (parser === null) return;
  const rest: string[][] = [];
  const ended = new Promise((resolve) => parser?.once('end', resolve).once('error', resolve));
  parser.on('data', (record: string[]) => rest.push(record)).end();
  await ended;
  if (parser.errored) throw unreadable(parser.errored);
  yield* inTurns(rest);
}

function* drained(parser: Parser): Generator<string[][]> {
  if (parser.errored) throw unreadable(parser.errored);
  const records: string[][] = [];
  for (let record = next(parser); record !== null; record = next(parser)) records.push(record);
  yield* inTurns(records);
}

function* inTurns(records: string[][]): Generator<string[][]> {
  for (let from = 0; from < records.length; from += ROWS_A_TURN) {
    yield records.slice(from, from + ROWS_A_TURN);
  }
}

function next(parser: Parser): string[] | null {
  return parser.read() as string[] | null;
}

function parserFor(beginning: Buffer): Parser {
  const parser = new Parser({
    bom: true,
    delimiter: delimiterOf(beginning),
    trim: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: MOST_BYTES_A_RECORD,
  });
  // Looked at after every piece; unheard, it would end the process.
  parser.on('error', () => undefined);
  return parser;
}

/** What separates the columns is whatever of the usual marks the first line has most of. */
function delimiterOf(beginning: Buffer): string {
  const [line = ''] = beginning.toString('utf8').split(/\r?\n|\r/, 1);
  const counts = [',', ';', '\t', '|'].map((mark) => ({ mark, count: line.split(mark).length - 1 }));
  return counts.reduce((most, one) => (one.count > most.count ? one : most)).mark;
}

/** The parser's words may hold what stands in the file; only its code and its line are told. */
function unreadable(failure: Error): NumberFileFault {
  const { code = 'unreadable', lines } = failure as { code?: string; lines?: number };
  return new NumberFileFault(
    `It cannot be read as CSV${lines === undefined ? '' : ` from line ${lines} on`}: ${code}.`,
  );
}

/** Counts lines from records: one each, and those within quotation marks. */
class Lines {
  private next = 1;

  lineOf(record: string[]): number {
    const line = this.next;
    this.next += 1;
    for (const cell of record) {
      if (cell.includes('\n')) this.next += cell.split('\n').length - 1;
    }
    return line;
  }
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
const ZONED = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/;

/** A date is its end, in UTC: whoever writes one means that day too. Undefined: it is neither. */
export function instantOf(text: string): Date | undefined {
  if (!DATE.test(text) && !ZONED.test(text)) return undefined;
  const at = DATE.test(text) ? new Date(Date.parse(`${text}T00:00:00Z`) + 86_400_000) : new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
