import { byLabel, plain, type HouseFacts, type PoolUse, type QueueDepth } from './house-facts.js';
import type { Metrics } from './metrics.js';
import { Remembered } from './remembered.js';

/** What one who scrapes is told beside what this process has counted. */
export interface Sources {
  /** Of the whole house, from its rows. */
  facts: () => Promise<HouseFacts>;
  /** Null: the queue does not say. */
  queueDepths: () => Promise<QueueDepth[] | null>;
  pools: () => PoolUse[];
  isLeading: () => boolean;
}

/** What was read of the house is told again for so long: many who scrape cost as much as one. */
const FRESH_MS = 3_000;

/** What has not been read by then is left out, so that a scrape is answered while the database is away. */
const DEADLINE_MS = 1_500;

/** Answers those who scrape. */
export class Scrape {
  private readonly facts: Remembered<HouseFacts>;
  private readonly queueDepths: Remembered<QueueDepth[] | null>;

  /** @param clock milliseconds that never go back */
  constructor(
    private readonly metrics: Metrics,
    private readonly sources: Sources,
    clock: () => number,
  ) {
    const limits = { freshMs: FRESH_MS, deadlineMs: DEADLINE_MS };
    this.facts = new Remembered(sources.facts, limits, clock);
    this.queueDepths = new Remembered(sources.queueDepths, limits, clock);
  }

  get contentType(): string {
    return this.metrics.contentType;
  }

  async text(): Promise<string> {
    const [facts, depths] = await Promise.all([this.facts.get(), this.queueDepths.get()]);
    this.tellProcess();
    this.tellQueue(depths);
    this.tellHouse(facts);
    return this.metrics.text();
  }

  private tellProcess(): void {
    const { metrics } = this;
    const pools = this.sources.pools();
    metrics.tell('ringfence_leading', plain(this.sources.isLeading() ? 1 : 0));
    metrics.tell(
      'ringfence_database_connections',
      pools.flatMap(({ pool, open, idle }) => [
        { labels: { pool, state: 'idle' }, value: idle },
        { labels: { pool, state: 'busy' }, value: open - idle },
      ]),
    );
    metrics.tell(
      'ringfence_database_connections_limit',
      pools.map(({ pool, limit }) => ({ labels: { pool }, value: limit })),
    );
    metrics.tell(
      'ringfence_database_connections_awaited',
      pools.map(({ pool, waiting }) => ({ labels: { pool }, value: waiting })),
    );
  }

  private tellQueue(depths: QueueDepth[] | null): void {
    this.metrics.tell('ringfence_queue_up', plain(depths === null ? 0 : 1));
    this.metrics.tell(
      'ringfence_queue_jobs',
      (depths ?? []).map(({ queue, state, jobs }) => ({ labels: { queue, state }, value: jobs })),
    );
  }

  private tellHouse(facts: HouseFacts | null): void {
    const { metrics } = this;
    const told = <Value>(readingOf: (known: HouseFacts) => Value[]) =>
      facts === null ? [] : readingOf(facts);
    metrics.tell('ringfence_database_up', plain(facts === null ? 0 : 1));
    metrics.tell(
      'ringfence_calls',
      told(({ calls }) => byLabel('state', calls)),
    );
    metrics.tell(
      'ringfence_calls_received_total',
      told(({ callsReceived }) => plain(callsReceived)),
    );
    metrics.tell(
      'ringfence_calls_finished_total',
      told(({ callsFinished }) => byLabel('state', callsFinished)),
    );
    metrics.tell(
      'ringfence_calls_refused_total',
      told(({ callsRefused }) => byLabel('reason', callsRefused)),
    );
    metrics.tell(
      'ringfence_attempts_ended_total',
      told(({ attemptsEnded }) => byLabel('outcome', attemptsEnded)),
    );
    metrics.tell(
      'ringfence_talk_seconds_total',
      told(({ talkSeconds }) => plain(talkSeconds)),
    );
    metrics.tell(
      'ringfence_attempts_open',
      told(({ attemptsOpen }) => byLabel('state', attemptsOpen)),
    );
    metrics.tell(
      'ringfence_oldest_wait_seconds',
      told(({ oldestWait }) => byLabel('state', oldestWait)),
    );
    metrics.tell(
      'ringfence_dispatch_lag_seconds',
      told(({ dispatchLag }) => plain(dispatchLag)),
    );
    metrics.tell(
      'ringfence_webhook_lag_seconds',
      told(({ webhookLag }) => plain(webhookLag)),
    );
    metrics.tell(
      'ringfence_leaders',
      told(({ leaders }) => plain(leaders)),
    );
    this.tellLimits(facts);
  }

  private tellLimits(facts: HouseFacts | null): void {
    const slots = facts?.slots ?? [];
    this.metrics.tell(
      'ringfence_slots_in_use',
      slots.map(({ environmentId, inUse }) => ({ labels: { environment: environmentId }, value: inUse })),
    );
    this.metrics.tell(
      'ringfence_slots_limit',
      slots.map(({ environmentId, limit }) => ({ labels: { environment: environmentId }, value: limit })),
    );
    const trunks = facts?.trunks ?? [];
    this.metrics.tell(
      'ringfence_trunk_calls_per_second',
      trunks.map(({ name, callsPerSecond }) => ({ labels: { trunk: name }, value: callsPerSecond })),
    );
    this.metrics.tell(
      'ringfence_trunk_calls_per_second_limit',
      trunks.map(({ name, limit }) => ({ labels: { trunk: name }, value: limit })),
    );
    this.metrics.tell(
      'ringfence_trunk_resting',
      trunks.map(({ name, rests }) => ({ labels: { trunk: name }, value: rests ? 1 : 0 })),
    );
  }
}
