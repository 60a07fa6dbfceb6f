import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextInFreshDaypart } from './dayparts.js';
import { FREE_ENVIRONMENT, UNTOUCHED } from './facts-under-test.js';
import { nextAttemptAt, type TimingFacts } from './next-attempt.js';

const facts = (hours: [start: string, end: string][], rest = {}): TimingFacts => ({
  call: { to: '+12125550100', timezone: null },
  campaign: {
    timezone: 'America/New_York',
    startDate: '2026-01-01',
    endDate: null,
    daysOfWeek: [1, 2, 3, 4, 5],
    callTimeRanges: hours.map(([start, end]) => ({ start, end })),
    legalGuard: null,
    ...rest,
  },
  environment: FREE_ENVIRONMENT,
  ...UNTOUCHED,
});

const MORNING = new Date('2026-11-23T15:00:00Z'); // Monday, 10:00 in New York
const AFTERNOON = new Date('2026-11-23T18:00:00Z');
const EVENING = new Date('2026-11-23T23:00:00Z');
const NEXT_MORNING = new Date('2026-11-24T15:00:00Z');
const OFFICE: [string, string][] = [['09:00', '20:00']];

describe('a retry in another part of the day', () => {
  it.each<[string, Date[], string]>([
    ['after a morning goes into the afternoon', [MORNING], '2026-11-24T17:00:00.000Z'],
    [
      'after a morning and an afternoon goes into the evening',
      [MORNING, AFTERNOON],
      '2026-11-24T22:00:00.000Z',
    ],
    ['after all three takes the earliest', [MORNING, AFTERNOON, EVENING], '2026-11-24T15:00:00.000Z'],
    [
      'after two afternoons and a morning goes into the evening',
      [AFTERNOON, AFTERNOON, MORNING],
      '2026-11-24T22:00:00.000Z',
    ],
  ])('%s', (_, triedAt, at) => {
    expect(nextInFreshDaypart(facts(OFFICE), NEXT_MORNING, triedAt, 0)?.toISOString()).toBe(at);
  });

  it('takes the earliest among equals, though it is not the first of a day', () => {
    const next = new Date('2026-11-24T19:00:00Z'); // 14:00 in New York
    expect(nextInFreshDaypart(facts(OFFICE), next, [], 0)).toEqual(next);
    expect(nextInFreshDaypart(facts(OFFICE), next, [AFTERNOON], 0)).toEqual(new Date('2026-11-24T22:00:00Z'));
  });

  it('reaches a part that begins exactly a day later, on a day of 23 hours', () => {
    // Saturday 23:00; the clocks go on in the night to a Sunday without calls; Monday begins 24 hours later.
    const hours: [string, string][] = [
      ['00:00', '00:30'],
      ['23:00', '24:00'],
    ];
    const given = facts(hours, { daysOfWeek: [6, 1] });
    const saturday = new Date('2027-03-14T04:00:00Z');
    expect(nextInFreshDaypart(given, saturday, [EVENING], 0)).toEqual(new Date('2027-03-15T04:00:00Z'));
    // A minute earlier, Monday is more than a day away.
    const early = facts(
      [
        ['00:00', '00:30'],
        ['22:59', '24:00'],
      ],
      { daysOfWeek: [6, 1] },
    );
    const before = new Date('2027-03-14T03:59:00Z');
    expect(nextInFreshDaypart(early, before, [EVENING], 0)).toEqual(before);
  });

  it('stays at the beginning of its part where there is nothing after that before the campaign ends', () => {
    const lastEvening = facts([['17:00', '17:10']], { endDate: '2026-11-24' });
    const at = new Date('2026-11-24T22:00:00Z');
    expect(nextInFreshDaypart(lastEvening, NEXT_MORNING, [EVENING], 20 * 60_000)).toEqual(at);
  });

  it('takes the part that is left where the hours leave only one, and none where there are none', () => {
    const mornings = facts([['09:00', '11:00']]);
    expect(nextInFreshDaypart(mornings, NEXT_MORNING, [MORNING], 0)).toEqual(NEXT_MORNING);
    const over = facts(OFFICE, { endDate: '2026-11-23' });
    expect(nextInFreshDaypart(over, NEXT_MORNING, [MORNING], 0)).toBeNull();
  });

  it('never waits for more than a day after the first time allowed, so a weekend is not skipped for an evening', () => {
    // On Friday only the morning is open; the afternoon comes on Monday, more than a day later.
    const fridays = facts([['09:00', '12:00']], { daysOfWeek: [5] });
    const friday = new Date('2026-11-27T14:30:00Z');
    expect(nextInFreshDaypart(fridays, friday, [MORNING], 0)).toEqual(friday);
  });

  it('spreads into its part, where that is allowed too', () => {
    const spread = (minutes: number, hours = OFFICE) =>
      nextInFreshDaypart(facts(hours), NEXT_MORNING, [MORNING], minutes * 60_000)?.toISOString();
    expect(spread(20)).toBe('2026-11-24T17:20:00.000Z');
    expect(
      spread(20, [
        ['09:00', '11:00'],
        ['12:00', '12:10'],
      ]),
    ).toBe('2026-11-24T17:00:00.000Z');
  });

  it('is always allowed, never before it is ready, and within a day of the first time allowed', () => {
    const instants = fc.date({
      min: new Date('2026-03-01'),
      max: new Date('2027-12-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(
        instants,
        fc.array(instants, { maxLength: 5 }),
        fc.nat(1_800_000),
        (readyAt, tried, spreadMs) => {
          const given = facts([
            ['08:00', '11:00'],
            ['13:00', '21:00'],
          ]);
          const at = nextInFreshDaypart(given, readyAt, tried, spreadMs);
          const first = nextAttemptAt(given, readyAt);
          if (at === null || first === null) throw new Error('these hours always open again');
          expect(at >= readyAt).toBe(true);
          expect(nextAttemptAt(given, at)).toEqual(at);
          expect(at.getTime() - first.getTime()).toBeLessThanOrEqual(25 * 3_600_000);
        },
      ),
    );
  });
});
