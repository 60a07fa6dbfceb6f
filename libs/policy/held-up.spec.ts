import { describe, expect, it } from 'vitest';
import { heldUpAfter, heldUpSeconds, NOT_HELD_UP, type HeldUp, type HeldUpSeen } from './held-up.js';

/** What looks come to, one a second from 0 on. */
function after(...looks: Partial<HeldUpSeen>[]): { heldUp: HeldUp; seconds: number } {
  const nothing = { onOffer: [], offered: [], isFull: false };
  const seen = looks.map((look, second) => ({ ...nothing, ...look, nowMs: second * 1000 }));
  const heldUp = seen.reduce(heldUpAfter, NOT_HELD_UP);
  return { heldUp, seconds: heldUpSeconds(heldUp, (looks.length - 1) * 1000) };
}

describe('how long calls are kept waiting by dialers alone', () => {
  it('is nothing where all that was offered is taken', () => {
    expect(after({}, { offered: ['a', 'b'] }, {}, { offered: ['c'] }, {}).seconds).toBe(0);
  });

  it('is the time since the first offer of what nobody has taken, and not that of others', () => {
    expect(
      after({ offered: ['a'] }, { onOffer: ['a'], offered: ['b'] }, { onOffer: ['a', 'b'] }).seconds,
    ).toBe(2);
    expect(after({ offered: ['a'] }, { onOffer: ['a'], offered: ['b'] }, { onOffer: ['b'] }).seconds).toBe(1);
  });

  it('does not begin anew with an offer that is made again', () => {
    expect(
      after({ offered: ['a'] }, { onOffer: ['a'] }, { onOffer: ['a'] }, { offered: ['a'] }).seconds,
    ).toBe(3);
  });

  it('grows for as long as the dialers take less than could go, however quickly each ticket is taken', () => {
    const looks = Array.from({ length: 11 }, (_, second) => ({ isFull: true, offered: [`${second}`] }));
    expect(after(...looks).seconds).toBe(10);
    expect(after(...looks, {}).seconds).toBe(0);
  });
});
