/** What is shown, part by part: each as JSON, by its key. */
export type Parts = ReadonlyMap<string, string>;

/** Somebody who looks on. */
export interface Watcher {
  /** Takes a server-sent event. */
  send: (event: string) => void;
  /** Told when there will be no more. */
  end: () => void;
}

export interface LivePartsOptions {
  /** Begins to read: each call of what it returns reads once more. */
  beginReading: () => () => Promise<Parts>;
  /** Ends early, and well, when the signal aborts. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds that never go back. */
  clock: () => number;
  /** Told of the first of several readings that fail. */
  report: (error: unknown) => void;
}

/** From one reading to the next, at least. */
const EVERY_MS = 1_000;

/** And at least so many times as long as the last one took: whatever there is to read, most of the time nobody does. */
const REST = 4;

/** Whoever hears nothing for so long is told that there is nothing new. */
const BEAT_MS = 10_000;

/**
 * What people look on at, read once for all of them: only while somebody does, and never twice at once. Whoever comes is sent
 * everything, and from then on what has changed, at most once a second; whoever lost his connection comes anew.
 */
export class LiveParts {
  private readonly watchers = new Set<Watcher>();
  private readonly closing = new AbortController();
  private shown: Parts | null = null;
  /** Whether the last reading failed, of which everybody who looks on is told. */
  private isFailing = false;
  private running: Promise<void> | null = null;

  constructor(private readonly options: LivePartsOptions) {}

  get watching(): number {
    return this.watchers.size;
  }

  /** @returns looks on no more */
  watch(watcher: Watcher): () => void {
    if (this.closing.signal.aborted) watcher.end();
    else this.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Ends what is shown to everybody, once a reading that is under way is over. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const watcher of this.watchers) watcher.end();
    this.watchers.clear();
    await this.running;
  }

  private add(watcher: Watcher): void {
    this.watchers.add(watcher);
    if (this.shown !== null) watcher.send(event('state', { set: this.shown, gone: [] }));
    if (this.isFailing) watcher.send(event('trouble'));
    this.running ??= this.run();
  }

  private async run(): Promise<void> {
    const { beginReading, clock, pause, report } = this.options;
    const read = beginReading();
    let saidAtMs = clock();
    while (this.watchers.size > 0) {
      const startedAtMs = clock();
      const wasFailing = this.isFailing;
      const change = await read().then(
        (parts) => {
          this.isFailing = false;
          return this.changeTo(parts);
        },
        (error: unknown) => {
          if (!wasFailing) report(error);
          this.isFailing = true;
          return null;
        },
      );
      const isNews = change !== null || this.isFailing !== wasFailing;
      if (isNews || clock() - saidAtMs >= BEAT_MS) {
        saidAtMs = clock();
        const said = change ?? event(this.isFailing ? 'trouble' : 'beat');
        for (const watcher of this.watchers) watcher.send(said);
      }
      await pause(Math.max(EVERY_MS, REST * (clock() - startedAtMs)), this.closing.signal);
    }
    // In one breath with the last look at who is there: the next one to come begins anew.
    this.shown = null;
    this.isFailing = false;
    this.running = null;
  }

  /** What has changed since it was last shown; null: nothing has. */
  private changeTo(parts: Parts): string | null {
    const before = this.shown;
    this.shown = parts;
    if (before === null) return event('state', { set: parts, gone: [] });
    const set = new Map([...parts].filter(([key, part]) => before.get(key) !== part));
    const gone = [...before.keys()].filter((key) => !parts.has(key));
    return set.size + gone.length === 0 ? null : event('change', { set, gone });
  }
}

function event(name: string, told?: { set: Parts; gone: string[] }): string {
  return `event: ${name}\ndata: ${told === undefined ? '{}' : toldAs(told)}\n\n`;
}

/** The parts are JSON already. */
function toldAs({ set, gone }: { set: Parts; gone: string[] }): string {
  const parts = [...set].map(([key, part]) => `${JSON.stringify(key)}:${part}`);
  return `{"set":{${parts.join(',')}},"gone":${JSON.stringify(gone)}}`;
}
