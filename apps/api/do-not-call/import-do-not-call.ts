import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { inBatches } from '#number-files/in-batches.js';
import { readNumbers, type NumberFileOptions } from '#number-files/number-file.js';
import {
  BATCH_ROWS,
  DoNotCallImportsStore,
  type DoNotCallImport,
  type ImportOrder,
} from '#store/do-not-call-imports.store.js';
import { FileUploads, readWhole } from '../file-uploads.js';
import { errors } from '../http-errors.js';
import { piecesOf } from '../streamed-body.js';

const MOST_ROWS = 20_000_000;
const MOST_BYTES = 2 * 1024 ** 3;

/** Reads a file of numbers to its end. What follows is the dialer's: it goes on whatever becomes of this process. */
@Injectable()
export class ImportDoNotCall {
  constructor(
    private readonly imports: DoNotCallImportsStore,
    private readonly uploads: FileUploads,
  ) {}

  async run(
    actor: string,
    order: ImportOrder,
    reading: Pick<NumberFileOptions, 'column' | 'defaultCountry'>,
    file: IncomingMessage,
  ): Promise<DoNotCallImport> {
    const { environmentId } = order;
    return this.uploads.oneMore(async () => {
      const id = await this.imports.begin(actor, order);
      if (id === null) throw errors.campaignNotFound();
      const now = await this.imports.now(environmentId);
      const limits = { now, mostBytes: MOST_BYTES, mostRows: MOST_ROWS };
      const rows = readNumbers(piecesOf(file), { ...reading, ...limits });
      await readWhole(inBatches(rows, BATCH_ROWS), {
        keep: (batch) => this.imports.keep(environmentId, id, batch),
        seal: () => this.imports.seal(environmentId, actor, id),
        fail: (because) => this.imports.fail(environmentId, id, because),
      });
      return (await this.imports.find(environmentId, id))!;
    });
  }
}
