import { createRequire } from 'node:module';
import { zoneDataVersion, zoneOffsets } from './zone-offsets.js';

interface ZoneMetadata {
  countries: Record<string, { zones: string[] }>;
  /** With the countries of each, the one it is named for first. */
  zones: Record<string, { countries: string[] }>;
}

const metadata = createRequire(import.meta.url)('moment-timezone/data/meta/latest.json') as ZoneMetadata;

/** Where the zone data has no such country, or counts a station that no number leads to. */
const CORRECTIONS: Record<string, { add?: string[]; drop?: string[] }> = {
  AU: { drop: ['Asia/Tokyo', 'Antarctica/Macquarie'] },
  AC: { add: ['Atlantic/St_Helena'] },
  TA: { add: ['Atlantic/St_Helena'] },
  XK: { add: ['Europe/Belgrade'] },
};

const zonesByCountry = new Map<string, readonly string[]>();

/** The zones of a country (ISO 3166), those whose clocks agree named once; empty for one that is not known. */
export function zonesOfCountry(country: string): readonly string[] {
  const kept = zonesByCountry.get(country);
  if (kept) return kept;
  const { add = [], drop = [] } = CORRECTIONS[country] ?? {};
  const named = [...(metadata.countries[country]?.zones ?? []), ...add].filter(
    (zone) => !drop.includes(zone),
  );
  const isOwn = (zone: string) => metadata.zones[zone]?.countries[0] === country;
  const zones = distinctZones([...named.filter(isOwn), ...named.filter((zone) => !isOwn(zone))]);
  zonesByCountry.set(country, zones);
  return zones;
}

/** The zones without those whose clock agrees with an earlier one's from the year of the zone data on, for ever. */
export function distinctZones(zones: readonly string[]): readonly string[] {
  const clocks = new Set<string>();
  return zones.filter((zone) => {
    const clock = clockOf(zone);
    return !clocks.has(clock) && clocks.add(clock);
  });
}

/** The data speaks for its own year and later; what clocks did before decides no call. */
const HORIZON_MS = Date.UTC(Number.parseInt(zoneDataVersion), 0, 1);

const clocks = new Map<string, string>();

/** A zone's offsets from the horizon on, as text: equal for zones whose clocks agree. */
function clockOf(zone: string): string {
  const kept = clocks.get(zone);
  if (kept !== undefined) return kept;
  const { startsMs, offsetsMs } = zoneOffsets(zone);
  const clock = startsMs
    .flatMap((startMs, i) =>
      (startsMs[i + 1] ?? Infinity) > HORIZON_MS ? [`${Math.max(startMs, HORIZON_MS)} ${offsetsMs[i]}`] : [],
    )
    .join();
  clocks.set(zone, clock);
  return clock;
}
