import { Injectable } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { fractionOf } from '#policy/seeded.js';
import { webhookRetrySeconds } from '#policy/webhook-plan.js';
import { SealedSecrets } from '#environment/sealed-secret.js';
import { WebhookDeliveriesStore, type TakenDelivery } from '#store/webhook-deliveries.store.js';
import { webhookHeaders } from './webhook-signature.js';
import { sendWebhook, type WebhookAnswer } from './webhook-request.js';

/** Whether deliveries may reach private addresses (WEBHOOK_ALLOW_PRIVATE). */
export class WebhookReach {
  constructor(readonly allowPrivate: boolean) {}
}

/** One try of one delivery: taken, sent, recorded. */
@Injectable()
export class DeliverWebhook {
  constructor(
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly secrets: SealedSecrets,
    private readonly reach: WebhookReach,
  ) {}

  async run({ deliveryId, attempt }: { deliveryId: string; attempt: number }): Promise<string> {
    const delivery = await this.deliveries.take(deliveryId, attempt);
    if (delivery === null) return 'stale';
    const answer = await this.send(delivery);
    faultPoint('after_delivery');
    const { httpStatus } = answer;
    if (httpStatus !== null && httpStatus >= 200 && httpStatus < 300) {
      await this.deliveries.succeed(delivery, answer);
      return 'delivered';
    }
    const spread = fractionOf(delivery.id);
    const retrySeconds = webhookRetrySeconds(attempt, delivery.maxRetries, answer.retryAfterSeconds, spread);
    await this.deliveries.fail(delivery, answer, retrySeconds);
    return answer.error ?? `status ${httpStatus}`;
  }

  private async send(delivery: TakenDelivery): Promise<WebhookAnswer> {
    let secret: string | null = null;
    try {
      if (delivery.sealedSecret !== null) secret = this.secrets.open(delivery.sealedSecret);
    } catch {
      // Unsigned it must not go out; recorded as a failure, it is tried again by plan and shown when given up.
      return { httpStatus: null, error: 'secret_unreadable', retryAfterSeconds: null, durationMs: 0 };
    }
    return sendWebhook({
      url: delivery.webhookUrl,
      method: delivery.httpMethod,
      body: delivery.body,
      timeoutSeconds: delivery.timeoutSeconds,
      allowPrivate: this.reach.allowPrivate,
      headers: {
        'content-type': 'application/json',
        ...webhookHeaders(delivery.eventId, new Date(), delivery.body, secret),
      },
    });
  }
}
