import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** The page's own program, as a browser loads it. */
const { connect } = (await import(new URL('page/live.mjs', import.meta.url).href)) as {
  connect: (told: { onParts: () => void; onState: (state: string) => void }) => void;
};

/** As a browser has it. */
class Source {
  static readonly CLOSED = 2;
  static readonly all: Source[] = [];
  readyState = 0;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();

  constructor() {
    Source.all.push(this);
  }

  addEventListener(type: string, listener: (event: { data: string }) => void): void {
    this.listeners.set(type, listener);
  }

  close(): void {
    this.readyState = Source.CLOSED;
  }

  tell(type: string, data = '{}'): void {
    this.listeners.get(type)?.({ data });
  }
}

const states: string[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Source);
  Source.all.length = 0;
  states.length = 0;
  connect({ onParts: () => undefined, onState: (state) => void states.push(state) });
  Source.all[0]!.tell('state', '{"set":{},"gone":[]}');
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('a stream that is over as it should be is begun again, and nobody is told of a loss', () => {
  const [first] = Source.all as [Source];
  first.tell('again');
  expect([first.readyState, Source.all.length]).toEqual([Source.CLOSED, 2]);
  Source.all[1]!.tell('state', '{"set":{},"gone":[]}');
  expect(states).toEqual(['live', 'live']);
});

it('a connection that is silent for long is lost, and another is begun', () => {
  vi.advanceTimersByTime(44_000);
  expect(states).toEqual(['live']);
  vi.advanceTimersByTime(2_000);
  expect(states).toEqual(['live', 'lost']);
  expect([Source.all[0]!.readyState, Source.all.length]).toEqual([Source.CLOSED, 2]);
});

it('one that breaks off is the browser’s to begin again, but where the answer was no stream', () => {
  Source.all[0]!.tell('error');
  expect(Source.all).toHaveLength(1);
  Source.all[0]!.close();
  Source.all[0]!.tell('error');
  expect(states).toEqual(['live', 'lost', 'refused']);
  vi.advanceTimersByTime(5_000);
  expect(Source.all).toHaveLength(2);
});
