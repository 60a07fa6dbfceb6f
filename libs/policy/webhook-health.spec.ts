import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DISABLE_AFTER_SECONDS,
  FAILURES_BEFORE_PAUSE,
  healthAfter,
  HEALTHY,
  MAX_ASKED_PAUSE_SECONDS,
  PAUSE_SECONDS,
  triesAtOnce,
  verdictOf,
  type EndpointHealth,
  type HealthDecision,
  type TryVerdict,
} from './webhook-health.js';

const NOW = new Date('2026-11-25T12:00:00Z');
const FAILED: TryVerdict = { kind: 'failed', askedSeconds: null };
const TAKEN: TryVerdict = { kind: 'taken' };

const later = (seconds: number, than = NOW) => new Date(than.getTime() + seconds * 1000);

function after(verdicts: TryVerdict[], from: EndpointHealth = HEALTHY, now = NOW): HealthDecision {
  return verdicts.reduce<HealthDecision>(({ health }, verdict) => healthAfter(health, verdict, now), {
    health: from,
    disable: null,
  });
}

const failures = (count: number) => Array<TryVerdict>(count).fill(FAILED);
const paused = after(failures(FAILURES_BEFORE_PAUSE)).health;

describe('an answer', () => {
  it.each([
    [200, null, TAKEN],
    [204, null, TAKEN],
    [302, null, FAILED],
    [400, 60, FAILED],
    [410, null, { kind: 'gone' }],
    [429, 60, { kind: 'failed', askedSeconds: 60 }],
    [429, null, FAILED],
    [503, 5, { kind: 'failed', askedSeconds: 5 }],
    [null, null, FAILED],
  ] as const)('%s, asking for %s seconds, is %j to its endpoint', (status, seconds, verdict) => {
    expect(verdictOf(status, seconds)).toEqual(verdict);
  });
});

describe('the health of an endpoint', () => {
  it('is told as many at once as its owner allows, until ten tries in a row have failed', () => {
    const almost = after(failures(FAILURES_BEFORE_PAUSE - 1)).health;
    expect(almost).toMatchObject({ consecutiveFailures: 9, failingSince: NOW, pausedUntil: null, pauses: 0 });
    expect(triesAtOnce(almost, 7, NOW)).toBe(7);
    expect(paused).toMatchObject({ pausedUntil: later(30), pauses: 1 });
    expect(triesAtOnce(paused, 7, NOW)).toBe(0);
  });

  it('is found out about by one try at a time after a pause', () => {
    expect(triesAtOnce(paused, 7, later(29.9))).toBe(0);
    expect(triesAtOnce(paused, 7, later(30))).toBe(1);
  });

  it('is left alone for longer each time that the try after a pause fails, ten minutes at most', () => {
    let health = paused;
    const lengths = PAUSE_SECONDS.map(() => {
      const begun = health.pausedUntil ?? NOW;
      ({ health } = healthAfter(health, FAILED, begun));
      return ((health.pausedUntil?.getTime() ?? 0) - begun.getTime()) / 1000;
    });
    expect(lengths).toEqual([60, 120, 300, 600, 600]);
  });

  it('is not paused for longer by failures of tries that were under way when the pause began', () => {
    expect(after(failures(5), paused, later(10)).health).toMatchObject({
      pausedUntil: later(30),
      pauses: 1,
      consecutiveFailures: 15,
    });
  });

  it('is good again after one success, a late one too', () => {
    expect(after([TAKEN], paused, later(10))).toEqual({ health: HEALTHY, disable: null });
    expect(after([TAKEN], paused, later(40))).toEqual({ health: HEALTHY, disable: null });
  });

  it('that asks for a pause gets it, up to ten minutes, and then as many at once as before', () => {
    const busy = after([{ kind: 'failed', askedSeconds: 45 }]).health;
    expect(busy).toMatchObject({ pausedUntil: later(45), pauses: 0 });
    expect(triesAtOnce(busy, 7, later(44))).toBe(0);
    expect(triesAtOnce(busy, 7, later(45))).toBe(7);
    const greedy = after([{ kind: 'failed', askedSeconds: 1e9 }]).health;
    expect(greedy.pausedUntil).toEqual(later(MAX_ASKED_PAUSE_SECONDS));
  });

  it('that has failed for five days is switched off, by a failure, and not where it was tried seldom', () => {
    const days = DISABLE_AFTER_SECONDS;
    const failing = { ...paused, pausedUntil: later(days) };
    expect(healthAfter(failing, FAILED, later(days - 1)).disable).toBeNull();
    expect(healthAfter(failing, FAILED, later(days)).disable).toBe('failing');
    const seldom = after(failures(3)).health;
    expect(healthAfter(seldom, FAILED, later(days * 2)).disable).toBeNull();
    expect(healthAfter(failing, TAKEN, later(days * 2)).disable).toBeNull();
  });

  it('that says it is gone is switched off at once', () => {
    expect(healthAfter(HEALTHY, { kind: 'gone' }, NOW).disable).toBe('gone');
  });

  it('never begins a pause in the past, counts every failure, and forgets all with a success', () => {
    const verdicts = fc.array(
      fc.oneof(
        fc.constant(TAKEN),
        fc.record({
          kind: fc.constant('failed' as const),
          askedSeconds: fc.option(fc.integer({ min: 1, max: 1e6 })),
        }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(verdicts, fc.array(fc.nat(400), { minLength: 60, maxLength: 60 }), (told, steps) => {
        let health: EndpointHealth = HEALTHY;
        let now = NOW;
        let row = 0;
        told.forEach((verdict, nth) => {
          now = later(steps[nth] ?? 0, now);
          const before = health;
          ({ health } = healthAfter(health, verdict, now));
          row = verdict.kind === 'taken' ? 0 : row + 1;
          expect(health.consecutiveFailures).toBe(row);
          expect(health.failingSince === null).toBe(row === 0);
          if (health.pausedUntil !== before.pausedUntil && health.pausedUntil !== null)
            expect(health.pausedUntil.getTime()).toBeGreaterThan(now.getTime());
          if (row >= FAILURES_BEFORE_PAUSE) expect(triesAtOnce(health, 7, now)).toBeLessThanOrEqual(1);
          if (row === 0) expect(health).toEqual(HEALTHY);
        });
      }),
    );
  });
});
