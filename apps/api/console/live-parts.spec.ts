import { describe, expect, it } from 'vitest';
import { LiveParts, type Parts, type Watcher } from './live-parts.js';

/** A reading that the test answers, and a pause that it ends. */
class Turn<T> {
  private asked = 0;
  private waiting: ((value: T) => void)[] = [];
  private readonly arrivals: (() => void)[] = [];

  wait(): Promise<T> {
    this.asked += 1;
    this.arrivals.splice(0).forEach((arrive) => arrive());
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  get times(): number {
    return this.asked;
  }

  /** Answers whoever waits, once somebody does. */
  async answer(value: T): Promise<void> {
    while (this.waiting.length === 0) await new Promise<void>((arrive) => this.arrivals.push(arrive));
    this.waiting.shift()!(value);
  }
}

class Onlooker implements Watcher {
  readonly events: string[] = [];
  hasEnded = false;

  send(event: string): void {
    const [name = '', data = ''] = event.split('\n');
    this.events.push(`${name.slice('event: '.length)} ${data.slice('data: '.length)}`);
  }

  end(): void {
    this.hasEnded = true;
  }
}

function house() {
  const readings = new Turn<Parts | Error>();
  const pauses = new Turn<void>();
  const paused: number[] = [];
  const reported: unknown[] = [];
  let nowMs = 0;
  let begun = 0;
  const live = new LiveParts({
    beginReading: () => {
      begun += 1;
      return async () => {
        const read = await readings.wait();
        if (read instanceof Error) throw read;
        return read;
      };
    },
    pause: (ms, signal) => {
      paused.push(ms);
      return signal.aborted ? Promise.resolve() : pauses.wait();
    },
    clock: () => nowMs,
    report: (error) => reported.push(error),
  });
  return {
    ...{ live, readings, paused, reported },
    begun: () => begun,
    pass: (ms: number) => (nowMs += ms),
    /** One reading, and the pause after it. */
    turn: async (read: Record<string, unknown> | Error, tookMs = 0): Promise<void> => {
      const parts = read instanceof Error ? read : new Map(Object.entries(read).map(jsonOf));
      while (readings.times === pauses.times) await Promise.resolve();
      nowMs += tookMs;
      await readings.answer(parts);
      while (pauses.times < readings.times) await Promise.resolve();
    },
    goOn: () => pauses.answer(),
  };
}

function jsonOf([key, value]: [string, unknown]): [string, string] {
  return [key, JSON.stringify(value)];
}

describe('what is shown live', () => {
  it('is everything to who comes, and then what has changed, read once for all', async () => {
    const { live, turn, goOn, readings } = house();
    const first = new Onlooker();
    live.watch(first);
    await turn({ a: 1, b: 2 });
    const second = new Onlooker();
    live.watch(second);
    await goOn();
    await turn({ a: 1, b: 3, c: 4 });
    await goOn();
    await turn({ a: 1, b: 3, c: 4 });
    await goOn();
    await turn({ b: 3, c: 4 });
    const changes = ['change {"set":{"b":3,"c":4},"gone":[]}', 'change {"set":{},"gone":["a"]}'];
    expect(first.events).toEqual(['state {"set":{"a":1,"b":2},"gone":[]}', ...changes]);
    expect(second.events).toEqual(first.events);
    expect(readings.times).toBe(4);
  });

  it('is read no more when nobody looks on, and anew for the next who does', async () => {
    const { live, turn, goOn, readings, begun } = house();
    const leave = live.watch(new Onlooker());
    await turn({ a: 1 });
    leave();
    await goOn();
    await new Promise(setImmediate);
    expect(readings.times).toBe(1);
    const next = new Onlooker();
    live.watch(next);
    expect(next.events).toEqual([]);
    await turn({ a: 2 });
    expect(next.events).toEqual(['state {"set":{"a":2},"gone":[]}']);
    expect(begun()).toBe(2);
  });

  it('is read at most once a second, and a fifth of the time', async () => {
    const { live, turn, goOn, paused } = house();
    live.watch(new Onlooker());
    await turn({ a: 1 }, 20);
    await goOn();
    await turn({ a: 1 }, 2_000);
    expect(paused).toEqual([1_000, 8_000]);
  });

  it('says after ten seconds that there is nothing new', async () => {
    const { live, turn, goOn, pass } = house();
    const onlooker = new Onlooker();
    live.watch(onlooker);
    await turn({ a: 1 });
    for (const passed of [9_000, 1_000, 1_000]) {
      pass(passed);
      await goOn();
      await turn({ a: 1 });
    }
    expect(onlooker.events.slice(1)).toEqual(['beat {}']);
  });

  it('tells once of readings that fail, and goes on when they work again', async () => {
    const { live, turn, goOn, reported } = house();
    const onlooker = new Onlooker();
    live.watch(onlooker);
    await turn({ a: 1 });
    for (const read of [new Error('away'), new Error('away'), { a: 2 }]) {
      await goOn();
      await turn(read);
    }
    expect(onlooker.events.slice(1)).toEqual(['trouble {}', 'change {"set":{"a":2},"gone":[]}']);
    expect(reported).toEqual([new Error('away')]);
  });

  it('says at once that readings work again, also where nothing has changed', async () => {
    const { live, turn, goOn } = house();
    const onlooker = new Onlooker();
    live.watch(onlooker);
    for (const read of [{ a: 1 }, new Error('away'), { a: 1 }]) {
      await turn(read);
      await goOn();
    }
    expect(onlooker.events.slice(1)).toEqual(['trouble {}', 'beat {}']);
  });

  it('tells who comes while readings fail that they do, whether there is something to show or not', async () => {
    const { live, turn, goOn, reported } = house();
    live.watch(new Onlooker());
    await turn(new Error('away'));
    const [early, late] = [new Onlooker(), new Onlooker()];
    live.watch(early);
    await goOn();
    await turn({ a: 1 });
    await goOn();
    await turn(new Error('away'));
    live.watch(late);
    expect(early.events).toEqual(['trouble {}', 'state {"set":{"a":1},"gone":[]}', 'trouble {}']);
    expect(late.events).toEqual(['state {"set":{"a":1},"gone":[]}', 'trouble {}']);
    expect(reported).toHaveLength(2);
  });

  it('ends for everybody once the reading under way is over', async () => {
    const { live, readings } = house();
    const onlooker = new Onlooker();
    live.watch(onlooker);
    let isClosed = false;
    const closed = live.close().then(() => (isClosed = true));
    await Promise.resolve();
    expect([onlooker.hasEnded, isClosed]).toEqual([true, false]);
    await readings.answer(new Map());
    await closed;
    expect(readings.times).toBe(1);
    expect(onlooker.events).toEqual([]);
    const late = new Onlooker();
    live.watch(late);
    expect([late.hasEnded, readings.times]).toEqual([true, 1]);
  });
});
