import { describe, expect, it } from 'vitest';
import { OUTCOME_NAMES } from './outcomes.js';
import {
  healthAfter,
  isResting,
  signOfEnd,
  WELL,
  type SaidOfHealth,
  type TrunkHealth,
} from './trunk-health.js';

/** What some signs, sent a millisecond apart from `sentAtMs` on and learnt at `nowMs`, make of a trunk. */
function after(
  health: TrunkHealth,
  says: SaidOfHealth,
  times: number,
  { sentAtMs = 0, nowMs = 1_000 } = {},
): TrunkHealth {
  return Array.from({ length: times }).reduce<TrunkHealth>(
    (now, _, nth) => healthAfter(now, { says, sentAtMs: sentAtMs + nth }, nowMs),
    health,
  );
}

const restMs = ({ restsUntilMs }: TrunkHealth, nowMs = 1_000) => (restsUntilMs ?? nowMs) - nowMs;

describe('a trunk', () => {
  it.each<[SaidOfHealth, number]>([
    ['unknown', 5_000],
    ['failed_call', 5_000],
    ['not_sent', 2_000],
  ])('rests after thirty in a row of %s, and not before', (says, ms) => {
    expect(restMs(after(WELL, says, 29))).toBe(0);
    expect(restMs(after(WELL, says, 30))).toBe(ms);
  });

  it('does not rest where one that was sent later goes well', () => {
    const failing = after(WELL, 'unknown', 29);
    const better = healthAfter(failing, { says: 'taken', sentAtMs: 29 }, 1_000);
    expect(better).toEqual(WELL);
    expect(restMs(after(better, 'unknown', 29, { sentAtMs: 30 }))).toBe(0);
  });

  it('rests whatever comes to a good end of what was sent before it failed', () => {
    let health = after(WELL, 'unknown', 29, { sentAtMs: 100 });
    health = after(health, 'reached', 5, { sentAtMs: 50 });
    expect(restMs(healthAfter(health, { says: 'unknown', sentAtMs: 129 }, 1_000))).toBe(5_000);
  });

  it('does not rest where most of what it is sent goes well, however late that is known', () => {
    let health = WELL;
    for (let nth = 0; nth < 300; nth += 1) {
      const says = nth % 3 === 0 ? 'failed_call' : 'reached';
      // A failure is known at once, and that somebody was reached three seconds later.
      const sentAtMs = says === 'reached' ? 100 * nth - 3_000 : 100 * nth;
      health = healthAfter(health, { says, sentAtMs }, 100 * nth);
      expect(health.restsUntilMs).toBeNull();
    }
  });

  it('that takes requests and sets up no call rests', () => {
    let health = WELL;
    for (let nth = 0; nth < 30; nth += 1) {
      health = healthAfter(health, { says: 'taken', sentAtMs: 2 * nth }, 1_000);
      health = healthAfter(health, { says: 'failed_call', sentAtMs: 2 * nth }, 1_000);
    }
    expect(restMs(health)).toBe(5_000);
    expect(healthAfter(health, { says: 'reached', sentAtMs: 100 }, 7_000)).toEqual(WELL);
  });

  it('rests twice as long each time that it is tried in vain, up to five minutes', () => {
    let health = after(WELL, 'unknown', 30);
    const rests = [restMs(health)];
    for (let nth = 0; nth < 8; nth += 1) {
      const nowMs = health.restsUntilMs!;
      expect(restMs(after(health, 'unknown', 4, { sentAtMs: nowMs, nowMs }), nowMs)).toBe(0);
      health = after(health, 'unknown', 5, { sentAtMs: nowMs, nowMs });
      rests.push(restMs(health, nowMs));
    }
    expect(rests).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000));
  });

  it('is well where the calls of its failed requests exist: nothing but answers is lost', () => {
    const resting = after(WELL, 'unknown', 30);
    expect(healthAfter(resting, { says: 'exists', sentAtMs: 3 }, 1_001)).toEqual(WELL);
    const settingUpNone = after(WELL, 'failed_call', 30);
    expect(healthAfter(settingUpNone, { says: 'exists', sentAtMs: 3 }, 1_001)).toEqual(settingUpNone);
  });

  it('is tried every two seconds where that costs nothing', () => {
    let health = after(WELL, 'not_sent', 30);
    for (let nth = 0; nth < 5; nth += 1) {
      const nowMs = health.restsUntilMs!;
      health = after(health, 'not_sent', 5, { sentAtMs: nowMs, nowMs });
      expect(restMs(health, nowMs)).toBe(2_000);
    }
  });

  it('rests no longer for what was under way when it was laid to rest', () => {
    const resting = after(WELL, 'unknown', 30);
    expect(after(resting, 'unknown', 50, { nowMs: 3_000 }).restsUntilMs).toBe(resting.restsUntilMs);
    expect(isResting(resting, 5_999)).toBe(true);
    expect(isResting(resting, 6_000)).toBe(false);
  });
});

describe('the end of a call', () => {
  it('speaks against its trunk only where the network failed, and for it where the callee or the network answered', () => {
    const against = OUTCOME_NAMES.filter((outcome) => signOfEnd(outcome) === 'failed_call');
    const silent = OUTCOME_NAMES.filter((outcome) => signOfEnd(outcome) === null);
    expect(against).toEqual(['carrier_failure']);
    expect(silent).toEqual(['carrier_limit', 'our_fault', 'cancelled', 'unknown']);
  });
});
