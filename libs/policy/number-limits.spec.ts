import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideDial, type DialFacts } from './decide-dial.js';
import { FREE_ENVIRONMENT, FREE_OF_CHARGE, UNTOUCHED } from './facts-under-test.js';
import { LEGAL_RULES } from './legal-guard.js';
import { nextAttemptAt, type TimingFacts } from './next-attempt.js';
import {
  NEVER_CALLED,
  numberCaps,
  numberCooldowns,
  numberFreeFrom,
  type NumberHistory,
  type NumberLimits,
} from './number-limits.js';

const NOON = new Date('2026-11-23T12:00:00Z'); // a Monday
const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number) => new Date(NOON.getTime() - hours * HOUR_MS);

function facts(
  limits: Partial<NumberLimits> = {},
  history: Partial<NumberHistory> = {},
  rest: Partial<TimingFacts> = {},
): TimingFacts {
  return {
    call: { to: '+12125550100', timezone: null },
    campaign: {
      timezone: 'UTC',
      startDate: '2026-01-01',
      endDate: null,
      daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
      callTimeRanges: [{ start: '00:00', end: '24:00' }],
      legalGuard: null,
    },
    environment: { ...FREE_ENVIRONMENT, ...limits },
    history: { ...NEVER_CALLED, ...history },
    cooldownHourSeconds: 3600,
    ...rest,
  };
}

describe('a cap on requests to a number', () => {
  it.each<[string, Partial<NumberLimits>, Date[], Date | null]>([
    ['two in a day, one made', { maxAttemptsPerNumberDay: 2 }, [hoursAgo(1)], null],
    ['two in a day, two made', { maxAttemptsPerNumberDay: 2 }, [hoursAgo(1), hoursAgo(23)], hoursAgo(-1)],
    [
      'two in a day, five made: the second last leaves last',
      { maxAttemptsPerNumberDay: 2 },
      [hoursAgo(1), hoursAgo(2), hoursAgo(3), hoursAgo(4), hoursAgo(5)],
      hoursAgo(-22),
    ],
    [
      'two in a day, the second exactly a day ago',
      { maxAttemptsPerNumberDay: 2 },
      [hoursAgo(1), hoursAgo(24)],
      null,
    ],
    [
      'two in a day, the second a millisecond less than a day ago',
      { maxAttemptsPerNumberDay: 2 },
      [hoursAgo(1), new Date(hoursAgo(24).getTime() + 1)],
      new Date(NOON.getTime() + 1),
    ],
    ['one in a week', { maxAttemptsPerNumberWeek: 1 }, [hoursAgo(24)], hoursAgo(-144)],
    ['a gap of ninety minutes', { minAttemptGapMinutes: 90 }, [hoursAgo(1), hoursAgo(2)], hoursAgo(-0.5)],
    ['a gap that is over', { minAttemptGapMinutes: 60 }, [hoursAgo(1)], null],
    [
      'a day and a week: both must let it go',
      { maxAttemptsPerNumberDay: 1, maxAttemptsPerNumberWeek: 2 },
      [hoursAgo(20), hoursAgo(100)],
      hoursAgo(-68),
    ],
  ])('%s', (_, limits, sentAt, freeFrom) => {
    expect(numberFreeFrom(facts(limits, { sentAt }), NOON)).toEqual(freeFrom ?? NOON);
  });

  it.each<[string, Date[], number, Date | null]>([
    ['one request', [hoursAgo(1)], 1, null],
    ['the second exactly as old as its period', [hoursAgo(1), hoursAgo(24)], 1, null],
    [
      'the second a millisecond younger',
      [hoursAgo(1), new Date(hoursAgo(24).getTime() + 1)],
      2,
      new Date(NOON.getTime() + 1),
    ],
    ['two long gone', [hoursAgo(30), hoursAgo(40)], 0, null],
  ])('counts what lies within its period, and tells when it is free: %s', (_, sentAt, used, until) => {
    const [cap] = numberCaps(facts({ maxAttemptsPerNumberDay: 2 }, { sentAt }), NOON);
    expect(cap).toEqual({ cap: 'day', calls: 2, hours: 24, enforced: true, used, until });
  });

  it('of the law counts every request to the number, and holds only where the guard enforces it', () => {
    const florida = { call: { to: '+13055550100', timezone: null } };
    const sentAt = [hoursAgo(2), hoursAgo(3), hoursAgo(4)];
    const capsUnder = (legalGuard: 'warn' | 'auto') =>
      numberCaps(
        facts({}, { sentAt }, { ...florida, environment: { ...FREE_ENVIRONMENT, legalGuard } }),
        NOON,
      );
    expect(capsUnder('auto')).toContainEqual({
      cap: 'us-fl',
      calls: 3,
      hours: 24,
      enforced: true,
      used: 3,
      until: hoursAgo(-20),
    });
    expect(capsUnder('warn')).toContainEqual(
      expect.objectContaining({ cap: 'us-fl', enforced: false, used: 3 }),
    );
    const warned = facts(
      {},
      { sentAt },
      { ...florida, environment: { ...FREE_ENVIRONMENT, legalGuard: 'warn' } },
    );
    expect(numberFreeFrom(warned, NOON)).toEqual(NOON);
  });
});

/** Of each law: a number it concerns, and how many requests it allows in how many hours. */
const LEGAL_CAPS: [id: string, to: string, calls: number, hours: number][] = [
  ['us-reg-f', '+12125550100', 7, 168],
  ['us-fl', '+13055550100', 3, 24],
  ['us-ok', '+14055550100', 3, 24],
  ['us-md', '+13015550100', 3, 24],
  ['us-me', '+12075550100', 1, 8],
  ['fr-d223-9', '+33612345678', 4, 720],
  ['br-code', '+5511987654321', 2, 24],
];

describe('the caps of the law', () => {
  it('have their vectors', () => {
    const capped = LEGAL_RULES.filter(({ caps }) => caps.length > 0).map(({ id }) => id);
    expect(LEGAL_CAPS.map(([id]) => id).sort()).toEqual(capped.sort());
  });

  it.each(LEGAL_CAPS)(
    '%s lets %s be called %i times in %i hours, to the millisecond',
    (id, to, calls, hours) => {
      const heldUntil = (oldest: Date, others: number) => {
        const sentAt = [...Array.from({ length: others }, () => hoursAgo(1)), oldest];
        const environment = { ...FREE_ENVIRONMENT, legalGuard: 'enforce' as const };
        const given = facts({}, { sentAt }, { call: { to, timezone: null }, environment });
        return numberCaps(given, NOON).find(({ cap }) => cap === id);
      };
      const isOver = hoursAgo(hours);
      const isNot = new Date(isOver.getTime() + 1);
      expect(heldUntil(isOver, calls - 1)).toMatchObject({ enforced: true, used: calls - 1, until: null });
      expect(heldUntil(isNot, calls - 1)).toMatchObject({ used: calls, until: new Date(NOON.getTime() + 1) });
      // One request fewer is none too many.
      if (calls > 1) expect(heldUntil(isNot, calls - 2)).toMatchObject({ used: calls - 1, until: null });
    },
  );
});

describe('a cooldown of a number', () => {
  it('follows a conversation, for the hours the environment sets, in the length an hour has', () => {
    const history = { answeredAt: hoursAgo(1) };
    expect(numberCooldowns(facts({}, history), NOON)).toEqual([]);
    expect(numberFreeFrom(facts({ successCooldownHours: 5 }, history), NOON)).toEqual(hoursAgo(-4));
    expect(numberFreeFrom(facts({ successCooldownHours: 1 }, history), NOON)).toEqual(NOON);
    const short = facts({ successCooldownHours: 5 }, history, { cooldownHourSeconds: 60 });
    expect(numberFreeFrom(short, NOON)).toEqual(NOON);
  });

  it('is over at the instant at which it ends, and not before', () => {
    const ending = { answeredAt: hoursAgo(5) };
    const at = (ms: number) => new Date(NOON.getTime() + ms);
    expect(numberCooldowns(facts({ successCooldownHours: 5 }, ending), at(-1))).toEqual([
      { cooldown: 'success', hours: 5, since: hoursAgo(5), until: NOON },
    ]);
    expect(numberCooldowns(facts({ successCooldownHours: 5 }, ending), NOON)).toEqual([]);
    expect(numberCooldowns(facts({ successCooldownHours: 5 }, ending), at(1))).toEqual([]);
  });

  it('follows a completed campaign that asks for one', () => {
    const completion = { campaignId: 'c1', completedAt: hoursAgo(10), cooldownHours: 12 };
    expect(numberCooldowns(facts({}, { completion }), NOON)).toEqual([
      { cooldown: 'post_completion', hours: 12, since: hoursAgo(10), until: hoursAgo(-2) },
    ]);
  });
});

describe('the next attempt', () => {
  it('comes when hours, caps and cooldowns all allow it', () => {
    const mornings = facts(
      { maxAttemptsPerNumberDay: 1, successCooldownHours: 30 },
      { sentAt: [hoursAgo(1)], answeredAt: hoursAgo(1) },
    );
    mornings.campaign = { ...mornings.campaign, callTimeRanges: [{ start: '09:00', end: '10:00' }] };
    // Free at 17:00 on Tuesday, so on Wednesday morning.
    expect(nextAttemptAt(mornings, NOON)).toEqual(new Date('2026-11-25T09:00:00Z'));
    mornings.campaign = { ...mornings.campaign, endDate: '2026-11-24' };
    expect(nextAttemptAt(mornings, NOON)).toBeNull();
  });

  it('keeps the law that will be in force by then, its hours and its caps', () => {
    // Until the day before, the guard knew no law of France; the campaign opens at seven in Paris.
    const beforeTheLaw = new Date('2023-02-28T23:30:00Z');
    const inFrance = facts({}, {}, { call: { to: '+33142685300', timezone: null } });
    inFrance.environment = { ...FREE_ENVIRONMENT, legalGuard: 'auto' };
    inFrance.campaign = {
      ...inFrance.campaign,
      startDate: '2023-01-01',
      callTimeRanges: [{ start: '06:00', end: '20:00' }],
    };
    expect(nextAttemptAt(inFrance, beforeTheLaw)).toEqual(new Date('2023-03-01T09:00:00Z'));
    const sentAt = [1, 2, 3, 4].map((days) => new Date(Date.UTC(2023, 1, 28 - days, 12)));
    const calledOften = { ...inFrance, history: { ...NEVER_CALLED, sentAt } };
    // The first of the four leaves the thirty days on Sunday the 26th: summer time in Paris on Monday.
    expect(nextAttemptAt(calledOften, beforeTheLaw)).toEqual(new Date('2023-03-27T08:00:00Z'));
  });

  it('is never before it is asked for, keeps every limit as counted anew, and is a fixpoint', () => {
    const limit = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: null });
    const arbitrary = fc.record({
      day: limit(5),
      week: limit(9),
      gap: limit(600),
      success: limit(100),
      sentHoursAgo: fc.array(fc.double({ min: 0, max: 700, noNaN: true }), { maxLength: 12 }),
      start: fc.integer({ min: 0, max: 22 }),
      guard: fc.constantFrom('off' as const, 'auto' as const, 'enforce' as const),
      to: fc.constantFrom('+13055550100', '+12125550100', '+33142685300'),
    });
    fc.assert(
      fc.property(arbitrary, ({ day, week, gap, success, sentHoursAgo, start, guard, to }) => {
        const sentAt = sentHoursAgo.map(hoursAgo).sort((a, b) => b.getTime() - a.getTime());
        const given = facts(
          {
            maxAttemptsPerNumberDay: day,
            maxAttemptsPerNumberWeek: week,
            minAttemptGapMinutes: gap,
            successCooldownHours: success,
          },
          { sentAt, answeredAt: sentAt[0] ?? null },
        );
        given.call = { to, timezone: null };
        given.environment = { ...given.environment, legalGuard: guard };
        const from = `${start.toString().padStart(2, '0')}:00`;
        given.campaign = { ...given.campaign, callTimeRanges: [{ start: from, end: '24:00' }] };
        const at = nextAttemptAt(given, NOON);
        if (at === null) return;
        expect(at.getTime()).toBeGreaterThanOrEqual(NOON.getTime());
        expect(nextAttemptAt(given, at)).toEqual(at);
        const sentWithin = (ms: number) => sentAt.filter((sent) => at.getTime() - sent.getTime() < ms).length;
        expect(sentWithin(24 * HOUR_MS)).toBeLessThan(day ?? Infinity);
        expect(sentWithin(168 * HOUR_MS)).toBeLessThan(week ?? Infinity);
        if (gap !== null) expect(sentWithin(gap * 60_000)).toBe(0);
        if (success !== null) expect(sentWithin(success * HOUR_MS)).toBe(0);
        if (guard !== 'off' && to === '+13055550100') expect(sentWithin(24 * HOUR_MS)).toBeLessThan(3);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the decision to dial', () => {
  const dialling = (given: TimingFacts): DialFacts => ({
    ...given,
    now: NOON,
    call: { ...given.call, expiresAt: null, isTesting: false },
    campaign: {
      ...given.campaign,
      status: 'active',
      doNotCallEnabled: false,
      doNotCallListSource: 'environment',
      doNotCallCustomList: [],
    },
    agent: { currentStatus: 'published' },
    environment: { ...FREE_ENVIRONMENT, ...given.environment },
    doNotCall: { matches: [], registries: [] },
    creditBalance: null,
    spending: FREE_OF_CHARGE,
    numberBusySince: null,
    trunks: UNTOUCHED.trunks,
    callerIds: null,
  });

  it('waits for the last of the limits, and names the first that is reached', () => {
    const given = facts(
      { minAttemptGapMinutes: 120, successCooldownHours: 24 },
      { sentAt: [hoursAgo(1)], answeredAt: hoursAgo(1) },
    );
    const decision = decideDial(dialling(given));
    expect(decision).toMatchObject({
      kind: 'wait',
      because: 'number_cap_reached',
      until: hoursAgo(-23),
      expected: hoursAgo(-23),
    });
    expect(decision.evidence.rules.at(-1)).toMatchObject({
      rule: 'number_caps',
      inputs: { caps: [{ cap: 'gap', calls: 1, hours: 2, used: 1, until: hoursAgo(-1), enforced: true }] },
    });
  });

  it('refuses for good what no limit lets go before the campaign ends', () => {
    const given = facts({ successCooldownHours: 48 }, { answeredAt: hoursAgo(1) });
    given.campaign = { ...given.campaign, endDate: '2026-11-24' };
    expect(decideDial(dialling(given))).toMatchObject({ kind: 'refuse', because: 'no_lawful_opening' });
  });

  it.each([
    ['nothing left', 0, false, 'wait'],
    ['debts', -5, false, 'wait'],
    ['something left', 0.01, false, 'dial'],
    ['no limit', null, false, 'dial'],
    ['nothing left, for a test call', 0, true, 'dial'],
  ])('with %s to spend: %s', (_, creditBalance, isTesting, kind) => {
    const given = dialling(facts());
    expect(decideDial({ ...given, creditBalance, call: { ...given.call, isTesting } }).kind).toBe(kind);
  });
});
