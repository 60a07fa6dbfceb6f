import { Injectable } from '@nestjs/common';
import { NumberFileFault } from '#number-files/number-file-fault.js';
import { UploadEnded } from '#store/file-uploads.js';
import { errors, type ApiError } from './http-errors.js';

/** Files that one process reads at once: each takes a part of its processor. */
const MOST_AT_ONCE = 4;
const TRY_AGAIN_SECONDS = 15;

/** Bounds how many files this process reads at once. */
@Injectable()
export class FileUploads {
  private underWay = 0;

  /** @throws ApiError 429 where others are as many as may be */
  async oneMore<T>(read: () => Promise<T>): Promise<T> {
    if (this.underWay >= MOST_AT_ONCE) throw errors.tooManyRequests(TRY_AGAIN_SECONDS);
    this.underWay += 1;
    try {
      return await read();
    } finally {
      this.underWay -= 1;
    }
  }
}

/** Where the rows of a file are kept until it was read to its end. */
export interface Upload<Batch> {
  keep: (batch: Batch) => Promise<void>;
  /** It was: from now on it counts. */
  seal: () => Promise<void>;
  /** It could not be: none of it counts. */
  fail: (because: string) => Promise<void>;
}

/**
 * Reads a file to its end, a batch being kept while the next one is read.
 * @throws ApiError 422 for a file that cannot be read, 409 for one whose import was ended meanwhile
 */
export async function readWhole<Batch>(batches: AsyncIterable<Batch>, upload: Upload<Batch>): Promise<void> {
  try {
    let keeping = Promise.resolve();
    for await (const batch of batches) {
      await keeping;
      keeping = upload.keep(batch);
      // Looked at before the next one; unheard until then, it would end the process.
      keeping.catch(() => undefined);
    }
    await keeping;
    await upload.seal();
  } catch (error) {
    if (error instanceof UploadEnded) throw errors.importEnded();
    const fault = error instanceof NumberFileFault ? error : null;
    await upload.fail(fault?.message ?? 'The file did not arrive whole. Send it again.');
    throw fault === null ? error : unreadable(fault);
  }
}

/** A file that cannot be read, as it is answered. */
export function unreadable({ message, columns }: NumberFileFault): ApiError {
  if (columns === null) return errors.invalid({ body: [message] });
  return errors.invalid(
    Object.fromEntries(Object.entries(columns).map(([column, fault]) => [column, [fault]])),
  );
}
