import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, type CallingSchedule } from './calling-window.js';
import { OUTCOME_NAMES, type Outcome } from './outcomes.js';
import { giveBackDelaySeconds, MAX_GIVE_BACKS, planRetry as plan, type RetrySettings } from './retry-plan.js';

const ENDED_AT = new Date('2026-11-23T12:00:00Z');
const HOUR_MS = 3_600_000;

type Settings = RetrySettings & CallingSchedule;

const ALWAYS_OPEN: Settings = {
  timezone: 'UTC',
  startDate: '2026-01-01',
  endDate: null,
  daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
  callTimeRanges: [{ start: '00:00', end: '24:00' }],
  maxRetries: 2,
  retryCooldownHours: 24,
  successCooldownHours: 10,
  voicemailCooldownHours: 20,
  noAnswerCooldownHours: 30,
  busyCooldownHours: 40,
  failedCooldownHours: 50,
  retryOnNoConversion: false,
};

function planRetry(
  attempt: Parameters<typeof plan>[0],
  campaign: Settings,
  options: Parameters<typeof plan>[2],
) {
  const facts = {
    call: { to: '+12125550100', timezone: null },
    campaign: { ...campaign, legalGuard: null },
    environment: { legalGuard: 'off' as const, trustCallTimezone: false, legalDates: [] },
  };
  return plan(attempt, facts, options);
}

const EXACT = { cooldownHourSeconds: 3600, jitter: 0 };

function ended(outcome: Outcome, overrides = {}) {
  return { outcome, endedAt: ENDED_AT, converted: false, attemptsSpent: 1, expiresAt: null, ...overrides };
}

describe('the retry plan', () => {
  it('expects the next try where the person’s law is open too, and is ready for it before', () => {
    const facts = {
      call: { to: '+13055550100', timezone: null },
      campaign: { ...ALWAYS_OPEN, legalGuard: null },
      environment: { legalGuard: 'auto' as const, trustCallTimezone: false, legalDates: [] },
    };
    // 40 hours after noon UTC it is 23:00 in Miami; hours begin at 08:00.
    const late = ended('busy', { endedAt: new Date('2026-11-23T12:00:00Z') });
    expect(plan(late, facts, EXACT)).toMatchObject({
      readyAt: new Date('2026-11-25T04:00:00Z'),
      at: new Date('2026-11-25T13:00:00Z'),
    });
  });

  it.each<[Outcome, number]>([
    ['voicemail', 20],
    ['no_answer', 30],
    ['busy', 40],
    ['rejected', 50],
    ['unreachable', 50],
    ['carrier_failure', 50],
  ])('tries again after %s when its own cooldown of %i hours is over', (outcome, hours) => {
    expect(planRetry(ended(outcome), ALWAYS_OPEN, EXACT)).toEqual({
      kind: 'retry',
      at: new Date(ENDED_AT.getTime() + hours * HOUR_MS),
      readyAt: new Date(ENDED_AT.getTime() + hours * HOUR_MS),
      because: outcome,
    });
  });

  it.each<Outcome>(['invalid_number', 'blocked_by_carrier', 'cancelled', 'unknown'])(
    'never tries again after %s',
    (outcome) => {
      expect(planRetry(ended(outcome), ALWAYS_OPEN, EXACT)).toEqual({ kind: 'stop', because: 'permanent' });
    },
  );

  it('leaves a call alone that reached its goal in an earlier conversation, however this try ended', () => {
    const plan = planRetry(ended('busy', { converted: true }), ALWAYS_OPEN, EXACT);
    expect(plan).toEqual({ kind: 'stop', because: 'settled' });
  });

  it('falls back to the campaign cooldown where the outcome has none of its own', () => {
    const plan = planRetry(ended('busy'), { ...ALWAYS_OPEN, busyCooldownHours: null }, EXACT);
    expect(plan).toMatchObject({ at: new Date(ENDED_AT.getTime() + 24 * HOUR_MS) });
  });

  it('stops once the retries are used, counting retries and not attempts', () => {
    expect(planRetry(ended('busy', { attemptsSpent: 2 }), ALWAYS_OPEN, EXACT).kind).toBe('retry');
    expect(planRetry(ended('busy', { attemptsSpent: 3 }), ALWAYS_OPEN, EXACT)).toEqual({
      kind: 'stop',
      because: 'retries_used',
    });
    expect(planRetry(ended('busy'), { ...ALWAYS_OPEN, maxRetries: 0 }, EXACT).kind).toBe('stop');
  });

  it('tries an answered call again only for a missing conversion, where the campaign wants that', () => {
    const wanting = { ...ALWAYS_OPEN, retryOnNoConversion: true };
    expect(planRetry(ended('answered'), ALWAYS_OPEN, EXACT)).toEqual({ kind: 'stop', because: 'settled' });
    expect(planRetry(ended('answered'), wanting, EXACT).kind).toBe('retry');
    expect(planRetry(ended('answered', { converted: true }), wanting, EXACT)).toEqual({
      kind: 'stop',
      because: 'settled',
    });
  });

  it('moves a retry into the next calling window', () => {
    const morning = {
      ...ALWAYS_OPEN,
      busyCooldownHours: 1,
      callTimeRanges: [{ start: '09:00', end: '10:00' }],
    };
    expect(planRetry(ended('busy'), morning, EXACT)).toMatchObject({
      at: new Date('2026-11-24T09:00:00Z'),
      readyAt: new Date('2026-11-23T13:00:00Z'),
    });
  });

  it('stops when no window opens before the campaign ends, or before the call expires', () => {
    expect(planRetry(ended('busy'), { ...ALWAYS_OPEN, endDate: '2026-11-23' }, EXACT)).toEqual({
      kind: 'stop',
      because: 'no_lawful_opening',
    });
    const expiresAt = new Date(ENDED_AT.getTime() + HOUR_MS);
    expect(planRetry(ended('busy', { expiresAt }), ALWAYS_OPEN, EXACT)).toEqual({
      kind: 'stop',
      because: 'expired',
    });
  });

  it('always lands inside the hours, never before the cooldown is over, and spreads by a bounded jitter', () => {
    const office = {
      ...ALWAYS_OPEN,
      timezone: 'Europe/Berlin',
      callTimeRanges: [{ start: '09:00', end: '17:00' }],
    };
    const moments = fc.date({
      min: new Date('2026-01-01'),
      max: new Date('2027-12-01'),
      noInvalidDate: true,
    });
    const fractions = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...OUTCOME_NAMES), moments, fractions, (outcome, endedAt, jitter) => {
        const plan = planRetry(ended(outcome, { endedAt }), office, { cooldownHourSeconds: 3600, jitter });
        if (plan.kind === 'stop') return;
        const soonest = planRetry(ended(outcome, { endedAt }), ALWAYS_OPEN, EXACT);
        if (soonest.kind === 'stop') throw new Error('a stop must not depend on the hours here');
        expect(isOpen(office, plan.at)).toBe(true);
        expect(plan.at.getTime()).toBeGreaterThanOrEqual(soonest.at.getTime());
        const spread = planRetry(ended(outcome, { endedAt }), ALWAYS_OPEN, {
          cooldownHourSeconds: 3600,
          jitter,
        });
        expect(spread).toMatchObject({ kind: 'retry' });
        if (spread.kind === 'retry')
          expect(spread.at.getTime() - soonest.at.getTime()).toBeLessThanOrEqual(HOUR_MS / 2);
      }),
    );
  });

  it('waits longer each time a try is given back, as long as the carrier asks, and never above an hour', () => {
    expect([1, 2, 3, 4].map((n) => giveBackDelaySeconds(n, null))).toEqual([1, 2, 4, 8]);
    expect(giveBackDelaySeconds(1, 30)).toBe(30);
    expect(giveBackDelaySeconds(MAX_GIVE_BACKS, null)).toBe(300);
    expect(giveBackDelaySeconds(1, 1e9)).toBe(3600);
  });
});
