import { BLOCK_SIZE, placeInBlocks } from './do-not-call-facts.js';

/** Ten thousand numbers, a bit each, the lowest bit of a byte first: as PostgreSQL's get_bit reads them. */
export interface Block {
  block: number;
  bits: Uint8Array;
}

const BYTES = BLOCK_SIZE / 8;

/**
 * Blocks kept in memory, 125 MB of them. A file in any order of its own, such as by area code, touches few blocks at a
 * time; a larger one in no order at all is slow, and right.
 */
const MOST_BLOCKS = 100_000;

/** Gathers numbers into blocks, and gives away the oldest where there are too many to keep. */
export class RegistryBlocks {
  private readonly blocks = new Map<number, Uint8Array>();
  /** Numbers that were there already. Those given away before, only the database knows. */
  duplicates = 0;

  constructor(private readonly most = MOST_BLOCKS) {}

  add(e164: string): void {
    const { block, offset } = placeInBlocks(e164);
    let bits = this.blocks.get(block);
    if (bits === undefined) this.blocks.set(block, (bits = new Uint8Array(BYTES)));
    const [place, mask] = [offset >> 3, 1 << (offset & 7)];
    if ((bits[place]! & mask) !== 0) this.duplicates += 1;
    else bits[place]! |= mask;
  }

  /** Takes out what is too much to keep, oldest first. Call it after every few thousand numbers. */
  takeSurplus(): Block[] {
    return this.blocks.size <= this.most ? [] : this.take(this.blocks.size - this.most / 2);
  }

  takeAll(): Block[] {
    return this.take(this.blocks.size);
  }

  private take(count: number): Block[] {
    const taken: Block[] = [];
    for (const [block, bits] of this.blocks) {
      if (taken.length >= count) break;
      taken.push({ block, bits });
      this.blocks.delete(block);
    }
    return taken;
  }
}

/** Joins two halves of one block. @returns how many numbers both of them had */
export function joinInto(bits: Uint8Array, others: Uint8Array): number {
  let both = 0;
  for (let place = 0; place < bits.length; place += 1) {
    both += ones(bits[place]! & others[place]!);
    bits[place]! |= others[place]!;
  }
  return both;
}

export function countOf(bits: Uint8Array): number {
  let count = 0;
  for (const byte of bits) count += ones(byte);
  return count;
}

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function ones(byte: number): number {
  return ONES[byte]!;
}
