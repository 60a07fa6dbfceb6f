import { beforeEach, describe, expect, it } from 'vitest';
import { Vitals } from './vitals.js';

let nowMs: number;
let vitals: Vitals;

beforeEach(() => {
  nowMs = 1_000;
  vitals = new Vitals(() => nowMs);
});

const passSeconds = (seconds: number) => (nowMs += seconds * 1000);

describe('a process', () => {
  it('lives for as long as its loops come round, and says which does not', () => {
    const turns = { feed: vitals.loop('feed', 0.25), recount: vitals.loop('recount', 30) };
    for (let minute = 0; minute < 5; minute += 1) {
      passSeconds(60);
      expect(vitals.still()).toEqual({});
      turns.feed();
      if (minute < 4) turns.recount();
    }
    passSeconds(31);
    turns.feed();
    expect(vitals.still()).toEqual({ recount: 'no sign for 91 s' });
    turns.recount();
    expect(vitals.still()).toEqual({});
  });

  it('lives with nothing in hand, and not once a piece of it is never done', async () => {
    const tickets = vitals.inHand('tickets');
    passSeconds(3_600);
    expect(vitals.still()).toEqual({});
    let done: () => void = () => undefined;
    const hangs = tickets.during(() => new Promise<void>((resolve) => (done = resolve)));
    passSeconds(61);
    await expect(tickets.during(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(vitals.still()).toEqual({ tickets: 'no sign for 61 s' });
    done();
    await hangs;
    expect(vitals.still()).toEqual({});
  });
});
