import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { faultPoint } from '#environment/fault-point.js';
import { Vitals } from '#environment/vitals.js';
import { Metrics } from '#metrics/metrics.js';
import { fractionOf } from '#policy/seeded.js';
import { verdictOf } from '#policy/webhook-health.js';
import { webhookRetrySeconds } from '#policy/webhook-plan.js';
import { webhookTurns, type OpenTry, type Waiting } from '#policy/webhook-turns.js';
import { WebhookDeliveriesStore } from '#store/webhook-deliveries.store.js';
import type { TakenDelivery } from '#store/webhook-try.js';
import { Tracing } from '#tracing/tracing.js';
import type { WebhookAnswer } from '#webhooks/webhook-request.js';
import { WebhookSender } from '#webhooks/webhook-sender.js';
import { WebhookRecords } from './webhook-records.js';

/** At the latest this often the rows are asked who is owed something: what a lost ticket left undone is found there. */
const SWEEP_EVERY_MS = 1_000;

/** While some wait for a place, one may become free without a word: it is looked for this often. */
const LOOK_AGAIN_MS = 100;

/** Endpoints found by one sweep; the next goes on after them. */
const SWEPT_AT_ONCE = 500;

/** Longest wait for answers when the process is to stop. */
const STOP_MS = 5_000;

/**
 * Tells endpoints what they are owed: finds whom, takes deliveries in turn, sends them, and has their ends recorded.
 * Several dialers share the work; the rows keep each endpoint's limit. Nothing of it waits for what dials, nor the other
 * way round.
 */
@Injectable()
export class DeliverWebhooks {
  private readonly log = new Logger('webhooks');
  private readonly records: WebhookRecords;
  /** Deliveries that tickets have named since the last look. */
  private heard = new Set<string>();
  /** Endpoints that are owed something, those that had a turn the longest ago first. */
  private readonly owed = new Map<string, Waiting>();
  private readonly open = new Map<string, OpenTry & { delivery: TakenDelivery; answered: Promise<void> }>();
  private places = 0;
  private sweptAtMs = -Infinity;
  private sweptUpTo: string | null = null;
  private isStopping = false;
  private waker = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly sender: WebhookSender,
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
    private readonly vitals: Vitals,
  ) {
    this.records = new WebhookRecords(deliveries, (endpoints) => this.mayGoOn(endpoints));
  }

  /** @param places tries that are begun at once, WEBHOOK_CONCURRENCY */
  start(places: number): void {
    this.places = places;
    this.loop = this.run();
  }

  /** A ticket says that this delivery is owed: its endpoint is looked at, now. */
  hear(deliveryId: string): void {
    this.heard.add(deliveryId);
    this.waker.abort();
  }

  /** Begins nothing more, waits a while for what is under way, and gives back what it will not see the end of. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.waker.abort();
    await this.loop;
    const answered = Promise.all([...this.open.values()].map((each) => each.answered));
    await Promise.race([answered, pause(STOP_MS, undefined, { ref: false })]);
    await this.records.close();
    const left = [...this.open.values()].map(({ delivery }) => delivery);
    if (left.length > 0) await this.deliveries.giveBack(left);
  }

  private async run(): Promise<void> {
    const goesOn = this.vitals.loop('deliver', SWEEP_EVERY_MS / 1000);
    while (!this.isStopping) {
      goesOn();
      this.waker = new AbortController();
      try {
        await this.findOwed();
        if (await this.beginTurn()) continue;
      } catch (error) {
        this.log.error({ error: (error as Error).message });
      }
      await this.rest();
    }
  }

  private async findOwed(): Promise<void> {
    const heard = [...this.heard];
    if (heard.length > 0) {
      this.heard = new Set();
      this.wait(await this.deliveries.endpointsOf(heard));
    }
    const nowMs = performance.now();
    if (nowMs - this.sweptAtMs < SWEEP_EVERY_MS) return;
    this.sweptAtMs = nowMs;
    const swept = await this.deliveries.endpointsOwed(this.sweptUpTo, SWEPT_AT_ONCE);
    this.sweptUpTo = swept.length < SWEPT_AT_ONCE ? null : (swept.at(-1)?.endpointId ?? null);
    this.wait(swept);
  }

  /** @returns whether there may be more to begin at once */
  private async beginTurn(): Promise<boolean> {
    const open = [...this.open.values()];
    const turns = webhookTurns([...this.owed.values()], open, this.places, performance.now());
    if (turns.size === 0) return false;
    const taken = await this.deliveries.take([...turns].map(([endpointId, most]) => ({ endpointId, most })));
    for (const [endpointId, most] of turns) {
      const waiting = this.owed.get(endpointId);
      this.owed.delete(endpointId);
      const got = taken.filter((delivery) => delivery.endpointId === endpointId).length;
      // Its turn was used up, so it may be owed more; otherwise an end, a ticket or the sweep brings it back.
      if (got === most && waiting !== undefined) this.owed.set(endpointId, waiting);
    }
    faultPoint('after_webhook_take');
    for (const delivery of taken) this.begin(delivery);
    return taken.length > 0;
  }

  private begin(delivery: TakenDelivery): void {
    const { id, environmentId } = delivery;
    const answered = this.deliver(delivery).finally(() => {
      this.open.delete(id);
      this.waker.abort();
    });
    this.open.set(id, { environmentId, begunAtMs: performance.now(), delivery, answered });
  }

  private async deliver(delivery: TakenDelivery): Promise<void> {
    const { id, attempt, endpointId, environmentId, webhookUrl, triesBefore, maxRetries } = delivery;
    const answer = await this.send(delivery);
    faultPoint('after_delivery');
    this.note(answer);
    const verdict = verdictOf(answer.httpStatus, answer.retryAfterSeconds);
    const retrySeconds =
      verdict.kind === 'failed'
        ? webhookRetrySeconds(attempt - triesBefore, maxRetries, answer.retryAfterSeconds, fractionOf(id))
        : null;
    this.records.add({
      ...{ id, attempt, endpointId, environmentId, webhookUrl },
      ...{ verdict, retrySeconds, result: answer },
    });
    this.log.log({ deliveryId: id, attempt, result: answer.error ?? `status ${answer.httpStatus}` });
  }

  /** Its address is its owner's, and may hold what lets whoever knows it in: the webhook's id has to do. */
  private send(delivery: TakenDelivery): Promise<WebhookAnswer> {
    const { id, attempt, endpointId, eventId, event, body, callId, httpMethod } = delivery;
    return this.tracing.of(callId).step(
      'deliver webhook',
      () => this.sender.send(delivery, { id: eventId, body }),
      ({ httpStatus, error }) => ({
        'http.request.method': httpMethod,
        'http.request.resend_count': attempt - 1,
        'http.response.status_code': httpStatus,
        'error.type': error ?? (httpStatus !== null && httpStatus >= 400 ? `${httpStatus}` : null),
        'ringfence.webhook.delivery.id': id,
        'ringfence.webhook.endpoint.id': endpointId,
        'ringfence.webhook.event.type': event,
      }),
    );
  }

  private note({ httpStatus, durationMs }: WebhookAnswer): void {
    const result = httpStatus === null ? 'no_answer' : `${Math.floor(httpStatus / 100)}xx`;
    this.metrics.count('ringfence_webhook_attempts_total', { result });
    this.metrics.observe('ringfence_webhook_attempt_duration_seconds', {}, durationMs / 1000);
  }

  /** Ends of tries are recorded: their endpoints have room, and may be owed more. */
  private mayGoOn(endpoints: Waiting[]): void {
    this.wait(endpoints);
    this.waker.abort();
  }

  private wait(endpoints: Waiting[]): void {
    for (const endpoint of endpoints) {
      if (!this.owed.has(endpoint.endpointId)) this.owed.set(endpoint.endpointId, endpoint);
    }
  }

  private async rest(): Promise<void> {
    const longestMs = this.owed.size > 0 ? LOOK_AGAIN_MS : SWEEP_EVERY_MS;
    await pause(longestMs, undefined, { signal: this.waker.signal }).catch(() => undefined);
  }
}
