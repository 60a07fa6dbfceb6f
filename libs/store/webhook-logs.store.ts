import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { audit } from './audit.js';
import type { Page, PageOf } from './page.js';
import { ScopedDatabase } from './scoped-database.js';
import type { Caller } from './tokens.store.js';
import type { DeliveryResult } from './webhook-try.js';
import { WebhookLog } from './webhook-log.entity.js';

/** How long a webhook's log, and what it was told, are kept by an environment, whose id this takes as SQL. */
const KEPT = (environmentId: string) =>
  `(SELECT webhook_log_retention_days * interval '1 day' FROM environments WHERE id = ${environmentId})`;

/** A log, with what was sent, as JSON text. */
export type ReadLog = WebhookLog & { requestBody: string };

export type RetryRequest =
  | { kind: 'not_found' }
  /** Why this try is not to be made again. */
  | { kind: 'not_retriable'; because: 'succeeded' | 'under_way' | 'too_old' | 'webhook_disabled' | 'test' }
  /** The delivery is due at once; its next try is `logId`. */
  | { kind: 'queued'; logId: string; queuedAt: Date; deliveryId: string; attempt: number };

/** What endpoints were told, try by try. */
@Injectable()
export class WebhookLogsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async list(environmentId: string, endpointId: string, page: Page): Promise<PageOf<ReadLog>> {
    return this.database.within(environmentId, async (manager) => {
      const kept = `log.environment_id = $1 AND log.endpoint_id = $2 AND log.created_at > clock_timestamp() - ${KEPT('$1')}`;
      const [{ total }] = await manager.query<[{ total: number }]>(
        `SELECT count(*)::integer AS total FROM webhook_logs AS log WHERE ${kept}`,
        [environmentId, endpointId],
      );
      const items = await manager.query<ReadLog[]>(
        `SELECT ${COLUMNS} FROM webhook_logs AS log JOIN webhook_endpoints AS endpoint ON endpoint.id = log.endpoint_id
           LEFT JOIN webhook_deliveries AS delivery ON delivery.id = log.delivery_id
           LEFT JOIN webhook_events AS event ON event.id = delivery.event_id
         WHERE ${kept} ORDER BY log.created_at DESC, log.id DESC LIMIT $3 OFFSET $4`,
        [environmentId, endpointId, page.size, (page.number - 1) * page.size],
      );
      return { items, total, page };
    });
  }

  /** Logs a test, which owes nothing and is made once. */
  async addTest(
    { environmentId }: Caller,
    endpointId: string,
    { event, body, succeeded }: { event: string; body: string; succeeded: boolean },
    result: DeliveryResult,
  ): Promise<void> {
    await this.database.within(environmentId, (manager) =>
      manager.query(
        `INSERT INTO webhook_logs (environment_id, endpoint_id, event, attempt, status, test_body, http_status,
           response_body, response_headers, error, duration_ms, delivered_at)
         VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $4 = 'success' THEN clock_timestamp() END)`,
        [
          environmentId,
          endpointId,
          event,
          succeeded ? 'success' : 'failed',
          body,
          result.httpStatus,
          result.responseBody,
          result.responseHeaders,
          result.error,
          result.durationMs,
        ],
      ),
    );
  }

  /**
   * Makes a delivery due again, once, whatever its plan says; with the settings that its endpoint has then. Two who ask
   * at once get one try between them: the second finds it under way.
   */
  async retry({ environmentId, actor }: Caller, endpointId: string, logId: string): Promise<RetryRequest> {
    return this.database.within(environmentId, async (manager) => {
      const [log] = await manager.query<{ deliveryId: string | null; enabled: boolean; isKept: boolean }[]>(
        `SELECT log.delivery_id AS "deliveryId", endpoint.enabled,
           log.created_at > clock_timestamp() - ${KEPT('$1')} AS "isKept"
         FROM webhook_logs AS log JOIN webhook_endpoints AS endpoint ON endpoint.id = log.endpoint_id
         WHERE log.environment_id = $1 AND log.endpoint_id = $2 AND log.id = $3 AND endpoint.deleted_at IS NULL
         -- Before the delivery, as whoever deletes the endpoint locks them.
         FOR KEY SHARE OF endpoint`,
        [environmentId, endpointId, logId],
      );
      if (log === undefined) return { kind: 'not_found' };
      if (log.deliveryId === null) return { kind: 'not_retriable', because: 'test' };
      // Its delivery may be forgotten at any time.
      if (!log.isKept) return { kind: 'not_retriable', because: 'too_old' };
      if (!log.enabled) return { kind: 'not_retriable', because: 'webhook_disabled' };
      const delivery = await lockDelivery(manager, environmentId, log.deliveryId);
      if (delivery.status === 'success') return { kind: 'not_retriable', because: 'succeeded' };
      if (delivery.underWay) return { kind: 'not_retriable', because: 'under_way' };
      await manager.query(
        `UPDATE webhook_deliveries SET status = 'retrying', next_attempt_at = clock_timestamp()
         WHERE id = $1 AND environment_id = $2 AND status = $3`,
        [log.deliveryId, environmentId, delivery.status],
      );
      const attempt = delivery.attempts + 1;
      const [queued] = await manager.query<[{ id: string; createdAt: Date }]>(
        `INSERT INTO webhook_logs (environment_id, endpoint_id, delivery_id, event, attempt, status)
         SELECT environment_id, endpoint_id, delivery_id, event, $3, 'pending' FROM webhook_logs
         WHERE id = $1 AND environment_id = $2 RETURNING id, created_at AS "createdAt"`,
        [logId, environmentId, attempt],
      );
      const detail = { logId, attempt };
      await audit(manager, {
        environmentId,
        actor,
        action: 'webhook.retried',
        subjectId: endpointId,
        detail,
      });
      const { id, createdAt: queuedAt } = queued;
      return { kind: 'queued', logId: id, queuedAt, deliveryId: log.deliveryId, attempt };
    });
  }
}

/** A try that was asked for, or whose process died, and whose endpoint was deleted since: nobody will end its log. */
const WILL_NOT_END = `(log.status = 'pending' AND endpoint.deleted_at IS NOT NULL
  AND (delivery.in_hand_until IS NULL OR delivery.in_hand_until < clock_timestamp()))`;

const COLUMNS = `log.id, log.endpoint_id AS "endpointId", log.event, log.attempt,
  CASE WHEN ${WILL_NOT_END} THEN 'failed' ELSE log.status END AS status,
  log.http_status AS "httpStatus", log.response_body AS "responseBody", log.response_headers AS "responseHeaders",
  CASE WHEN ${WILL_NOT_END} THEN 'webhook_deleted' ELSE log.error END AS error, log.duration_ms AS "durationMs", log.delivered_at AS "deliveredAt", log.created_at AS "createdAt",
  coalesce(log.test_body, delivery.body, event.body) AS "requestBody"`;

async function lockDelivery(
  manager: EntityManager,
  environmentId: string,
  id: string,
): Promise<{ status: string; attempts: number; underWay: boolean }> {
  await manager.query(`SELECT FROM webhook_deliveries WHERE id = $1 AND environment_id = $2 FOR UPDATE`, [
    id,
    environmentId,
  ]);
  const [delivery] = await manager.query<[{ status: string; attempts: number; underWay: boolean }]>(
    `SELECT status, attempts, EXISTS (
       SELECT FROM webhook_logs WHERE delivery_id = delivery.id AND status = 'pending') AS "underWay"
     FROM webhook_deliveries AS delivery WHERE id = $1 AND environment_id = $2`,
    [id, environmentId],
  );
  return delivery;
}

/**
 * Forgets logs, deliveries that are settled and events that are as old as that, and secrets of before whose time is
 * over. What an endpoint that is switched off is still owed by then is given up: it would go out unasked some day. Returns how
 * many rows, of all together.
 */
export async function forgetOldWebhooks(manager: EntityManager, limit: number): Promise<number> {
  let forgotten = 0;
  for (const rows of OLD_ROWS) {
    const [, count] = await manager.query<[unknown[], number]>(rows, [limit]);
    forgotten += count;
  }
  return forgotten;
}

/** Rows of a table that their environments keep no more. A clock that is asked again for each row would have all of them read. */
const OLD = (
  from: string,
  more: string,
) => `SELECT old.ctid FROM environments AS environment CROSS JOIN LATERAL (
  SELECT ${from} WHERE ${more}
    AND owned.environment_id = environment.id
    AND owned.created_at < (SELECT clock_timestamp()) - environment.webhook_log_retention_days * interval '1 day'
  LIMIT $1) AS old LIMIT $1`;

const OLD_ROWS = [
  `UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL WHERE ctid IN (
     SELECT delivery.ctid FROM webhook_endpoints AS endpoint JOIN webhook_deliveries AS delivery
       ON delivery.endpoint_id = endpoint.id JOIN environments AS environment ON environment.id = endpoint.environment_id
     WHERE NOT endpoint.enabled
       AND greatest(delivery.next_attempt_at, delivery.created_at)
         < clock_timestamp() - environment.webhook_log_retention_days * interval '1 day' LIMIT $1)
     AND status IN ('pending', 'retrying') AND in_hand_until IS NULL`,
  `DELETE FROM webhook_logs WHERE ctid IN (${OLD('owned.ctid FROM webhook_logs AS owned', 'true')})`,
  `DELETE FROM webhook_deliveries AS delivery WHERE ctid IN (${OLD(
    `delivery.ctid FROM webhook_events AS owned JOIN webhook_deliveries AS delivery ON delivery.event_id = owned.id`,
    `delivery.next_attempt_at IS NULL AND NOT EXISTS (SELECT FROM webhook_logs WHERE delivery_id = delivery.id)`,
  )}) AND delivery.next_attempt_at IS NULL`,
  `DELETE FROM webhook_events WHERE ctid IN (${OLD(
    'owned.ctid FROM webhook_events AS owned',
    'NOT EXISTS (SELECT FROM webhook_deliveries WHERE event_id = owned.id)',
  )})`,
  `UPDATE webhook_endpoints SET previous_sealed_secret = NULL, previous_secret_until = NULL WHERE ctid IN (
     SELECT ctid FROM webhook_endpoints WHERE previous_secret_until <= clock_timestamp() LIMIT $1)`,
];
