import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { inBatches } from '#number-files/in-batches.js';
import { NumberFileFault } from '#number-files/number-file-fault.js';
import { readNumbers, type NumberFileOptions } from '#number-files/number-file.js';
import {
  BATCH_ROWS,
  DoNotCallImportsStore,
  type DoNotCallImport,
  type ImportOrder,
} from '#store/do-not-call-imports.store.js';
import { errors } from '../http-errors.js';
import { piecesOf } from '../streamed-body.js';

const MOST_ROWS = 20_000_000;
const MOST_BYTES = 2 * 1024 ** 3;

/** Files that one process reads at once: each takes a part of its processor. */
const MOST_AT_ONCE = 4;
const TRY_AGAIN_SECONDS = 15;

/** Reads a file of numbers to its end. What follows is the dialer's: it goes on whatever becomes of this process. */
@Injectable()
export class ImportDoNotCall {
  private underWay = 0;

  constructor(private readonly imports: DoNotCallImportsStore) {}

  async run(
    actor: string,
    order: ImportOrder,
    reading: Pick<NumberFileOptions, 'column' | 'defaultCountry'>,
    file: IncomingMessage,
  ): Promise<DoNotCallImport> {
    if (this.underWay >= MOST_AT_ONCE) throw errors.tooManyRequests(TRY_AGAIN_SECONDS);
    this.underWay += 1;
    try {
      const id = await this.imports.begin(actor, order);
      if (id === null) throw errors.campaignNotFound();
      await this.read(id, actor, order, reading, file);
      return (await this.imports.find(order.environmentId, id))!;
    } finally {
      this.underWay -= 1;
    }
  }

  private async read(
    id: string,
    actor: string,
    { environmentId }: ImportOrder,
    reading: Pick<NumberFileOptions, 'column' | 'defaultCountry'>,
    file: IncomingMessage,
  ): Promise<void> {
    try {
      const now = await this.imports.now(environmentId);
      const limits = { now, mostBytes: MOST_BYTES, mostRows: MOST_ROWS };
      const rows = readNumbers(piecesOf(file), { ...reading, ...limits });
      for await (const batch of inBatches(rows, BATCH_ROWS))
        await this.imports.keep(environmentId, id, batch);
      await this.imports.seal(environmentId, actor, id);
    } catch (error) {
      const isFault = error instanceof NumberFileFault;
      const because = isFault ? error.message : 'The file did not arrive whole. Send it again.';
      await this.imports.fail(environmentId, id, because);
      throw isFault ? errors.invalid({ body: [error.message] }) : error;
    }
  }
}
