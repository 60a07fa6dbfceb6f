import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { NumberFileFault } from './number-file-fault.js';

const GZIP = [0x1f, 0x8b];

/** Bytes parsed before others have their turn. */
const PIECE = 16 * 1024;

/** What stands at the beginning of a file, before it is known what it is. */
const MOST_OF_A_LINE = 64 * 1024;

/**
 * The text of a file in small pieces, unpacked where it was packed by gzip; its first two bytes say. The first piece has
 * the whole first line.
 * @param mostBytes of text: a small packed file may be an endless one
 * @throws NumberFileFault
 */
export async function* plainText(
  file: AsyncIterable<Buffer | string>,
  mostBytes: number,
): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const piece of pieces(file)) {
    read += piece.length;
    if (read > mostBytes) throw new NumberFileFault(`It is larger than ${mostBytes} bytes.`);
    yield piece;
  }
}

async function* pieces(file: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  const packed = gathered(file, (bytes) => bytes.length >= GZIP.length);
  const first = await packed.next();
  if (first.done === true) return;
  const whole = startingWith(first.value, packed);
  const isPacked = GZIP.every((byte, place) => first.value[place] === byte);
  const text = gathered(
    isPacked ? unpacked(whole) : whole,
    (bytes) => bytes.includes(0x0a) || bytes.length > MOST_OF_A_LINE,
  );
  const line = await text.next();
  if (line.done === true) return;
  yield line.value;
  for await (const chunk of text) {
    for (let from = 0; from < chunk.length; from += PIECE) yield chunk.subarray(from, from + PIECE);
  }
}

/** The same bytes, the first of them together until there are enough. */
async function* gathered(
  chunks: AsyncIterable<Buffer | string>,
  isEnough: (bytes: Buffer) => boolean,
): AsyncGenerator<Buffer> {
  let beginning: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (beginning === null) {
      yield bytes;
      continue;
    }
    beginning = Buffer.concat([beginning, bytes]);
    if (!isEnough(beginning)) continue;
    yield beginning;
    beginning = null;
  }
  if (beginning !== null && beginning.length > 0) yield beginning;
}

async function* startingWith(first: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* chunks;
}

async function* unpacked(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  // An error of either stream is that of the reader, who sees it where it reads.
  const text = pipeline(Readable.from(packed), createGunzip(), () => undefined);
  try {
    yield* text as AsyncIterable<Buffer>;
  } catch (error) {
    throw String((error as { code?: unknown }).code).startsWith('Z_')
      ? new NumberFileFault('It is packed by gzip, and cannot be unpacked.')
      : error;
  }
}
