import { Injectable } from '@nestjs/common';
import { Vitals } from '#environment/vitals.js';
import { JobQueue } from '#jobs/job-queue.js';
import { LeasesStore } from '#store/leases.store.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { Carriers } from '#telephony/carriers.js';
import { Leader, type LeaderTask } from './leader.js';
import { LISTEN_EVERY_MS, Listener } from './listener.js';
import { MeetAgent } from './meet-agent.js';

/** A listener for each trunk whose carrier tells by a socket. */
@Injectable()
export class Listeners {
  private readonly listeners: Listener[];

  constructor(
    carriers: Carriers,
    leases: LeasesStore,
    events: ProviderEventsStore,
    jobs: JobQueue,
    meetAgent: MeetAgent,
    leader: Leader,
    vitals: Vitals,
  ) {
    this.listeners = carriers.all
      .filter(({ listening }) => listening !== null)
      .map((provider) => new Listener(provider, leases, events, jobs, meetAgent, leader, vitals));
  }

  /** One of its own for each: a carrier that is long in answering must not keep another's lease from being renewed. */
  tasks(): LeaderTask[] {
    return this.listeners.map((listener) => ({
      name: `listen to ${listener.trunk}`,
      everyMs: LISTEN_EVERY_MS,
      run: () => listener.run(),
    }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.stop()));
  }
}
