import { Injectable } from '@nestjs/common';
import { Vitals } from '#environment/vitals.js';
import { JobQueue } from '#jobs/job-queue.js';
import { LeasesStore } from '#store/leases.store.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { Carriers } from '#telephony/carriers.js';
import { Leader } from './leader.js';
import { Listener } from './listener.js';
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

  /** Whether there is anything to listen to. */
  get areNeeded(): boolean {
    return this.listeners.length > 0;
  }

  /** One that cannot listen does not keep the others from it. */
  async run(): Promise<void> {
    const runs = await Promise.allSettled(this.listeners.map((listener) => listener.run()));
    for (const run of runs) if (run.status === 'rejected') throw run.reason;
  }

  async stop(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.stop()));
  }
}
