import { describe, expect, it } from 'vitest';
import { AREAS_ELSEWHERE } from './area-codes/elsewhere.js';
import { NORTH_AMERICAN_AREAS } from './area-codes/north-america.js';
import { STATE_AREA_CODES } from './area-codes/us-states.js';
import { calleePlace } from './callee-zones.js';
import { distinctZones, zonesOfCountry } from './country-zones.js';
import { numberPlanEntry } from './phone-number.js';
import { isKnownTimeZone } from './zone-offsets.js';

const NEW_YORK = 'America/New_York';
const CHICAGO = 'America/Chicago';

/** The rows of a table, in its own words. */
function rows(table: string): [zones: string[], words: string[]][] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.split(': '))
    .map(([head = '', words = '']) => [head.split('+'), words.split(' ')]);
}

describe('the zones of a number', () => {
  it.each<[string, string, string[], string[]]>([
    ['an area code', '+12125550100', ['US', 'US-NY'], [NEW_YORK]],
    ['Hawaii', '+18085550100', ['US', 'US-HI'], ['Pacific/Honolulu']],
    [
      'Alaska, with its row for Honolulu',
      '+19075551234',
      ['US', 'US-AK'],
      ['America/Adak', 'America/Anchorage', 'Pacific/Honolulu'],
    ],
    ['a mobile of a country with one clock', '+33612345678', ['FR'], ['Europe/Paris']],
    ['a mobile that the plan gives to an island', '+447911123456', ['GG'], ['Europe/Guernsey']],
    ['a country that only shares its zone', '+4930123456', ['DE'], ['Europe/Berlin']],
    ['a Brazilian mobile: the area code tells', '+5511987654321', ['BR'], ['America/Sao_Paulo']],
    ['a Mexican one likewise', '+525512345678', ['MX'], ['America/Mexico_City']],
    [
      'an area that spans two zones, one of them unlisted',
      '+12705551234',
      ['US', 'US-KY'],
      [CHICAGO, NEW_YORK],
    ],
    ['northern Indiana', '+12195551234', ['US', 'US-IN'], [CHICAGO, NEW_YORK]],
    ['the Florida panhandle', '+18505551234', ['US', 'US-FL'], [CHICAGO, NEW_YORK]],
    [
      'Queensland, with the numbers of its southern neighbour',
      '+61712345678',
      ['AU'],
      ['Australia/Brisbane', 'Australia/Sydney'],
    ],
    ['Kaliningrad, which is not Bucharest', '+74012123456', ['RU'], ['Europe/Kaliningrad']],
    ['Saratov, which is not Moscow', '+78452123456', ['RU'], ['Europe/Saratov']],
    ['Chihuahua, which is not Mazatlan', '+526141234567', ['MX'], ['America/Chihuahua']],
    ['Orlando’s overlay, which is not Chicago', '+16895551234', ['US', 'US-FL'], [NEW_YORK]],
    ['Morocco, which is not the Canaries', '+212612345678', ['MA'], ['Africa/Casablanca']],
    ['the Canaries', '+34928123456', ['ES'], ['Atlantic/Canary']],
    ['Magellan', '+56612345678', ['CL'], ['America/Punta_Arenas']],
    ['Kosovo, which the zone data leaves out', '+38349123456', ['XK'], ['Europe/Belgrade']],
  ])('knows %s', (_, to, jurisdictions, zones) => {
    expect(calleePlace(to)).toMatchObject({ jurisdictions, zones });
  });

  it.each<[string, string, number, number]>([
    ['an Australian mobile is not in Sydney', '+61412345678', 7, 3],
    ['western Australia shares its range with islands', '+61891234567', 7, 3],
    ['a Russian mobile is not in Moscow', '+79161234567', 11, 10],
    ['an Indonesian mobile is not in Jakarta', '+6281234567890', 3, 2],
    ['a Spanish mobile is not in Madrid', '+34612345678', 2, 1],
    ['toll-free is anywhere in two countries', '+18005550100', 16, 6.5],
    ['a Canadian VOIP number likewise', '+16002345678', 16, 6.5],
    ['a Chilean number that the plan does not know', '+56912345678', 3, 2],
  ])('stays wide where the number says no more: %s', (_, to, count, hoursApart) => {
    const { zones, confidence, source } = calleePlace(to);
    expect([zones.length, confidence]).toEqual([count, 'wide']);
    expect(source).not.toBe('area_code');
    const offsets = zones.map(offsetInJanuary);
    expect(Math.max(...offsets) - Math.min(...offsets)).toBe(hoursApart);
  });

  it.each(['+17004442222', '+19995550100', '+80012345678', '+881612345678', '+15555550100'])(
    'knows nothing of %s, which belongs to no place',
    (to) => {
      expect(calleePlace(to)).toMatchObject({ jurisdictions: [], zones: [], source: 'none' });
      expect(calleePlace(to, NEW_YORK)).toMatchObject({ zones: [], source: 'none' });
    },
  );

  it.each([
    ['364', '270'],
    ['448', '850'],
    ['930', '812'],
    ['458', '541'],
    ['986', '208'],
    ['689', '407'],
    ['474', '306'],
    ['639', '306'],
    ['367', '418'],
    ['581', '418'],
    ['879', '709'],
    ['236', '250'],
    ['257', '250'],
    ['672', '250'],
    ['778', '604'],
  ])('gives the overlay %s the zones of %s', (overlay, parent) => {
    expect(calleePlace(`+1${overlay}2345678`).zones).toEqual(calleePlace(`+1${parent}2345678`).zones);
  });
});

describe('a time zone given with a call', () => {
  it('is one candidate more', () => {
    expect(calleePlace('+12125550100', 'America/Los_Angeles')).toMatchObject({
      zones: [NEW_YORK, 'America/Los_Angeles'],
      source: 'area_code',
    });
    expect(calleePlace('+12125550100', 'America/Detroit').zones).toEqual([NEW_YORK]);
  });

  it('is the only one where the operator trusts it, while the law stays that of the number', () => {
    expect(calleePlace('+13055550100', 'America/Los_Angeles', true)).toEqual({
      jurisdictions: ['US', 'US-FL'],
      zones: ['America/Los_Angeles'],
      source: 'call',
      confidence: 'vouched',
    });
    expect(calleePlace('+19995550100', NEW_YORK, true).zones).toEqual([NEW_YORK]);
  });
});

describe('the tables', () => {
  it('name zones that exist, each code once', () => {
    const all = [...rows(NORTH_AMERICAN_AREAS), ...rows(AREAS_ELSEWHERE)];
    expect(all.flatMap(([zones]) => zones).filter((zone) => !isKnownTimeZone(zone))).toEqual([]);
    for (const table of [NORTH_AMERICAN_AREAS, AREAS_ELSEWHERE, STATE_AREA_CODES]) {
      const codes = rows(table).flatMap(([, words]) => words);
      expect(new Set(codes).size).toBe(codes.length);
    }
  });

  it('name, for each country, only clocks that are its own', () => {
    const foreign = [
      ...rows(NORTH_AMERICAN_AREAS).flatMap(([zones, words]) =>
        words.map((word) => ({ zones, prefix: `1${word}` })),
      ),
      ...rows(AREAS_ELSEWHERE).flatMap(([zones, words]) => words.map((word) => ({ zones, prefix: word }))),
    ].filter(({ zones, prefix }) => {
      const own = zonesOfCountry(countryOf(prefix));
      // A zone that adds no clock to those of the country is one of them.
      return own.length === 0 || distinctZones([...own, ...zones]).length > own.length;
    });
    expect(foreign).toEqual([]);
  });

  it('narrow a number to its own area, and widen it by what lies below its prefix', () => {
    expect(calleePlace('+34911234567').zones).toEqual(['Europe/Madrid']);
    expect(calleePlace('+34920123456').zones).toEqual(['Europe/Madrid', 'Atlantic/Canary']);
    expect(calleePlace('+6433123456').zones).toEqual(['Pacific/Auckland', 'Pacific/Chatham']);
    expect(calleePlace('+6493123456').zones).toEqual(['Pacific/Auckland']);
  });
});

/** The country of a prefix: by the plan under calling code 1, by the code elsewhere. */
function countryOf(prefix: string): string {
  if (prefix.startsWith('1')) return numberPlanEntry(`+${prefix}2345678`)?.country ?? '';
  const calling = Object.keys(COUNTRIES).find((code) => prefix.startsWith(code));
  return COUNTRIES[calling ?? ''] ?? '';
}

const COUNTRIES: Record<string, string> = {
  61: 'AU',
  55: 'BR',
  56: 'CL',
  86: 'CN',
  593: 'EC',
  34: 'ES',
  351: 'PT',
  62: 'ID',
  64: 'NZ',
  52: 'MX',
  7: 'RU',
};

function offsetInJanuary(zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = parts.formatToParts(Date.UTC(2026, 0, 15)).find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? [];
  return hours === undefined ? 0 : Number(`${sign}1`) * (Number(hours) + Number(minutes) / 60);
}
