import { describe, expect, it } from 'vitest';
import { isKnownTimeZone, segmentAt, zoneDataVersion, zoneOffsets } from './zone-offsets.js';

const HOUR_MS = 3_600_000;
const offsetMsAt = (name: string, instant: string) => {
  const zone = zoneOffsets(name);
  return zone.offsetsMs[segmentAt(zone, Date.parse(instant))];
};

describe('the pinned zone data', () => {
  it('is recent enough for the law changes of 2026', () => {
    expect(zoneDataVersion).toMatch(/^20\d\d[a-z]$/);
    expect(zoneDataVersion >= '2026c').toBe(true);
  });

  // The runtime's own data may be older: Node 20.20.2 (2025c) is an hour off in each of the first three.
  it.each([
    ['America/Vancouver', '2026-12-15T12:00Z', -7],
    ['America/Edmonton', '2026-12-15T12:00Z', -6],
    ['Africa/Casablanca', '2026-12-15T12:00Z', 0],
    ['America/New_York', '2027-03-14T06:59:59.999Z', -5],
    ['America/New_York', '2027-03-14T07:00Z', -4],
    ['Australia/Lord_Howe', '2027-01-01T00:00Z', 11],
    ['Australia/Lord_Howe', '2027-07-01T00:00Z', 10.5],
    ['Asia/Kathmandu', '2027-01-01T00:00Z', 5.75],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', -10],
    ['Pacific/Apia', '2011-12-30T10:00Z', 14],
    ['Etc/UTC', '1970-01-01T00:00Z', 0],
    ['Etc/GMT+5', '2027-01-01T00:00Z', -5],
  ])('puts %s at %s %d hours east', (name, instant, hours) => {
    expect(offsetMsAt(name, instant)).toBe(hours * HOUR_MS);
  });

  it('keeps the seconds of local mean time', () => {
    expect(offsetMsAt('America/New_York', '1850-01-01T00:00Z')).toBe(-(4 * 3600 + 56 * 60 + 2) * 1000);
    expect(offsetMsAt('Asia/Kathmandu', '1850-01-01T00:00Z')).toBe((5 * 3600 + 41 * 60 + 16) * 1000);
  });

  it('carries the rules of today on, and after the last change its offset', () => {
    expect(offsetMsAt('America/New_York', '2050-07-01T00:00Z')).toBe(-4 * HOUR_MS);
    expect(offsetMsAt('America/New_York', '2050-01-01T00:00Z')).toBe(-5 * HOUR_MS);
    expect(offsetMsAt('America/New_York', '9999-07-01T00:00Z')).toBe(-5 * HOUR_MS);
  });
});

describe('names of zones', () => {
  it.each(['Europe/Berlin', 'UTC', 'US/Pacific', 'Asia/Calcutta', 'Etc/GMT+5'])('knows %s', (name) => {
    expect(isKnownTimeZone(name)).toBe(true);
    expect(zoneOffsets(name).startsMs[0]).toBe(-Infinity);
  });

  it.each(['', 'europe/berlin', 'Europe/Berlin ', 'Mars/Olympus', '+02:00', '__proto__', 'constructor'])(
    'does not know %j, and says so when asked for its clock',
    (name) => {
      expect(isKnownTimeZone(name)).toBe(false);
      expect(() => zoneOffsets(name)).toThrow('Unknown time zone');
    },
  );

  it('gives a link the clock of its zone', () => {
    expect(zoneOffsets('US/Pacific')).toEqual(zoneOffsets('America/Los_Angeles'));
  });
});

describe('the segments', () => {
  it('ascend, differ from their neighbours and stay within 16 hours of UTC', () => {
    const wrong: string[] = [];
    for (const name of Intl.supportedValuesOf('timeZone')) {
      const { startsMs, offsetsMs } = zoneOffsets(name);
      if (offsetsMs.length !== startsMs.length) wrong.push(name);
      startsMs.forEach((startMs, i) => {
        const sane = Math.abs(offsetsMs[i]!) < 16 * HOUR_MS;
        const follows = i === 0 || (startMs > startsMs[i - 1]! && offsetsMs[i] !== offsetsMs[i - 1]);
        if (!sane || !follows) wrong.push(`${name} ${startMs}`);
      });
    }
    expect(wrong).toEqual([]);
  });

  it('begin at their first instant and end before the next', () => {
    const zone = zoneOffsets('Europe/London');
    zone.startsMs.slice(1).forEach((startMs, i) => {
      expect(segmentAt(zone, startMs)).toBe(i + 1);
      expect(segmentAt(zone, startMs - 1)).toBe(i);
    });
  });
});
