import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { NumberFileFault } from '#number-files/number-file-fault.js';
import { readNumbers, type NumberFileOptions } from '#number-files/number-file.js';
import { MOST_REJECTS_TOLD } from '#store/do-not-call-imports.store.js';
import { DoNotCallScrubStore, type ListedVerdict } from '#store/do-not-call-scrub.store.js';
import { unreadable } from '../file-uploads.js';
import { errors } from '../http-errors.js';
import { piecesOf } from '../streamed-body.js';

const MOST_ROWS = 1_000_000;
const MOST_BYTES = 256 * 1024 ** 2;

/** Reads a file of numbers, and tells those that lists stop. Nothing is kept. */
@Injectable()
export class ScrubNumbers {
  constructor(private readonly scrub: DoNotCallScrubStore) {}

  async run(
    environmentId: string,
    reads: Parameters<DoNotCallScrubStore['begin']>[1],
    reading: Pick<NumberFileOptions, 'column' | 'defaultCountry'>,
    file: IncomingMessage,
  ): Promise<Record<string, unknown>> {
    const begun = await this.scrub.begin(environmentId, reads);
    if (begun === null) throw errors.campaignNotFound();
    const limits = { now: begun.now, mostBytes: MOST_BYTES, mostRows: MOST_ROWS };
    const seen = new Set<string>();
    const rejects: { line: number; reason: string }[] = [];
    const counts = { read: 0, rejected: 0 };
    try {
      for await (const { rows, rejected } of readNumbers(piecesOf(file), { ...reading, ...limits })) {
        counts.read += rows.length + rejected.length;
        counts.rejected += rejected.length;
        for (const { line, because } of rejected.slice(0, MOST_REJECTS_TOLD - rejects.length)) {
          rejects.push({ line, reason: because });
        }
        for (const { to } of rows) seen.add(to);
      }
    } catch (error) {
      throw error instanceof NumberFileFault ? unreadable(error) : error;
    }
    const listed = await this.scrub.listed(begun, seen);
    const { outOfDate } = begun;
    return {
      ...counts,
      // Nobody is known to be callable by a registry that cannot be believed.
      callable: outOfDate.length > 0 ? 0 : seen.size - listed.size,
      listed: listed.size,
      duplicates: counts.read - counts.rejected - seen.size,
      rejects,
      by: countsBy([...listed.values()]),
      out_of_date: outOfDate.map(({ name, finding }) => ({ registry: name, finding })),
      numbers: [...listed].map(([to, { as, list, registry }]) => ({ to, kind: as, list, registry })),
    };
  }
}

/** How many each list stops: `opt_out`, a list by its name, a registry as `registry:<name>`. */
function countsBy(verdicts: ListedVerdict[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { as, list, registry } of verdicts) {
    const listName = as === 'opt_out' ? as : list;
    const name = registry === null ? listName : `registry:${registry}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
