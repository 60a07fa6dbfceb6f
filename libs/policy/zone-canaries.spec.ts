import { describe, expect, it } from 'vitest';
import { zoneDataFaults } from './zone-canaries.js';
import { zoneDataVersion, zoneOffsets, type ZoneOffsets } from './zone-offsets.js';

const HOUR_MS = 3_600_000;
const withClock = (zone: string, clock: () => ZoneOffsets) => (name: string) =>
  name === zone ? clock() : zoneOffsets(name);

/** A clock as data from before a change of the law has it: that last change is not in it. */
const asBefore = (zone: string, changeMs: number, offsetMs: number) => (): ZoneOffsets => {
  const { startsMs, offsetsMs } = zoneOffsets(zone);
  const kept = startsMs.filter((startMs) => startMs < changeMs);
  return { startsMs: [...kept, changeMs], offsetsMs: [...offsetsMs.slice(0, kept.length), offsetMs] };
};

describe('the check of the zone data', () => {
  it('finds nothing wrong with the pinned data', () => {
    expect(zoneDataFaults()).toEqual([]);
  });

  it.each([
    ['America/Vancouver', -8, -7],
    ['America/Edmonton', -7, -6],
    ['Africa/Casablanca', 1, 0],
  ])('finds out data that is older than the law of %s', (zone, hoursBefore, hoursNow) => {
    const stale = asBefore(zone, Date.UTC(2026, 10, 1), hoursBefore * HOUR_MS);
    expect(zoneDataFaults(withClock(zone, stale))).toEqual([
      `${zone} is ${hoursNow} hours east of UTC at 2026-12-15T12:00Z; zone data ${zoneDataVersion} says ${hoursBefore}`,
    ]);
  });

  it('finds out data that ends too early, lacks a zone, or is empty', () => {
    const ends = asBefore('America/New_York', Date.UTC(2030, 0, 1), -5 * HOUR_MS);
    expect(zoneDataFaults(withClock('America/New_York', ends))).toHaveLength(1);
    const lacking = () => {
      throw new Error('Unknown time zone');
    };
    expect(zoneDataFaults(withClock('Asia/Kathmandu', lacking))).toEqual([
      `Asia/Kathmandu is 5.75 hours east of UTC at 2026-12-15T12:00Z; zone data ${zoneDataVersion} does not know it`,
    ]);
    expect(zoneDataFaults(() => ({ startsMs: [], offsetsMs: [] }))).toHaveLength(7);
  });
});
