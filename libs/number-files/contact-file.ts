import { setImmediate as turn } from 'node:timers/promises';
import { isObject, UNSTORABLE } from '#policy/call-fields.js';
import { contactColumns, type ContactColumns } from './contact-columns.js';
import { contactOf, rowError, type Contact, type RowError, type RowReading } from './contact-row.js';
import { csvRecords, Lines } from './csv-records.js';
import { jsonItems, jsonLines, type JsonRow } from './json-rows.js';
import { NumberFileFault } from './number-file-fault.js';
import { numberReader } from './number-file.js';
import { plainText } from './plain-text.js';
import { SeenNumbers } from './seen-numbers.js';

/** How a file of contacts is to be read. */
export interface ContactFileOptions {
  /** The heading of the column that has the numbers, in CSV; undefined: one of the usual headings. */
  column?: string | undefined;
  /** ISO 3166: where numbers without a leading `+` are at home; undefined: they are rejected. */
  defaultCountry?: string | undefined;
  /** For rows that do not say it themselves: whether a number may come again. */
  allowDuplicates: boolean;
  /** Most bytes of text, once unpacked. */
  mostBytes: number;
  mostRows: number;
}

/** Some rows of a file, in its order. */
export interface ContactRows {
  rows: Contact[];
  /** Rows of which nothing becomes a call; `errors` says why, at least once for each. */
  rejected: number;
  /** Rows whose number an earlier row has. They are among the errors, and not among the rejected. */
  duplicates: number;
  errors: RowError[];
  /** Of the rows' payloads and contexts, together. */
  characters: number;
}

/**
 * Reads a file of contacts as it comes, in constant memory but for the numbers it has seen: CSV with a heading, JSON with
 * an object a line, or an array of objects in JSON; plain or packed by gzip, in UTF-8. What it is, its beginning says.
 * @throws NumberFileFault
 */
export async function* readContacts(
  file: AsyncIterable<Buffer | string>,
  options: ContactFileOptions,
): AsyncGenerator<ContactRows> {
  const reading = { e164: numberReader(options.defaultCountry), allowDuplicates: options.allowDuplicates };
  const seen = new SeenNumbers();
  let read = 0;
  for await (const judged of judgedRows(plainText(file, options.mostBytes), reading, options.column)) {
    const found: ContactRows = { rows: [], rejected: 0, duplicates: 0, errors: [], characters: 0 };
    for (const one of judged) {
      if (Array.isArray(one)) {
        found.rejected += 1;
        found.errors.push(...one);
      } else if (seen.add(one.to) && !one.allowDuplicates) {
        found.duplicates += 1;
        found.errors.push(rowError(one.row, 'to', 'DUPLICATE', IN_EARLIER_ROW, one.to));
      } else {
        found.rows.push(one);
        found.characters += one.payload.length + one.context.length;
      }
    }
    read += judged.length;
    if (read > options.mostRows) throw new NumberFileFault(`It has more than ${options.mostRows} rows.`);
    yield found;
    await turn();
  }
  if (read === 0) throw new NumberFileFault('It has no rows.');
}

const IN_EARLIER_ROW = 'An earlier row of the file has this number.';

/** What a file may be. */
export type ContactFormat = 'csv' | 'ndjson' | 'json';

async function* judgedRows(
  text: AsyncGenerator<Buffer>,
  reading: RowReading,
  column: string | undefined,
): AsyncGenerator<(Contact | RowError[])[]> {
  const first = await text.next();
  if (first.done === true) throw new NumberFileFault('It is empty.');
  const beginning = withoutMark(first.value);
  const whole = startingWith(beginning, text);
  switch (formatOf(beginning)) {
    case 'csv':
      yield* judgedRecords(whole, reading, column);
      return;
    case 'ndjson':
      for await (const rows of jsonLines(whole)) yield rows.map((row) => judgedJson(row, reading));
      return;
    case 'json':
      for await (const rows of jsonItems(whole)) yield rows.map((row) => judgedJson(row, reading));
  }
}

function formatOf(beginning: Buffer): ContactFormat {
  const [mark] = beginning.toString('latin1').trimStart();
  if (mark === '{') return 'ndjson';
  return mark === '[' ? 'json' : 'csv';
}

/** Some write a mark before UTF-8, which is no part of the text. */
function withoutMark(beginning: Buffer): Buffer {
  return beginning.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? beginning.subarray(3) : beginning;
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* judgedRecords(
  text: AsyncIterable<Buffer>,
  reading: RowReading,
  numberColumn: string | undefined,
): AsyncGenerator<(Contact | RowError[])[]> {
  const lines = new Lines();
  let layout: ContactColumns | null = null;
  for await (const records of csvRecords(text)) {
    const judged: (Contact | RowError[])[] = [];
    for (const record of records) {
      const line = lines.lineOf(record);
      if (record.every((cell) => cell === '')) continue;
      if (layout === null) {
        layout = contactColumns(record, numberColumn);
        if (layout.hasHeading) continue;
      }
      judged.push(judgedRecord(line, record, layout, reading));
    }
    yield judged;
  }
}

/** What bytes that are no UTF-8 are read as. */
const REPLACED = '\ufffd';

function judgedRecord(
  line: number,
  record: string[],
  { columns, hasJson }: ContactColumns,
  reading: RowReading,
): Contact | RowError[] {
  const fields: Record<string, unknown> = {};
  for (let place = 0; place < record.length; place += 1) {
    const text = record[place]!;
    if (text === '') continue;
    if (text.includes(REPLACED)) return [rowError(line, null, 'NOT_UTF8')];
    if (UNSTORABLE.test(text)) return [rowError(line, null, 'INVALID', UNFIT_TEXT)];
    const column = columns[place];
    if (column === undefined) return [rowError(line, null, 'INVALID', TOO_MANY_CELLS)];
    column(text, fields);
  }
  return contactOf(line, fields, reading, !hasJson);
}

const UNFIT_TEXT = 'The text must not hold a NUL character or half of a surrogate pair.';
const TOO_MANY_CELLS = 'The row has more cells than the heading.';

function judgedJson(found: JsonRow, reading: RowReading): Contact | RowError[] {
  if ('fault' in found) return [rowError(found.row, null, found.fault)];
  const { row, value } = found;
  return isObject(value) ? contactOf(row, value, reading, false) : [rowError(row, null, 'NOT_JSON')];
}
