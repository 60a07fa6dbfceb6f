import { once, EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Vitals } from '#environment/vitals.js';
import type { LeasesStore } from '#store/leases.store.js';
import { Leader } from './leader.js';

/** Longer than any test: what is not woken does not run again. */
const NEVER_MS = 3_600_000;

let leader: Leader | undefined;
let nowMs = 0;

const vitals = new Vitals(() => nowMs);

afterEach(() => leader?.stop());

/** A leader with one task, which tells each run of it and lasts until it is let go on. */
function leading(hold: LeasesStore['hold']): { runs: EventEmitter; goOn: () => void } {
  const runs = new EventEmitter();
  const leases = { hold, release: () => Promise.resolve() } as unknown as LeasesStore;
  leader = new Leader(leases, 'this one', vitals);
  leader.start([
    {
      name: 'feed',
      everyMs: NEVER_MS,
      run: async () => {
        const goingOn = once(runs, 'go on');
        runs.emit('run');
        await goingOn;
      },
    },
  ]);
  return { runs, goOn: () => void runs.emit('go on') };
}

describe('work that one dialer does for all', () => {
  it('begins as soon as it leads, and not at its next turn', async () => {
    const { runs, goOn } = leading(() => Promise.resolve(true));
    await once(runs, 'run');
    goOn();
  });

  it('is done again where it was woken while it was done: the news may have come too late for that run', async () => {
    const { runs, goOn } = leading(() => Promise.resolve(true));
    await once(runs, 'run');
    leader?.wake('feed');
    const again = once(runs, 'run');
    goOn();
    await again;
    goOn();
  });

  it('shows by its turns that the process lives, and that it does not once a turn hangs', async () => {
    const { runs, goOn } = leading(() => Promise.resolve(true));
    await once(runs, 'run');
    expect(vitals.still()).toEqual({});
    nowMs += NEVER_MS + 61_000;
    expect(vitals.still()).toHaveProperty('feed');
    leader?.wake('feed');
    const again = once(runs, 'run');
    goOn();
    await again;
    expect(vitals.still()).not.toHaveProperty('feed');
    goOn();
  });

  it('is done by nobody who does not know that it leads', async () => {
    const asked: string[] = [];
    const said = new EventEmitter();
    const { runs } = leading((lease) => {
      asked.push(lease);
      said.emit('asked');
      return Promise.reject(new Error('the database is away'));
    });
    let ran = 0;
    runs.on('run', () => (ran += 1));
    while (asked.length < 2) await once(said, 'asked');
    leader?.wake('feed');
    while (asked.length < 3) await once(said, 'asked');
    expect(ran).toBe(0);
  });
});
