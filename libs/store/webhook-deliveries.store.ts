import { Injectable } from '@nestjs/common';
import { ScopedDatabase } from './scoped-database.js';

/** A delivery taken in hand, with all that sending it needs. */
export interface TakenDelivery {
  id: string;
  /** The number of this try, from 1. */
  attempt: number;
  eventId: string;
  body: string;
  webhookUrl: string;
  httpMethod: string;
  timeoutSeconds: number;
  maxRetries: number;
  sealedSecret: string | null;
}

export interface DeliveryResult {
  httpStatus: number | null;
  error: string | null;
  durationMs: number;
}

/** How much longer than its timeout a try may take before somebody else tries. */
const GRACE_SECONDS = 10;

/** The outbox's other half: deliveries owed become deliveries made, at least once each. */
@Injectable()
export class WebhookDeliveriesStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Takes a delivery in hand, if this try is the next and it is due. Should this process die now, the delivery is
   * due again after its timeout. Null: settled, taken by somebody else, or its endpoint is switched off.
   */
  async take(deliveryId: string, attempt: number): Promise<TakenDelivery | null> {
    const [rows] = await this.database.everywhere((manager) =>
      manager.query<[TakenDelivery[], number]>(
        `UPDATE webhook_deliveries AS delivery SET attempts = $2, status = 'retrying',
         next_attempt_at = clock_timestamp() + (endpoint.timeout_seconds + $3) * interval '1 second'
       FROM webhook_events AS event, webhook_endpoints AS endpoint
       WHERE delivery.id = $1 AND delivery.attempts = $2 - 1 AND delivery.status IN ('pending', 'retrying')
         AND delivery.next_attempt_at <= clock_timestamp()
         AND event.id = delivery.event_id AND endpoint.id = delivery.endpoint_id AND endpoint.enabled
       RETURNING delivery.id, delivery.attempts AS attempt, event.id AS "eventId", event.body,
         endpoint.webhook_url AS "webhookUrl", endpoint.http_method AS "httpMethod",
         endpoint.timeout_seconds AS "timeoutSeconds", endpoint.max_retries AS "maxRetries",
         endpoint.sealed_secret AS "sealedSecret"`,
        [deliveryId, attempt, GRACE_SECONDS],
      ),
    );
    return rows[0] ?? null;
  }

  /** Records a try that the receiver took. */
  async succeed({ id, attempt }: TakenDelivery, result: DeliveryResult): Promise<void> {
    await this.database.everywhere((manager) =>
      manager.query(
        `UPDATE webhook_deliveries SET status = 'success', next_attempt_at = NULL, delivered_at = clock_timestamp(),
         http_status = $3, error = NULL, duration_ms = $4
       WHERE id = $1 AND attempts = $2 AND status = 'retrying'`,
        [id, attempt, result.httpStatus, result.durationMs],
      ),
    );
  }

  /** Records a try that failed; it is made again after `retrySeconds`, or given up for good with null. */
  async fail(
    { id, attempt }: TakenDelivery,
    result: DeliveryResult,
    retrySeconds: number | null,
  ): Promise<void> {
    await this.database.everywhere((manager) =>
      manager.query(
        `UPDATE webhook_deliveries SET status = CASE WHEN $3::double precision IS NULL THEN 'failed' ELSE 'retrying' END,
         next_attempt_at = clock_timestamp() + $3::double precision * interval '1 second',
         http_status = $4, error = $5, duration_ms = $6
       WHERE id = $1 AND attempts = $2 AND status = 'retrying'`,
        [id, attempt, retrySeconds, result.httpStatus, result.error, result.durationMs],
      ),
    );
  }

  /** Deliveries that are due, with the number of their next try. */
  async due(limit: number): Promise<{ deliveryId: string; attempt: number }[]> {
    return this.database.everywhere((manager) =>
      manager.query(
        `SELECT delivery.id AS "deliveryId", delivery.attempts + 1 AS attempt
       FROM webhook_deliveries AS delivery JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
       WHERE delivery.next_attempt_at <= clock_timestamp() AND endpoint.enabled
       ORDER BY delivery.next_attempt_at LIMIT $1`,
        [limit],
      ),
    );
  }
}
