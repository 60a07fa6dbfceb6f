import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, type CallingSchedule } from './calling-window.js';
import { OUTCOME_NAMES, OUTCOMES, type Outcome } from './outcomes.js';
import { FREE_ENVIRONMENT, UNTOUCHED } from './facts-under-test.js';
import { NEVER_CALLED } from './number-limits.js';
import {
  giveBackDelaySeconds,
  MAX_GIVE_BACKS,
  planRetry as plan,
  type EndedAttempt,
  type RetryFacts,
  type RetrySettings,
} from './retry-plan.js';

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
  retryTimeOfDayRotation: false,
};

function factsOf(campaign: Settings, overrides: Partial<RetryFacts> = {}): RetryFacts {
  return {
    call: { to: '+12125550100', timezone: null, expiresAt: null, cancelRequestedAt: null, giveBacks: 0 },
    campaign: { ...campaign, status: 'active', legalGuard: null },
    environment: FREE_ENVIRONMENT,
    ...UNTOUCHED,
    ...overrides,
  };
}

function planRetry(attempt: EndedAttempt, campaign: Settings, jitter = 0, expiresAt: Date | null = null) {
  const facts = factsOf(campaign);
  return plan(attempt, { ...facts, call: { ...facts.call, expiresAt } }, jitter);
}

function ended(outcome: Outcome, overrides: Partial<EndedAttempt> = {}): EndedAttempt {
  return {
    outcome,
    endedAt: ENDED_AT,
    converted: false,
    attemptsSpent: 1,
    isSurmised: false,
    triedAt: [ENDED_AT],
    ...overrides,
  };
}

describe('the retry plan', () => {
  it('expects the next try where the person’s law is open too, and is ready for it before', () => {
    const facts = factsOf(ALWAYS_OPEN, {
      call: { to: '+13055550100', timezone: null, expiresAt: null, cancelRequestedAt: null, giveBacks: 0 },
      environment: { ...FREE_ENVIRONMENT, legalGuard: 'auto' },
    });
    // 40 hours after noon UTC it is 23:00 in Miami; hours begin at 08:00.
    const late = ended('busy', { endedAt: new Date('2026-11-23T12:00:00Z') });
    expect(plan(late, facts, 0)).toMatchObject({
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
    expect(planRetry(ended(outcome), ALWAYS_OPEN)).toMatchObject({
      kind: 'retry',
      at: new Date(ENDED_AT.getTime() + hours * HOUR_MS),
      readyAt: new Date(ENDED_AT.getTime() + hours * HOUR_MS),
      because: outcome,
    });
  });

  it.each<Outcome>(['invalid_number', 'blocked_by_carrier', 'cancelled', 'unknown'])(
    'never tries again after %s',
    (outcome) => {
      expect(planRetry(ended(outcome), ALWAYS_OPEN)).toMatchObject({ kind: 'stop', because: 'permanent' });
    },
  );

  it('leaves a call alone that reached its goal in an earlier conversation, however this try ended', () => {
    const plan = planRetry(ended('busy', { converted: true }), ALWAYS_OPEN);
    expect(plan).toMatchObject({ kind: 'stop', because: 'settled' });
  });

  it('falls back to the campaign cooldown where the outcome has none of its own', () => {
    const plan = planRetry(ended('busy'), { ...ALWAYS_OPEN, busyCooldownHours: null });
    expect(plan).toMatchObject({ at: new Date(ENDED_AT.getTime() + 24 * HOUR_MS) });
  });

  it('stops once the retries are used, counting retries and not attempts', () => {
    expect(planRetry(ended('busy', { attemptsSpent: 2 }), ALWAYS_OPEN).kind).toBe('retry');
    expect(planRetry(ended('busy', { attemptsSpent: 3 }), ALWAYS_OPEN)).toMatchObject({
      kind: 'stop',
      because: 'retries_used',
    });
    expect(planRetry(ended('busy'), { ...ALWAYS_OPEN, maxRetries: 0 }).kind).toBe('stop');
  });

  it.each<Outcome>(['busy', 'no_answer', 'carrier_failure', 'carrier_limit', 'our_fault'])(
    'dials nothing again on the end (%s) of a call that was only found by its likeness',
    (outcome) => {
      expect(planRetry(ended(outcome, { isSurmised: true }), ALWAYS_OPEN)).toMatchObject({
        kind: 'stop',
        because: 'end_surmised',
      });
    },
  );

  it('tries an answered call again only for a missing conversion, where the campaign wants that', () => {
    const wanting = { ...ALWAYS_OPEN, retryOnNoConversion: true };
    expect(planRetry(ended('answered'), ALWAYS_OPEN)).toMatchObject({ kind: 'stop', because: 'settled' });
    expect(planRetry(ended('answered'), wanting).kind).toBe('retry');
    expect(planRetry(ended('answered', { converted: true }), wanting)).toMatchObject({
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
    expect(planRetry(ended('busy'), morning)).toMatchObject({
      at: new Date('2026-11-24T09:00:00Z'),
      readyAt: new Date('2026-11-23T13:00:00Z'),
    });
  });

  it('stops when no window opens before the campaign ends, or before the call expires', () => {
    expect(planRetry(ended('busy'), { ...ALWAYS_OPEN, endDate: '2026-11-23' })).toMatchObject({
      kind: 'stop',
      because: 'no_lawful_opening',
    });
    const readyAt = ENDED_AT.getTime() + 40 * HOUR_MS;
    const expiring = (ms: number) => planRetry(ended('busy'), ALWAYS_OPEN, 0, new Date(ms));
    expect(expiring(readyAt)).toMatchObject({ kind: 'stop', because: 'expired' });
    expect(expiring(readyAt + 1).kind).toBe('retry');
    expect(expiring(readyAt + HOUR_MS).kind).toBe('retry');
  });

  it.each<[string, number, number, number]>([
    ['a tenth of a short cooldown', 1, 0.5, 3],
    ['a tenth of five hours, which is the most there is', 5, 0.5, 15],
    ['half an hour of a long one', 40, 0.9, 27],
    ['nothing, by chance', 40, 0, 0],
  ])('spreads retries over %s', (_, busyCooldownHours, jitter, minutes) => {
    const at = new Date(ENDED_AT.getTime() + busyCooldownHours * HOUR_MS + minutes * 60_000);
    const plan = planRetry(ended('busy'), { ...ALWAYS_OPEN, busyCooldownHours }, jitter);
    expect(plan).toMatchObject({ readyAt: at, at });
  });

  it('waits for the part of the day tried least where its campaign asks for that, spread into it by up to half an hour', () => {
    // Ended at noon; a day later the morning, untried, begins at midnight.
    const rotating = { ...ALWAYS_OPEN, busyCooldownHours: 24, retryTimeOfDayRotation: true };
    const at = new Date('2026-11-25T00:15:00Z');
    const triedAt = [ENDED_AT, new Date('2026-11-22T18:00:00Z')];
    const plan = planRetry(ended('busy', { triedAt }), rotating, 0.5);
    expect(plan).toMatchObject({ readyAt: at, at });
    expect(plan.evidence.rules[0]?.inputs).toMatchObject({ rotated: true });
  });

  it.each([
    ['a campaign that was completed', 'completed', null, 'campaign_closed'],
    ['a campaign that was cancelled', 'cancelled', null, 'campaign_closed'],
    ['a call that was cancelled', 'active', ENDED_AT, 'call_cancelled'],
  ] as const)('stops for %s', (_, campaign, cancelRequestedAt, because) => {
    const facts = factsOf(ALWAYS_OPEN);
    const closed = {
      ...facts,
      call: { ...facts.call, cancelRequestedAt },
      campaign: { ...facts.campaign, status: campaign },
    };
    expect(plan(ended('busy'), closed, 0)).toMatchObject({ kind: 'stop', because });
  });

  it('expects a retry when the caps and cooldowns of the number allow it too, and is ready when its own cooldown is over', () => {
    const hourly = { ...ALWAYS_OPEN, busyCooldownHours: 1 };
    const capped = factsOf(hourly, {
      environment: { ...FREE_ENVIRONMENT, maxAttemptsPerNumberDay: 2 },
      history: { ...NEVER_CALLED, sentAt: [ENDED_AT, new Date('2026-11-23T08:00:00Z')] },
    });
    expect(plan(ended('busy'), capped, 0)).toMatchObject({
      readyAt: new Date('2026-11-23T13:00:00Z'),
      at: new Date('2026-11-24T08:00:00Z'),
    });
  });

  it('keeps in its evidence what it reckoned with, and at what it came out', () => {
    const { evidence } = planRetry(ended('busy'), ALWAYS_OPEN);
    expect(evidence.rules).toEqual([
      {
        rule: 'retry',
        passed: true,
        inputs: {
          outcome: 'busy',
          converted: false,
          attemptsSpent: 1,
          maxRetries: 2,
          cooldownHours: 40,
          cooledAt: new Date(ENDED_AT.getTime() + 40 * HOUR_MS),
          at: new Date(ENDED_AT.getTime() + 40 * HOUR_MS),
          rotated: false,
        },
      },
    ]);
  });

  it('keeps in its evidence why it stopped', () => {
    expect(planRetry(ended('invalid_number'), ALWAYS_OPEN).evidence.rules).toEqual([
      {
        rule: 'retry',
        passed: false,
        inputs: {
          outcome: 'invalid_number',
          converted: false,
          attemptsSpent: 1,
          maxRetries: 2,
          cooldownHours: null,
          because: 'permanent',
        },
      },
    ]);
  });

  it.each<Outcome>(['carrier_limit', 'our_fault'])(
    'gives the try of %s back within seconds, whatever retries are left, and so often only',
    (outcome) => {
      const facts = factsOf({ ...ALWAYS_OPEN, maxRetries: 0, retryTimeOfDayRotation: true });
      const after = (giveBacks: number) =>
        plan(ended(outcome, { attemptsSpent: 1 }), { ...facts, call: { ...facts.call, giveBacks } }, 0);
      expect(after(2)).toMatchObject({
        kind: 'retry',
        readyAt: new Date(ENDED_AT.getTime() + 4_000),
        because: outcome,
      });
      expect(after(MAX_GIVE_BACKS - 1).kind).toBe('retry');
      expect(after(MAX_GIVE_BACKS)).toMatchObject({ kind: 'stop', because: 'given_back_too_often' });
    },
  );

  it('comes to an end for every outcome, however often that is what comes of it', () => {
    for (const outcome of OUTCOME_NAMES) {
      const facts = factsOf({ ...ALWAYS_OPEN, retryOnNoConversion: true, maxRetries: 10 });
      const { spendsAttempt } = OUTCOMES[outcome];
      let rounds = 1;
      const again = () =>
        plan(
          ended(outcome, { attemptsSpent: spendsAttempt ? rounds : 0 }),
          { ...facts, call: { ...facts.call, giveBacks: spendsAttempt ? 0 : rounds } },
          0,
        );
      while (again().kind === 'retry' && rounds <= MAX_GIVE_BACKS) rounds += 1;
      expect([outcome, again().kind]).toEqual([outcome, 'stop']);
    }
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
        const plan = planRetry(ended(outcome, { endedAt }), office, jitter);
        if (plan.kind === 'stop') return;
        const soonest = planRetry(ended(outcome, { endedAt }), ALWAYS_OPEN);
        if (soonest.kind === 'stop') throw new Error('a stop must not depend on the hours here');
        expect(isOpen(office, plan.at)).toBe(true);
        expect(plan.at.getTime()).toBeGreaterThanOrEqual(soonest.at.getTime());
        const spread = planRetry(ended(outcome, { endedAt }), ALWAYS_OPEN, jitter);
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
