import { AREAS_ELSEWHERE } from './area-codes/elsewhere.js';
import { NORTH_AMERICAN_AREAS } from './area-codes/north-america.js';
import { STATE_AREA_CODES } from './area-codes/us-states.js';
import { distinctZones, zonesOfCountry } from './country-zones.js';
import { numberPlanEntry } from './phone-number.js';

/** Where a called person may be, as far as the number and the call itself tell. */
export interface CalleePlace {
  /** Whose law may hold: ISO 3166 countries, and states of the United States as `US-FL`. */
  jurisdictions: readonly string[];
  /** Every zone whose clock may be the person's, clocks that agree named once. Empty: nobody can tell. */
  zones: readonly string[];
  /** What the zones were taken from; `call`: a `timezone` given with the call and trusted. */
  source: 'area_code' | 'country' | 'number_plan' | 'call' | 'none';
  /** `wide`: the whole of a country, or of two, since the number says no more. */
  confidence: 'vouched' | 'likely' | 'wide' | 'none';
}

/**
 * The candidate zones of a number. Only geographic numbers are narrowed to their area, and never below what a shared or
 * overlaid area code leaves open: a number bounds where a person may be, it does not find them.
 * @param timezone given with the call: one candidate more, or, when trusted, the only one
 */
export function calleePlace(to: string, timezone: string | null = null, trusted = false): CalleePlace {
  if (latest.to !== to || latest.timezone !== timezone || latest.trusted !== trusted) {
    latest = { to, timezone, trusted, place: placeOf(to, timezone, trusted) };
  }
  return latest.place;
}

function placeOf(to: string, timezone: string | null, trusted: boolean): CalleePlace {
  const place = placeOfNumber(to);
  if (timezone === null) return place;
  if (trusted) return { ...place, zones: [timezone], source: 'call', confidence: 'vouched' };
  return place.zones.length === 0 ? place : { ...place, zones: distinctZones([...place.zones, timezone]) };
}

/** Calling codes in which a mobile's number says where it was taken out. */
const GEOGRAPHIC_MOBILES = new Set(['52', '54', '55', '86']);

/** Toll-free, VOIP and personal numbers of calling code 1 may ring in either. */
const NORTH_AMERICA = ['US', 'CA'];

/** Where nobody can tell anything. */
export const NOWHERE: CalleePlace = { jurisdictions: [], zones: [], source: 'none', confidence: 'none' };

/** One decision asks for one number several times, and reading it is what costs. */
let latest = { to: '', timezone: null as string | null, trusted: false, place: NOWHERE };

function placeOfNumber(to: string): CalleePlace {
  const entry = numberPlanEntry(to);
  if (entry === null || entry.country === null) return NOWHERE;
  const { country, callingCode, kind } = entry;
  if (kind === 'area' || (kind === 'mobile' && GEOGRAPHIC_MOBILES.has(callingCode))) {
    return placeOfArea(country, areaPrefixOf(to));
  }
  return callingCode === '1' && NORTH_AMERICA.includes(country)
    ? placeOfCountries(NORTH_AMERICA)
    : placeOfCountries([country]);
}

const places = new Map<string, CalleePlace>();

function placeOfArea(country: string, prefix: string | null): CalleePlace {
  if (prefix === null) return placeOfCountries([country]);
  const key = `${country} ${prefix}`;
  const kept = places.get(key);
  if (kept) return kept;
  const place: CalleePlace = {
    jurisdictions: jurisdictionsOf(country, prefix),
    zones: distinctZones(zonesByPrefix.get(prefix) ?? []),
    source: 'area_code',
    confidence: 'likely',
  };
  places.set(key, place);
  return place;
}

function placeOfCountries(countries: string[]): CalleePlace {
  const key = countries.join();
  const kept = places.get(key);
  if (kept) return kept;
  const zones = distinctZones(countries.flatMap(zonesOfCountry));
  const place: CalleePlace =
    zones.length === 0
      ? { ...NOWHERE, jurisdictions: countries }
      : {
          jurisdictions: countries,
          zones,
          source: countries.length === 1 ? 'country' : 'number_plan',
          confidence: zones.length === 1 ? 'likely' : 'wide',
        };
  places.set(key, place);
  return place;
}

function jurisdictionsOf(country: string, prefix: string): string[] {
  const state = country === 'US' ? stateByAreaCode.get(prefix.slice(1)) : undefined;
  return state === undefined ? [country] : [country, `${country}-${state}`];
}

const LONGEST_PREFIX = 5;
const SHORTEST_PREFIX = 2;

const stateByAreaCode = new Map(rowsOf(STATE_AREA_CODES).map(([state, areaCode]) => [areaCode, state]));
const zonesByPrefix = prefixesOf([
  ...rowsOf(NORTH_AMERICAN_AREAS).map(([zones, areaCode]): [string, string] => [zones, `1${areaCode}`]),
  ...rowsOf(AREAS_ELSEWHERE),
]);

/** The longest prefix of the number, `+` left out, that the tables know. */
function areaPrefixOf(to: string): string | null {
  for (let length = LONGEST_PREFIX; length >= SHORTEST_PREFIX; length--) {
    const prefix = to.slice(1, 1 + length);
    if (zonesByPrefix.has(prefix)) return prefix;
  }
  return null;
}

/** The lines of a table: what stands before the colon, with each word after it. */
function rowsOf(table: string): [head: string, word: string][] {
  return table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [head = '', words = ''] = line.split(': ');
      return words.split(' ').map((word): [string, string] => [head, word]);
    });
}

/** Every prefix, with its own zones and those of all longer ones: what matches it may lie in any of them. */
function prefixesOf(rows: [zones: string, prefix: string][]): Map<string, string[]> {
  const byPrefix = new Map<string, string[]>();
  for (const [, prefix] of rows) byPrefix.set(prefix, []);
  for (const [zones, prefix] of rows) {
    for (let length = SHORTEST_PREFIX; length <= prefix.length; length++) {
      byPrefix.get(prefix.slice(0, length))?.push(...zones.split('+'));
    }
  }
  return byPrefix;
}
