import { createReadStream } from 'node:fs';

/** A file in pieces; standard input for `-`. */
export function fileAt(path: string): AsyncIterable<Buffer> {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 256 * 1024 });
}
