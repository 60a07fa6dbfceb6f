import type { NumberRows } from './number-file.js';

/** The same rows, so many of either kind together, or a few more. */
export async function* inBatches(found: AsyncIterable<NumberRows>, size: number): AsyncGenerator<NumberRows> {
  let batch: NumberRows = { rows: [], rejected: [] };
  for await (const { rows, rejected } of found) {
    batch.rows.push(...rows);
    batch.rejected.push(...rejected);
    if (Math.max(batch.rows.length, batch.rejected.length) < size) continue;
    yield batch;
    batch = { rows: [], rejected: [] };
  }
  if (batch.rows.length + batch.rejected.length > 0) yield batch;
}
