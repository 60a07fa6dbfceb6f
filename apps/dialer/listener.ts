import { Logger } from '@nestjs/common';
import type { Vitals } from '#environment/vitals.js';
import type { JobQueue } from '#jobs/job-queue.js';
import { hearingOf } from '#store/hearing.js';
import type { LeasesStore } from '#store/leases.store.js';
import type { ProviderEventsStore } from '#store/provider-events.store.js';
import type { CallListening, EventSocket, TelephonyProvider } from '#telephony/telephony-provider.js';
import { InboxFeed } from './inbox-feed.js';
import type { Leader } from './leader.js';
import type { MeetAgent } from './meet-agent.js';

/** As often the socket is looked after while it stands, and opened again, at first, when it does not. */
export const LISTEN_EVERY_MS = 500;

/** Without another look the lease runs out, and no dialer sends anything any more. */
const LEASE_SECONDS = 2;

/** Between two tries of opening: doubling, up to this. Somebody may have picked up, and hear nothing meanwhile. */
const MAX_PAUSE_MS = 2_000;

/**
 * Holds the socket over which the carrier of one trunk tells of calls, in the dialer that leads, and says by a lease that it does. Should
 * two hold one, the carrier tells the one that came last, and ends the other.
 */
export class Listener {
  private readonly log = new Logger('listen');
  private readonly inbox: InboxFeed;
  private readonly lease: string;
  private socket: EventSocket | null = null;
  private failures = 0;
  private notBeforeMs = 0;
  private isStopped = false;

  constructor(
    private readonly provider: TelephonyProvider,
    private readonly leases: LeasesStore,
    private readonly events: ProviderEventsStore,
    private readonly jobs: JobQueue,
    private readonly meetAgent: MeetAgent,
    private readonly leader: Leader,
    vitals: Vitals,
  ) {
    this.lease = hearingOf(provider.name);
    const inHand = vitals.inHand(`inbox of ${provider.name}`);
    this.inbox = new InboxFeed(
      (callbacks) =>
        inHand.during(async () => {
          await this.jobs.applyEvents(await this.events.recordOnce(this.provider.name, callbacks));
        }),
      (error) => this.log.error({ inbox: (error as Error).message }),
    );
  }

  /** The name of the trunk whose carrier it hears. */
  get trunk(): string {
    return this.provider.name;
  }

  /** Opens the socket where there is none, or renews the lease of the one that stands. */
  async run(): Promise<void> {
    const { listening } = this.provider;
    if (listening === null || this.isStopped) return;
    if (this.socket?.isAlive() === false) this.socket.close();
    if (this.socket !== null)
      return void (await this.leases.hold(this.lease, this.leader.name, LEASE_SECONDS));
    if (performance.now() < this.notBeforeMs) return;
    await this.open(listening);
  }

  /** Hears no more, and says so at once: whoever leads next need not wait for the lease to run out. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.socket?.close();
    await Promise.all([this.inbox.stop(), this.meetAgent.idle()]);
    await this.leases.release(this.lease, this.leader.name).catch(() => undefined);
  }

  private async open(listening: CallListening): Promise<void> {
    let isLost = false;
    // A socket that fails as it opens says so twice, and is lost once.
    const lose = (because: string) => {
      if (!isLost) this.lose(because);
      isLost = true;
    };
    try {
      const socket = await listening.open({
        told: (callbacks) => this.inbox.add(callbacks),
        answered: (call) => void this.meetAgent.run(this.provider, call),
        closed: lose,
      });
      this.socket = socket;
      if (this.isStopped || !socket.isAlive()) return lose('closed');
      this.failures = 0;
      this.log.log({ listening: true, trunk: this.provider.name });
      await this.leases.hold(this.lease, this.leader.name, LEASE_SECONDS);
      void this.meetWaiting(listening);
    } catch (error) {
      lose((error as Error).message);
    }
  }

  /**
   * People that picked up while nobody heard: they have waited long enough. Beside the socket, which stands whether or not
   * the carrier can say who waits: what it cannot say of now is asked with the next socket.
   */
  private async meetWaiting(listening: CallListening): Promise<void> {
    try {
      await listening.waiting((call) => {
        if (!this.isStopped) void this.meetAgent.run(this.provider, call);
      });
    } catch (error) {
      this.log.warn({ waiting: (error as Error).message });
    }
  }

  /** From now on what happens is lost: nothing may be sent until another socket stands. */
  private lose(because: string): void {
    const had = this.socket;
    this.socket = null;
    had?.close();
    this.notBeforeMs = performance.now() + Math.min(LISTEN_EVERY_MS * 2 ** this.failures, MAX_PAUSE_MS);
    this.failures += 1;
    if (this.isStopped) return;
    this.log.warn({ listening: false, trunk: this.provider.name, because });
    void this.leases.release(this.lease, this.leader.name).catch(() => undefined);
  }
}
