import type { ContactRows } from './contact-file.js';
import type { NumberRows } from './number-file.js';

/** The same rows, so many of either kind together, or a few more. */
export function inBatches(found: AsyncIterable<NumberRows>, size: number): AsyncGenerator<NumberRows> {
  return gathered(found, size, {
    sizeOf: ({ rows, rejected }) => Math.max(rows.length, rejected.length),
    add: (batch, { rows, rejected }) => {
      batch.rows.push(...rows);
      batch.rejected.push(...rejected);
    },
  });
}

/** What a row brings along, on average; a batch of larger ones has fewer of them. */
const CHARACTERS_A_ROW = 1_000;

/** The same of contacts: so many rows or errors together, or a few more; fewer where much comes along with them. */
export function contactsInBatches(
  found: AsyncIterable<ContactRows>,
  size: number,
): AsyncGenerator<ContactRows> {
  return gathered(found, size, {
    sizeOf: ({ rows, errors, characters }) =>
      Math.max(rows.length, errors.length, characters / CHARACTERS_A_ROW),
    add: (batch, { rows, errors, rejected, duplicates, characters }) => {
      batch.rows.push(...rows);
      batch.errors.push(...errors);
      batch.rejected += rejected;
      batch.duplicates += duplicates;
      batch.characters += characters;
    },
  });
}

async function* gathered<Found>(
  found: AsyncIterable<Found>,
  size: number,
  { sizeOf, add }: { sizeOf: (batch: Found) => number; add: (batch: Found, more: Found) => void },
): AsyncGenerator<Found> {
  let batch: Found | null = null;
  for await (const some of found) {
    if (batch === null) batch = some;
    else add(batch, some);
    if (sizeOf(batch) < size) continue;
    yield batch;
    batch = null;
  }
  if (batch !== null && sizeOf(batch) > 0) yield batch;
}
