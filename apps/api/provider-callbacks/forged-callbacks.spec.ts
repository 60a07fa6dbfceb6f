import { describe, expect, it } from 'vitest';
import { ForgedCallbacks } from './forged-callbacks.js';

const START_MS = Date.UTC(2026, 0, 1);

function noted(forged: ForgedCallbacks, address: string, count: number, atMs = START_MS) {
  return Array.from({ length: count }, () => forged.note(address, atMs));
}

describe('forged callbacks', () => {
  it('of a network are too many after sixty in a minute, and its first one too many is said to be', () => {
    const forged = new ForgedCallbacks();
    expect(noted(forged, '192.0.2.1', 60)).toEqual(Array(60).fill(null));
    const excess = { network: '192.0.2.1', waitSeconds: 60 };
    expect(noted(forged, '192.0.2.1', 3)).toEqual([
      { ...excess, isFirst: true },
      { ...excess, isFirst: false },
      { ...excess, isFirst: false },
    ]);
    expect(forged.note('192.0.2.2', START_MS)).toBeNull();
    expect(forged.note('192.0.2.1', START_MS + 59_001)?.waitSeconds).toBe(1);
    expect(forged.note('192.0.2.1', START_MS + 60_000)).toBeNull();
  });

  it('of one IPv6 network are counted together', () => {
    const forged = new ForgedCallbacks();
    noted(forged, '2001:db8::1', 60);
    expect(forged.note('2001:db8::ffff:2', START_MS)?.network).toBe('2001:db8::');
    expect(forged.note('2001:db8:0:1::1', START_MS)).toBeNull();
  });

  it('of however many networks are counted in as much memory', () => {
    const forged = new ForgedCallbacks();
    noted(forged, '192.0.2.1', 61);
    for (let n = 0; n < 10_000; n += 1) forged.note(`10.0.${n >> 8}.${n & 255}`, START_MS);
    expect(forged.note('192.0.2.1', START_MS)).toBeNull();
  });
});
