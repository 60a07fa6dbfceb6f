import { describe, expect, it } from 'vitest';
import { segmentAt, zoneOffsets } from './zone-offsets.js';

const HOUR_MS = 3_600_000;

describe('the pinned zone data', () => {
  it('agrees with the runtime for every zone over years that no release since has changed', () => {
    const disagreeing: string[] = [];
    for (const name of Intl.supportedValuesOf('timeZone')) {
      // 2026 brought a correction of the hour at which Moldova changed its clocks from 2022 on.
      if (name === 'Europe/Chisinau') continue;
      const clock = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
      });
      const zone = zoneOffsets(name);
      for (let atMs = Date.UTC(2010, 0, 3); atMs < Date.UTC(2025, 0, 1); atMs += 10 * 24 * HOUR_MS) {
        const [month, day, year, hour, minute] = clock.format(atMs).match(/\d+/g)!.map(Number);
        const localMs = Date.UTC(year!, month! - 1, day, hour, minute);
        if (localMs - atMs !== zone.offsetsMs[segmentAt(zone, atMs)]) disagreeing.push(`${name} ${atMs}`);
      }
    }
    expect(disagreeing).toEqual([]);
  });
});
