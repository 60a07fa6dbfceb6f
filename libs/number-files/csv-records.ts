import { Parser } from 'csv-parse';
import { NumberFileFault } from './number-file-fault.js';

/** Rows judged before others have their turn: a few milliseconds. */
const ROWS_A_TURN = 1_000;

/** Longer is no row: a quotation mark that is never closed would swallow the file. */
export const MOST_BYTES_A_RECORD = 64 * 1024;

/**
 * The records of a text in CSV, a few at a time: one at a time would cost more than reading them.
 * @throws NumberFileFault
 */
export async function* csvRecords(text: AsyncIterable<Buffer>): AsyncGenerator<string[][]> {
  let parser: Parser | null = null;
  for await (const piece of text) {
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
export class Lines {
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
