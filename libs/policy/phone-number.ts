import parsePhoneNumber, {
  getCountries,
  getCountryCallingCode,
  type CountryCode,
} from 'libphonenumber-js/max';

/**
 * A number as E.164, or null when it is none. Only numbers written internationally are read: without a leading
 * `+` the country would be a guess, and a guess rings a stranger. Its length must be possible for its country;
 * whether the range is in use is the carrier's to say, since published ranges lag behind new ones.
 */
export function toE164(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  if (NORTH_AMERICAN.test(text)) return text;
  if (!text.trim().startsWith('+')) return null;
  const parsed = parsePhoneNumber(text);
  return parsed?.isPossible() ? parsed.number : null;
}

/**
 * A number of a list whose numbers without a leading `+` are at home in one country. Lists mix numbers written as at
 * home with such that have the country's code and no `+`: where digits are in use read with the code, that is meant, for
 * the few that are in use read both ways are written with a leading 0 at home.
 */
export function toE164AtHome(text: string, country: CountryCode): string | null {
  const written = text.trim();
  if (written.startsWith('+')) return toE164(written);
  const withCode = written.startsWith(getCountryCallingCode(country))
    ? parsePhoneNumber(`+${written}`)
    : undefined;
  if (withCode?.isValid()) return withCode.number;
  const atHome = parsePhoneNumber(written, country);
  return atHome?.isPossible() ? atHome.number : null;
}

/** In the place of a number that is kept no more. No number is written like it. */
export const ERASED_NUMBER = 'erased';

/** Such numbers are E.164 as they stand, and most of the largest lists: to parse each would take fifty times as long. */
const NORTH_AMERICAN = /^\+1[2-9]\d{9}$/;

/** @returns null for what is no country of ISO 3166 that has numbers */
export function countryCode(text: string): CountryCode | null {
  return getCountries().find((country) => country === text.toUpperCase()) ?? null;
}

/** A number as people write it. */
export interface WrittenNumber {
  /** ISO 3166; null where a code belongs to no country, or to several that cannot be told apart. */
  country: string | null;
  national: string;
  international: string;
}

export function writtenNumber(e164: string): WrittenNumber {
  const parsed = parsePhoneNumber(e164);
  if (parsed === undefined) return { country: null, national: e164, international: e164 };
  return {
    country: parsed.country ?? null,
    national: parsed.formatNational(),
    international: parsed.formatInternational(),
  };
}

/** What the published number plan says of a number. */
export interface NumberPlanEntry {
  /** ISO 3166; null where a code belongs to no country, or to several and the number to no known range. */
  country: string | null;
  callingCode: string;
  /** `area`: a place's own. `mobile`: carried about. `other`: toll-free, VOIP, a shared cost, or not in the plan. */
  kind: 'area' | 'mobile' | 'other';
}

/** Null for what is no number at all. */
export function numberPlanEntry(e164: string): NumberPlanEntry | null {
  if (!NORTH_AMERICAN.test(e164) || e164.startsWith(BARBADOS)) return readPlan(e164);
  const exchange = Number(e164.slice(1, -LAST_DIGITS));
  const kept = exchanges.get(exchange);
  if (kept !== undefined) return kept;
  const entry = readPlan(e164);
  if (exchanges.size >= MOST_EXCHANGES) exchanges.clear();
  exchanges.set(exchange, entry);
  return entry;
}

/**
 * What the plan says of the numbers of an exchange: of North America's, the last four digits tell nothing, but in Barbados.
 * Twenty-five countries share calling code 1, and to find the one costs more than all else that is asked of a number.
 */
const exchanges = new Map<number, NumberPlanEntry | null>();
const MOST_EXCHANGES = 300_000;
const LAST_DIGITS = 4;
const BARBADOS = '+1246';

function readPlan(e164: string): NumberPlanEntry | null {
  const parsed = parsePhoneNumber(e164);
  if (parsed === undefined) return null;
  const { country = null, countryCallingCode: callingCode } = parsed;
  return { country, callingCode, kind: KINDS[parsed.getType() ?? ''] ?? 'other' };
}

const KINDS: Record<string, NumberPlanEntry['kind']> = {
  FIXED_LINE: 'area',
  // North America's mobiles have area codes like everybody's, and cannot be told apart.
  FIXED_LINE_OR_MOBILE: 'area',
  MOBILE: 'mobile',
};

/** A number as it may be shown in logs: `+1•••••0100`. */
export function maskNumber(e164: string): string {
  return `${e164.slice(0, 2)}•••••${e164.slice(-4)}`;
}
