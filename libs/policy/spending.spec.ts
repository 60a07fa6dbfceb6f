import { describe, expect, it } from 'vitest';
import { FREE_OF_CHARGE } from './facts-under-test.js';
import { exhaustedBudget, isDaySpent, isShort, nextDayStart } from './spending.js';

describe('a budget', () => {
  it.each([
    ['none, whatever was spent', { spent: 1_000, reserved: 10 }, null],
    ['as much as is needed', { totalBudget: 3, spent: 1, reserved: 1 }, null],
    ['less than is needed', { totalBudget: 3, spent: 1, reserved: 1.01 }, 'total'],
    ['for the day, spent on another', { dailyBudget: 1, spent: 1_000, spentToday: 0 }, null],
    ['for the day, reserved', { dailyBudget: 1, reserved: 1 }, 'daily'],
    ['of nothing, for calls that cost nothing', { totalBudget: 0, needed: 0 }, 'total'],
    ['both, and the whole one is told', { totalBudget: 1, dailyBudget: 1, spent: 1, spentToday: 1 }, 'total'],
  ])('of %s', (_, spending, exhausted) => {
    expect(exhaustedBudget({ ...FREE_OF_CHARGE, needed: 1, ...spending })).toBe(exhausted);
  });

  it('of a day is spent only by what was charged', () => {
    const day = { ...FREE_OF_CHARGE, needed: 1, dailyBudget: 5 };
    expect([isDaySpent({ ...day, reserved: 5 }), isDaySpent({ ...day, spentToday: 4.5 })]).toEqual([
      false,
      true,
    ]);
  });

  it('is not missed by the error of the floating point', () => {
    expect(isShort(0.1 + 0.2 - 0.2, 0.1)).toBe(false);
    expect(isShort(0.3 - 0.1, 0.2)).toBe(false);
    expect(isShort(0.3 - 0.3, 0)).toBe(true);
  });
});

it.each([
  ['UTC', '2026-11-23T23:59:59.999Z', '2026-11-24T00:00:00Z'],
  ['UTC', '2026-11-24T00:00:00Z', '2026-11-25T00:00:00Z'],
  ['Asia/Kathmandu', '2026-11-23T18:14:00Z', '2026-11-23T18:15:00Z'],
  ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
  // Its day begins at one.
  ['America/Santiago', '2026-09-05T12:00:00Z', '2026-09-06T04:00:00Z'],
])('the next day of %s after %s begins at %s', (zone, at, next) => {
  expect(nextDayStart(zone, new Date(at))).toEqual(new Date(next));
});
