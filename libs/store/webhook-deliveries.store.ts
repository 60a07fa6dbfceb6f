import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ScopedDatabase } from './scoped-database.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { WebhookLog } from './webhook-log.entity.js';

/** How to reach an endpoint, as it is set now. */
export type WebhookTarget = Pick<
  WebhookEndpoint,
  | 'webhookUrl'
  | 'httpMethod'
  | 'timeoutSeconds'
  | 'sealedSecret'
  | 'authorizationScheme'
  | 'sealedAuthorizationCredential'
  | 'customHeaders'
>;

/** A delivery taken in hand, with all that sending it needs. */
export interface TakenDelivery extends WebhookTarget {
  id: string;
  environmentId: string;
  endpointId: string;
  /** The number of this try, from 1. */
  attempt: number;
  eventId: string;
  event: string;
  body: string;
  maxRetries: number;
}

/** What came of a try. */
export type DeliveryResult = Pick<
  WebhookLog,
  'httpStatus' | 'responseBody' | 'responseHeaders' | 'error' | 'durationMs'
>;

/** How much longer than its timeout a try may take before somebody else tries. */
const GRACE_SECONDS = 10;

/** The outbox's other half: deliveries owed become deliveries made, at least once each. */
@Injectable()
export class WebhookDeliveriesStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Takes a delivery in hand, if this try is the next and it is due, and begins its log. Should this process die now,
   * the delivery is due again after its timeout. Null: settled, taken by somebody else, or its endpoint is switched off.
   */
  async take(deliveryId: string, attempt: number): Promise<TakenDelivery | null> {
    return this.database.everywhere(async (manager) => {
      const [[taken]] = await manager.query<[TakenDelivery[], number]>(
        `UPDATE webhook_deliveries AS delivery SET attempts = $2, status = 'retrying',
           next_attempt_at = clock_timestamp() + (endpoint.timeout_seconds + $3) * interval '1 second'
         FROM webhook_events AS event, webhook_endpoints AS endpoint
         WHERE delivery.id = $1 AND delivery.attempts = $2 - 1 AND delivery.status IN ('pending', 'retrying')
           AND delivery.next_attempt_at <= clock_timestamp()
           AND event.id = delivery.event_id AND endpoint.id = delivery.endpoint_id AND endpoint.enabled
         RETURNING delivery.id, delivery.environment_id AS "environmentId", delivery.attempts AS attempt,
           event.id AS "eventId", event.type AS event, coalesce(delivery.body, event.body) AS body,
           endpoint.id AS "endpointId", endpoint.webhook_url AS "webhookUrl", endpoint.http_method AS "httpMethod",
           endpoint.timeout_seconds AS "timeoutSeconds", endpoint.max_retries AS "maxRetries",
           endpoint.sealed_secret AS "sealedSecret", endpoint.authorization_scheme AS "authorizationScheme",
           endpoint.sealed_authorization_credential AS "sealedAuthorizationCredential",
           endpoint.custom_headers AS "customHeaders"`,
        [deliveryId, attempt, GRACE_SECONDS],
      );
      if (taken === undefined) return null;
      await beginLog(manager, taken);
      return taken;
    });
  }

  /** Records a try that the receiver took. */
  async succeed(delivery: TakenDelivery, result: DeliveryResult): Promise<void> {
    await this.database.everywhere(async (manager) => {
      const [, settled] = await manager.query<[unknown[], number]>(
        `UPDATE webhook_deliveries SET status = 'success', next_attempt_at = NULL
         WHERE id = $1 AND attempts = $2 AND status = 'retrying'`,
        [delivery.id, delivery.attempt],
      );
      await endLog(manager, delivery, 'success', result);
      if (settled === 0) return;
      await manager.query(
        `UPDATE webhook_endpoints SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL`,
        [delivery.endpointId],
      );
    });
  }

  /** Records a try that failed; it is made again after `retrySeconds`, or given up for good with null. */
  async fail(delivery: TakenDelivery, result: DeliveryResult, retrySeconds: number | null): Promise<void> {
    await this.database.everywhere(async (manager) => {
      const [, settled] = await manager.query<[unknown[], number]>(
        `UPDATE webhook_deliveries SET status = CASE WHEN $3::double precision IS NULL THEN 'failed' ELSE 'retrying' END,
           next_attempt_at = clock_timestamp() + $3::double precision * interval '1 second'
         WHERE id = $1 AND attempts = $2 AND status = 'retrying'`,
        [delivery.id, delivery.attempt, retrySeconds],
      );
      await endLog(manager, delivery, retrySeconds === null ? 'failed' : 'retrying', result);
      if (settled === 0 || retrySeconds !== null) return;
      await manager.query(
        `UPDATE webhook_endpoints SET failing_since = clock_timestamp() WHERE id = $1 AND failing_since IS NULL`,
        [delivery.endpointId],
      );
    });
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

/** A log that was made when somebody asked for the try is gone on with. */
async function beginLog(manager: EntityManager, taken: TakenDelivery): Promise<void> {
  const { id, attempt, environmentId, endpointId, event } = taken;
  if (attempt > 1) {
    await manager.query(
      `UPDATE webhook_logs SET status = 'retrying', error = 'interrupted'
       WHERE delivery_id = $1 AND attempt < $2 AND status = 'pending'`,
      [id, attempt],
    );
  }
  await manager.query(
    `INSERT INTO webhook_logs (environment_id, endpoint_id, delivery_id, event, attempt, status)
     VALUES ($1, $2, $3, $4, $5, 'pending') ON CONFLICT (delivery_id, attempt) DO NOTHING`,
    [environmentId, endpointId, id, event, attempt],
  );
}

/** A try that took so long that another one was begun is logged all the same, as what it came to. */
async function endLog(
  manager: EntityManager,
  { id, attempt }: TakenDelivery,
  status: WebhookLog['status'],
  { httpStatus, responseBody, responseHeaders, error, durationMs }: DeliveryResult,
): Promise<void> {
  await manager.query(
    `UPDATE webhook_logs SET status = $3, http_status = $4, response_body = $5, response_headers = $6, error = $7,
       duration_ms = $8, delivered_at = CASE WHEN $3 = 'success' THEN clock_timestamp() END
     WHERE delivery_id = $1 AND attempt = $2 AND status IN ('pending', 'retrying') AND duration_ms IS NULL`,
    [id, attempt, status, httpStatus, responseBody, responseHeaders, error, durationMs],
  );
}
