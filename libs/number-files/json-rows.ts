import { isUtf8 } from 'node:buffer';
import { MOST_BYTES_A_RECORD } from './csv-records.js';
import { NumberFileFault } from './number-file-fault.js';

/** A row in JSON: what it says, or why it says nothing. */
export type JsonRow =
  { row: number; value: unknown } | { row: number; fault: 'NOT_JSON' | 'NOT_UTF8' | 'TOO_LONG' };

const NEWLINE = 0x0a;

/** The values of a text that has one a line; its rows are its lines. One that cannot be read harms no other. */
export async function* jsonLines(text: AsyncIterable<Buffer>): AsyncGenerator<JsonRow[]> {
  let begun: Buffer[] = [];
  let row = 0;
  let found: JsonRow[] = [];
  const take = (line: Buffer) => {
    row += 1;
    if (line.length > MOST_BYTES_A_RECORD) found.push({ row, fault: 'TOO_LONG' });
    else if (!isBlank(line)) found.push(rowOf(row, line));
  };
  for await (const piece of text) {
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, from)) {
      take(
        begun.length === 0 ? piece.subarray(from, end) : Buffer.concat([...begun, piece.subarray(from, end)]),
      );
      begun = [];
      from = end + 1;
    }
    // Of a line without an end only as much is kept as shows that it is one.
    if (from < piece.length && lengthOf(begun) <= MOST_BYTES_A_RECORD) begun.push(piece.subarray(from));
    if (found.length === 0) continue;
    yield found;
    found = [];
  }
  if (begun.length > 0) take(Buffer.concat(begun));
  yield found;
}

/**
 * The items of a text that is one array of objects; its rows are its items. The text is cut into items by their braces, and
 * each is then parsed by itself: where an item cannot be cut off, nothing behind it can be found.
 * @throws NumberFileFault
 */
export async function* jsonItems(text: AsyncIterable<Buffer>): AsyncGenerator<JsonRow[]> {
  const cutter = new ItemCutter();
  let row = 0;
  let found: JsonRow[] = [];
  for await (const piece of text) {
    for (const item of cutter.cut(piece)) {
      row += 1;
      found.push(rowOf(row, item));
    }
    if (found.length === 0) continue;
    yield found;
    found = [];
  }
  if (!cutter.isClosed) throw new NumberFileFault(`Its array is not closed, after item ${row}.`);
  yield found;
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA] = Buffer.from('"\\{}[],') as unknown as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** Cuts an array of objects into its items. */
class ItemCutter {
  isClosed = false;
  private isOpened = false;
  /** Braces and brackets that are open within an item; 0: between two items. */
  private depth = 0;
  private isInText = false;
  private isEscaped = false;
  private items = 0;
  private isCommaDue = false;
  private begun: Buffer[] = [];

  cut(piece: Buffer): Buffer[] {
    const items: Buffer[] = [];
    let from = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at]!;
      if (this.depth === 0) {
        if (this.between(byte)) from = at;
      } else if (this.within(byte)) {
        this.begun.push(piece.subarray(from, at + 1));
        items.push(this.begun.length === 1 ? this.begun[0]! : Buffer.concat(this.begun));
        this.begun = [];
        this.items += 1;
      }
    }
    if (this.depth > 0) {
      this.begun.push(piece.subarray(from));
      if (lengthOf(this.begun) > MOST_BYTES_A_RECORD) throw this.fault('is too long');
    }
    return items;
  }

  /** @returns whether an item begins */
  private between(byte: number): boolean {
    if (byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09) return false;
    if (this.isClosed) throw new NumberFileFault('Something follows its array.');
    if (!this.isOpened) {
      this.isOpened = byte === OPEN_LIST;
      return false;
    }
    if (byte === CLOSE_LIST && (this.isCommaDue || this.items === 0)) {
      this.isClosed = true;
      return false;
    }
    if (byte === COMMA && this.isCommaDue) {
      this.isCommaDue = false;
      return false;
    }
    if (byte !== OPEN || this.isCommaDue) throw this.fault('is no object');
    this.isCommaDue = true;
    this.depth = 1;
    return true;
  }

  /** @returns whether the item ends */
  private within(byte: number): boolean {
    if (this.isInText) {
      if (this.isEscaped) this.isEscaped = false;
      else if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) this.isInText = false;
      return false;
    }
    if (byte === QUOTE) this.isInText = true;
    else if (byte === OPEN || byte === OPEN_LIST) this.depth += 1;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      this.depth -= 1;
      return this.depth === 0;
    }
    return false;
  }

  private fault(because: string): NumberFileFault {
    return new NumberFileFault(`Its item ${this.items + 1} ${because}.`);
  }
}

function rowOf(row: number, json: Buffer): JsonRow {
  if (!isUtf8(json)) return { row, fault: 'NOT_UTF8' };
  try {
    return { row, value: JSON.parse(json.toString('utf8')) as unknown };
  } catch {
    return { row, fault: 'NOT_JSON' };
  }
}

function isBlank(line: Buffer): boolean {
  return line.length === 0 || line.toString('latin1').trim() === '';
}

function lengthOf(pieces: Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
