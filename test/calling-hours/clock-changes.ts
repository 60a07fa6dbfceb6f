import moment from 'moment-timezone';

/** A change of a zone's clock, or for a zone that has none any instant. */
export interface ClockChange {
  zone: string;
  atMs: number;
}

/** Dates, hours, half-hours and seconds that were skipped or came twice, and clocks that never change. */
const ODDITIES: [zone: string, at: string][] = [
  // The date line: days that never were, and one that came twice.
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Pacific/Fakaofo', '2011-12-30T11:00Z'],
  ['Pacific/Kwajalein', '1993-08-21T12:00Z'],
  ['Pacific/Kanton', '1994-12-31T11:00Z'],
  ['Asia/Manila', '1844-12-31T15:56:08Z'],
  ['America/Juneau', '1867-10-19T00:31:13Z'],
  // Seconds in the offset.
  ['Africa/Monrovia', '1972-01-07T00:44:30Z'],
  ['Europe/Dublin', '1916-10-01T02:25:21Z'],
  ['Europe/Paris', '1911-03-10T23:50:39Z'],
  ['America/New_York', '1883-11-18T17:00Z'],
  // At, around and just after midnight.
  ['America/Asuncion', '2010-10-03T04:00Z'],
  ['America/St_Johns', '2010-11-07T02:31Z'],
  ['America/St_Johns', '2011-03-13T03:31Z'],
  ['Asia/Amman', '2014-10-30T22:00Z'],
  ['Africa/Cairo', '2014-06-26T21:00Z'],
  ['Africa/Cairo', '2014-07-31T22:00Z'],
  // Half-hours and quarters.
  ['Asia/Pyongyang', '2015-08-14T15:00Z'],
  ['America/Caracas', '2007-12-09T07:00Z'],
  ['America/Caracas', '2016-05-01T07:00Z'],
  ['Asia/Kathmandu', '1985-12-31T18:30Z'],
  ['Asia/Colombo', '1996-05-24T18:30Z'],
  // Two hours at once, and an hour less in winter instead of one more in summer.
  ['Europe/Berlin', '1945-05-24T00:00Z'],
  ['Europe/London', '1947-04-13T01:00Z'],
  ['Europe/Dublin', '1971-10-31T02:00Z'],
  // Clocks that stand as they are.
  ['Asia/Kathmandu', '2030-01-01T00:00Z'],
  ['Asia/Kolkata', '2028-02-29T12:00Z'],
  ['Pacific/Kiritimati', '2032-12-31T12:00Z'],
  ['Pacific/Pago_Pago', '2035-06-30T12:00Z'],
  ['Pacific/Marquesas', '2027-01-01T00:00Z'],
];

/**
 * Every change of every clock there is between the beginnings of two years, and the oddities. Zones whose clocks agree
 * throughout take turns: each is read, and no change is walked twice.
 */
export function clockChanges(firstYear: number, endYear: number): ClockChange[] {
  const fromMs = Date.UTC(firstYear, 0, 1);
  const toMs = Date.UTC(endYear, 0, 1);
  const sharing = new Map<string, { zones: string[]; instants: number[] }>();
  for (const zone of zoneNames()) {
    const { untils, offsets } = moment.tz.zone(zone)!;
    const changes = untils
      .map((atMs, i) => ({ atMs, before: offsets[i], after: offsets[i + 1] }))
      .filter(({ atMs, before, after }) => atMs >= fromMs && atMs < toMs && before !== after);
    const clock = sharing.get(JSON.stringify(changes));
    if (clock) clock.zones.push(zone);
    else sharing.set(JSON.stringify(changes), { zones: [zone], instants: changes.map(({ atMs }) => atMs) });
  }
  const regular = [...sharing.values()].flatMap(({ zones, instants }) =>
    instants.map((atMs, i) => ({ zone: zones[i % zones.length]!, atMs })),
  );
  return [...regular, ...ODDITIES.map(([zone, at]) => ({ zone, atMs: Date.parse(at) }))];
}

/** Of the zones that countries have today, without their older names. */
function zoneNames(): string[] {
  const names = moment.tz.countries().flatMap((country) => moment.tz.zonesForCountry(country));
  return [...new Set(names)].sort();
}
