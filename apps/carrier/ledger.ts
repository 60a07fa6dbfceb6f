import { EventEmitter, once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

export type LedgerKind = 'request' | 'ring' | 'answer' | 'end' | 'callback';

/** One line of the ledger. Further fields depend on the kind. */
export interface LedgerLine {
  /** ISO 8601, UTC, the wall clock. */
  at: string;
  kind: LedgerKind;
  /** The caller's id of the call; null when a refused request named none. */
  id: string | null;
  /** E.164; null when a refused request named none. */
  to: string | null;
  [field: string]: unknown;
}

/**
 * The carrier's record of what really happened, for judging the dialer by. All lines of this process are kept in
 * memory (some 300 bytes each, a few a call) and also appended to a file, which outlives the process.
 * Emits `line` for each.
 */
export class Ledger extends EventEmitter<{ line: [LedgerLine]; error: [Error] }> {
  private readonly entries: { id: string | null; to: string | null; text: string }[] = [];

  private constructor(private readonly file: WriteStream) {
    super();
    file.on('error', (error) => this.emit('error', error));
  }

  /** Opens the file for appending, making its folder. Throws the system's error when it cannot. */
  static async open(path: string): Promise<Ledger> {
    mkdirSync(dirname(path), { recursive: true });
    const file = createWriteStream(path, { flags: 'a' });
    await once(file, 'open');
    return new Ledger(file);
  }

  record(line: Omit<LedgerLine, 'at'>, at: Date = new Date()): void {
    const whole = { at: at.toISOString(), ...line } as LedgerLine;
    const text = `${JSON.stringify(whole)}\n`;
    this.entries.push({ id: whole.id, to: whole.to, text });
    if (this.file.writable) this.file.write(text);
    this.emit('line', whole);
  }

  /** The lines recorded until now as NDJSON, in pieces, since the whole may be longer than a string can be. */
  *read(filter: { id?: string; to?: string }): Generator<string> {
    const PIECE_LINES = 1_000;
    const until = this.entries.length;
    for (let start = 0; start < until; start += PIECE_LINES) {
      const piece = this.entries.slice(start, Math.min(start + PIECE_LINES, until));
      const text = piece.filter((entry) => matches(entry, filter)).map((entry) => entry.text);
      if (text.length > 0) yield text.join('');
    }
  }

  /** Resolves when every line is in the file. */
  async close(): Promise<void> {
    if (!this.file.writable) return;
    await new Promise<void>((resolve) => this.file.end(resolve));
  }
}

function matches(
  entry: { id: string | null; to: string | null },
  filter: { id?: string; to?: string },
): boolean {
  return (
    (filter.id === undefined || entry.id === filter.id) && (filter.to === undefined || entry.to === filter.to)
  );
}
