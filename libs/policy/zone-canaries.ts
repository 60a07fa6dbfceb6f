import { segmentAt, zoneDataVersion, zoneOffsets, type ZoneOffsets } from './zone-offsets.js';

/**
 * Answers known by law. The first three changed in 2026, and data from before puts people there an hour off; the others
 * tell of data that was cut short or not read as it was packed.
 */
const CANARIES: { zone: string; at: string; hoursEast: number }[] = [
  { zone: 'America/Vancouver', at: '2026-12-15T12:00Z', hoursEast: -7 },
  { zone: 'America/Edmonton', at: '2026-12-15T12:00Z', hoursEast: -6 },
  { zone: 'Africa/Casablanca', at: '2026-12-15T12:00Z', hoursEast: 0 },
  { zone: 'America/New_York', at: '2037-07-01T12:00Z', hoursEast: -4 },
  { zone: 'Europe/London', at: '2037-12-15T12:00Z', hoursEast: 0 },
  { zone: 'Australia/Lord_Howe', at: '2037-07-01T12:00Z', hoursEast: 10.5 },
  { zone: 'Asia/Kathmandu', at: '2026-12-15T12:00Z', hoursEast: 5.75 },
];

/**
 * What is wrong with the zone data, a sentence for each answer that is not as known; none for sound data. With any
 * of them wrong nothing may be dialled: other zones will be wrong too.
 */
export function zoneDataFaults(offsetsOf: (zone: string) => ZoneOffsets = zoneOffsets): string[] {
  return CANARIES.flatMap(({ zone, at, hoursEast }) => {
    const found = hoursEastOf(zone, at, offsetsOf);
    if (found === hoursEast) return [];
    const says = found === null ? 'does not know it' : `says ${found}`;
    return [`${zone} is ${hoursEast} hours east of UTC at ${at}; zone data ${zoneDataVersion} ${says}`];
  });
}

/** Null: the zone is not there, or cannot be read. */
function hoursEastOf(zone: string, at: string, offsetsOf: (zone: string) => ZoneOffsets): number | null {
  try {
    const offsets = offsetsOf(zone);
    return (offsets.offsetsMs[segmentAt(offsets, Date.parse(at))] ?? Number.NaN) / 3_600_000;
  } catch {
    return null;
  }
}
