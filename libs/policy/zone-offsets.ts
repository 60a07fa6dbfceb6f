import { createRequire } from 'node:module';

/**
 * The clock of one time zone, as segments of constant offset. Segment `i` runs from `startsMs[i]` up to, not
 * including, `startsMs[i + 1]`; local time in it is the instant plus `offsetsMs[i]`. The last segment has no end.
 */
export interface ZoneOffsets {
  /** Epoch milliseconds, ascending; the first is -Infinity. Neighbouring segments differ in offset. */
  startsMs: readonly number[];
  /** Milliseconds east of UTC; whole seconds (local mean times of the 19th century have them). */
  offsetsMs: readonly number[];
}

interface PackedZones {
  version: string;
  zones: string[];
  /** `target|link` */
  links: string[];
}

// A pinned package, not the runtime's copy: Node 20's own tables are an hour wrong for British Columbia, Alberta
// and Morocco from autumn 2026 on, and two machines of one fleet may differ. Only the data is read, not the
// library. `require`, because Node 20 prints a warning for JSON imports.
const packed = createRequire(import.meta.url)('moment-timezone/data/packed/latest.json') as PackedZones;

const packedByName = new Map(packed.zones.map((zone) => [fieldsOf(zone)[0], zone]));
const targetByLink = new Map(packed.links.map((link) => [fieldsOf(link)[1], fieldsOf(link)[0]]));
const unpacked = new Map<string, ZoneOffsets>();

/** The release of the IANA time zone database behind every answer, such as `2026f`: part of the evidence. */
export const zoneDataVersion: string = packed.version;

/** Whether `name` is an IANA zone or one of its links (`UTC`, `US/Pacific`), in exactly this spelling. */
export function isKnownTimeZone(name: string): boolean {
  return packedByName.has(targetByLink.get(name) ?? name);
}

/**
 * The clock of a zone over all time. The data carries today's rules on to the year 2499; after a zone's last
 * change its offset holds for ever.
 * @throws Error when the zone is not known; see `isKnownTimeZone`.
 */
export function zoneOffsets(name: string): ZoneOffsets {
  const cached = unpacked.get(name);
  if (cached) return cached;
  const zone = packedByName.get(targetByLink.get(name) ?? name);
  if (zone === undefined) throw new Error(`Unknown time zone: ${JSON.stringify(name)}`);
  const offsets = unpack(zone);
  unpacked.set(name, offsets);
  return offsets;
}

/** The index of the segment that holds the instant `atMs`. */
export function segmentAt({ startsMs }: ZoneOffsets, atMs: number): number {
  let low = 0;
  let high = startsMs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (startsMs[middle]! <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * `name|abbreviations|offsets|indices|differences|population`. Offsets are minutes west of UTC; `indices` has one
 * digit a segment, the place of its offset in that list; the differences are the minutes from the end of one
 * segment to the end of the next, the first counted from the epoch. All numbers are base 60.
 */
function unpack(zone: string): ZoneOffsets {
  const [, , offsets, indices, differences] = fieldsOf(zone);
  // Subtracting from 0, for a plain minus makes -0 of Greenwich.
  const palette = offsets!.split(' ').map((west) => 0 - secondsOf(west) * 1000);
  const gaps = differences ? differences.split(' ').map(secondsOf) : [];

  const startsMs: number[] = [];
  const offsetsMs: number[] = [];
  let startMs = -Infinity;
  let endSeconds = 0;
  [...indices!].forEach((digit, segment) => {
    const offsetMs = palette[digitOf(digit)]!;
    // A change of name alone, such as Vancouver's in November 2026, is no change of the clock.
    if (offsetMs !== offsetsMs.at(-1)) {
      startsMs.push(startMs);
      offsetsMs.push(offsetMs);
    }
    endSeconds += gaps[segment] ?? 0;
    startMs = endSeconds * 1000;
  });
  return { startsMs, offsetsMs };
}

/** Seconds from base-60 minutes, such as `-2k.g`: what follows the point is the seconds, one digit. */
function secondsOf(text: string): number {
  const negative = text.startsWith('-');
  const [whole, fraction] = text.slice(negative ? 1 : 0).split('.');
  const minutes = [...whole!].reduce((sum, digit) => sum * 60 + digitOf(digit), 0);
  const seconds = minutes * 60 + (fraction ? digitOf(fraction) : 0);
  return negative ? -seconds : seconds;
}

/** 0–9, then a–z, then A–X. */
function digitOf(digit: string): number {
  return '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX'.indexOf(digit);
}

function fieldsOf(line: string): [string, string, ...string[]] {
  return line.split('|') as [string, string, ...string[]];
}
