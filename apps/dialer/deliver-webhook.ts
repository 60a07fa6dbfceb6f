import { Injectable } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { fractionOf } from '#policy/seeded.js';
import { webhookRetrySeconds } from '#policy/webhook-plan.js';
import { WebhookDeliveriesStore } from '#store/webhook-deliveries.store.js';
import { WebhookSender } from '#webhooks/webhook-sender.js';

/** One try of one delivery: taken, sent, recorded. */
@Injectable()
export class DeliverWebhook {
  constructor(
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly sender: WebhookSender,
  ) {}

  async run({ deliveryId, attempt }: { deliveryId: string; attempt: number }): Promise<string> {
    const delivery = await this.deliveries.take(deliveryId, attempt);
    if (delivery === null) return 'stale';
    const answer = await this.sender.send(delivery, { id: delivery.eventId, body: delivery.body });
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
}
