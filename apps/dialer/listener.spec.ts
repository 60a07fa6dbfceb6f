import { describe, expect, it, vi } from 'vitest';
import { Vitals } from '#environment/vitals.js';
import type { JobQueue } from '#jobs/job-queue.js';
import type { LeasesStore } from '#store/leases.store.js';
import type { ProviderEventsStore } from '#store/provider-events.store.js';
import { Carriers } from '#telephony/carriers.js';
import type {
  CarrierCallback,
  SocketEars,
  TelephonyProvider,
  WaitingCall,
} from '#telephony/telephony-provider.js';
import { InboxFeed } from './inbox-feed.js';
import type { Leader } from './leader.js';
import { Listener } from './listener.js';
import { Listeners } from './listeners.js';
import type { MeetAgent } from './meet-agent.js';

const CALL: WaitingCall = { attemptId: 'a1', providerCallId: 'a1' };
const TOLD = { eventKey: 'a1:ringing', attemptId: 'a1' } as CarrierCallback;

/** A listener over a carrier whose sockets the test holds; what it did is written down. */
function listening({ opens = () => Promise.resolve(), waiting = [] as WaitingCall[] } = {}) {
  const steps: string[] = [];
  const sockets: { ears: SocketEars; isAlive: boolean }[] = [];
  const provider = {
    name: 'test',
    listening: {
      open: async (ears: SocketEars) => {
        steps.push('open');
        await opens();
        const socket = { ears, isAlive: true };
        sockets.push(socket);
        return { isAlive: () => socket.isAlive, close: () => void (socket.isAlive = false) };
      },
      waiting: (found: (call: WaitingCall) => void) => {
        for (const call of waiting) found(call);
        return Promise.reject(new Error('channel_status_503'));
      },
    },
  } as unknown as TelephonyProvider;
  const listener = new Listener(
    provider,
    {
      hold: () => Promise.resolve(void steps.push('hold')),
      release: () => Promise.resolve(void steps.push('release')),
    } as unknown as LeasesStore,
    {
      recordOnce: (_: string, told: unknown[]) => Promise.resolve(told.map((__, place) => `e${place}`)),
    } as unknown as ProviderEventsStore,
    {
      applyEvents: (ids: string[]) => Promise.resolve(void steps.push(`apply ${ids.join()}`)),
    } as unknown as JobQueue,
    {
      idle: () => Promise.resolve(),
      run: (_: unknown, { attemptId }: WaitingCall) => Promise.resolve(void steps.push(`meet ${attemptId}`)),
    } as unknown as MeetAgent,
    { name: 'here:1' } as Leader,
    new Vitals(() => 0),
  );
  return { listener, steps, sockets };
}

describe('the listener', () => {
  it('opens one socket, says that it hears, and goes on saying so', async () => {
    const { listener, steps } = listening();
    await listener.run();
    await listener.run();
    expect(steps).toEqual(['open', 'hold', 'hold']);
  });

  it('brings what is told into the inbox, and who picks up to the agent', async () => {
    const { listener, steps, sockets } = listening();
    await listener.run();
    sockets[0]?.ears.told([TOLD]);
    sockets[0]?.ears.answered(CALL);
    await listener.stop();
    expect(steps).toEqual(['open', 'hold', 'meet a1', 'apply e0', 'release']);
  });

  it('meets those who picked up while nobody heard, and keeps its socket where the carrier cannot say who does', async () => {
    const { listener, steps } = listening({ waiting: [CALL] });
    await listener.run();
    expect(steps).toEqual(['open', 'hold', 'meet a1']);
    await listener.run();
    expect(steps).toEqual(['open', 'hold', 'meet a1', 'hold']);
  });

  it('lets go at once of what it says when the socket is lost, and opens another one later, and later still', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { listener, steps, sockets } = listening();
      await listener.run();
      sockets[0]?.ears.closed('closed_1006');
      expect(steps).toEqual(['open', 'hold', 'release']);
      await listener.run();
      expect(steps, 'not at once').toHaveLength(3);
      vi.advanceTimersByTime(500);
      await listener.run();
      expect(steps.slice(3)).toEqual(['open', 'hold']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not say that it hears where no socket stands, and asks less and less often', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { listener, steps } = listening({ opens: () => Promise.reject(new Error('ECONNREFUSED')) });
      for (let half = 0; half < 60; half += 1) {
        await listener.run();
        vi.advanceTimersByTime(500);
      }
      expect(steps).not.toContain('hold');
      // After 0, ½, 1½ and 3½ seconds, and from then on every two.
      expect(steps.filter((step) => step === 'open')).toHaveLength(17);
    } finally {
      vi.useRealTimers();
    }
  });

  it('takes a socket without a sign of life for lost', async () => {
    const { listener, steps, sockets } = listening();
    await listener.run();
    sockets[0]!.isAlive = false;
    // As a real one does, which says so when it is closed.
    await listener.run();
    sockets[0]?.ears.closed('closed_here');
    expect(steps).toContain('release');
  });

  it('is a task of its own for each trunk whose carrier tells by a socket: none waits for another', async () => {
    const steps: string[] = [];
    const opening = (name: string, opened: () => Promise<never>) => ({
      name,
      listening: { open: () => (steps.push(name), opened()) },
    });
    const providers = [
      opening('silent', () => new Promise(() => undefined)),
      { name: 'by requests', listening: null },
      opening('well', () => Promise.reject(new Error('refused'))),
    ];
    const leases = { release: () => Promise.resolve() } as unknown as LeasesStore;
    const all = new Carriers(providers as unknown as TelephonyProvider[]);
    const [nothing, meetAgent] = [{} as never, { idle: () => Promise.resolve() } as MeetAgent];
    const vitals = new Vitals(() => 0);
    const listeners = new Listeners(all, leases, nothing, nothing, meetAgent, nothing, vitals);
    const [silent, well, ...others] = listeners.tasks();
    expect(others).toEqual([]);
    expect([silent?.name, well?.name]).toEqual(['listen to silent', 'listen to well']);
    void silent?.run(() => undefined);
    await well?.run(() => undefined);
    expect(steps).toEqual(['silent', 'well']);
  });
});

describe('what was heard', () => {
  it('goes into the inbox in order, again and again where the database fails, and nothing is left out', async () => {
    const callbacks = Array.from({ length: 450 }, (_, place) => ({ ...TOLD, eventKey: `e${place}` }));
    const kept: string[] = [];
    let failures = 2;
    await new Promise<void>((resolve) => {
      const record = (batch: CarrierCallback[]) => {
        if (failures-- > 0) return Promise.reject(new Error('away'));
        kept.push(...batch.map(({ eventKey }) => eventKey));
        if (kept.length >= callbacks.length) resolve();
        return Promise.resolve();
      };
      const feed = new InboxFeed(record, () => undefined, 1);
      for (const one of callbacks) feed.add([one]);
    });
    expect(kept).toEqual(callbacks.map(({ eventKey }) => eventKey));
  });
});
