import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { triesAtOnce, type EndpointHealth } from '#policy/webhook-health.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';
import { SIGNING_SECRETS, type WebhookEndpoint } from './webhook-endpoint.entity.js';
import { noteHealth } from './webhook-health.js';
import type { DisabledEndpoint, EndedTry, TakenDelivery, WebhookTarget } from './webhook-try.js';

/** An endpoint that is owed something. */
export interface OwedEndpoint {
  endpointId: string;
  environmentId: string;
}

/** How many deliveries of an endpoint may be taken at most. */
export interface Turn {
  endpointId: string;
  most: number;
}

/** How much longer than its timeout a try may take before somebody else tries. */
const GRACE_SECONDS = 10;

/** The outbox's other half: deliveries owed become deliveries made, at least once each. */
@Injectable()
export class WebhookDeliveriesStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** The endpoints that these deliveries are owed to. */
  async endpointsOf(deliveryIds: string[]): Promise<OwedEndpoint[]> {
    return this.database.everywhere((manager) =>
      manager.query(
        `SELECT DISTINCT endpoint_id AS "endpointId", environment_id AS "environmentId" FROM webhook_deliveries
         WHERE id = ANY ($1) AND next_attempt_at IS NOT NULL`,
        [deliveryIds],
      ),
    );
  }

  /**
   * Endpoints that are owed something by now and are not left alone, in the order of their ids. It steps from endpoint
   * to endpoint: what one of them is owed, a million deliveries or one, takes the same time.
   * @param after goes on after this endpoint; null: from the first
   */
  async endpointsOwed(after: string | null, limit: number): Promise<OwedEndpoint[]> {
    return this.database.everywhere((manager) =>
      manager.query(
        `WITH RECURSIVE owed AS (
           (SELECT endpoint_id FROM webhook_deliveries
            WHERE next_attempt_at IS NOT NULL AND ($1::uuid IS NULL OR endpoint_id > $1)
            ORDER BY endpoint_id LIMIT 1)
           UNION ALL
           SELECT (SELECT endpoint_id FROM webhook_deliveries
                   WHERE next_attempt_at IS NOT NULL AND endpoint_id > owed.endpoint_id
                   ORDER BY endpoint_id LIMIT 1)
           FROM owed WHERE owed.endpoint_id IS NOT NULL
         )
         SELECT endpoint.id AS "endpointId", endpoint.environment_id AS "environmentId"
         FROM owed JOIN webhook_endpoints AS endpoint ON endpoint.id = owed.endpoint_id
         WHERE endpoint.enabled
           AND (endpoint.paused_until IS NULL OR endpoint.paused_until <= (SELECT clock_timestamp()))
           AND EXISTS (SELECT FROM webhook_deliveries
                       WHERE endpoint_id = endpoint.id AND next_attempt_at <= (SELECT clock_timestamp()))
         LIMIT $2`,
        [after, limit],
      ),
    );
  }

  /**
   * Takes deliveries that are due in hand, the longest due first, and begins their logs: of each endpoint as many as its
   * turn, its owner and its health allow. Should this process die now, they are due again after their timeout. Nothing
   * of an endpoint that somebody else is taking from at this moment.
   */
  async take(turns: Turn[]): Promise<TakenDelivery[]> {
    return this.database.everywhere(async (manager) => {
      const locked = await lockTurns(manager, turns);
      // In a statement after the locks, so that what others have taken meanwhile is counted.
      const endpoints = await endpointsAt(manager, locked);
      const now = await databaseClock(manager);
      const asked = new Map(turns.map(({ endpointId, most }) => [endpointId, most]));
      const roomOf = (endpoint: EndpointInHand) =>
        Math.min(
          asked.get(endpoint.id) ?? 0,
          triesAtOnce(endpoint, endpoint.maxConcurrentDeliveries, now) - endpoint.inHand,
        );
      const withRoom = endpoints.filter((endpoint) => roomOf(endpoint) > 0);
      if (withRoom.length === 0) return [];
      const rows = await takeDue(manager, withRoom, withRoom.map(roomOf), now);
      const byId = new Map(withRoom.map((endpoint) => [endpoint.id, endpoint]));
      const taken = rows.flatMap((row) => {
        const endpoint = byId.get(row.endpointId);
        return endpoint === undefined ? [] : [{ ...targetOf(endpoint), ...row }];
      });
      await beginLogs(manager, taken);
      return taken;
    });
  }

  /**
   * Records what tries came to: each delivery is settled or due again, its log ended, its endpoint's health noted. A try
   * that took so long that another one was begun is logged, and settles nothing.
   * @returns the endpoints that were switched off by it
   */
  async record(tries: EndedTry[]): Promise<DisabledEndpoint[]> {
    return this.database.everywhere(async (manager) => {
      // Endpoints before deliveries, as whoever deletes an endpoint locks them.
      const disabled = await noteHealth(manager, tries);
      await settle(manager, tries);
      await endLogs(manager, tries);
      return disabled;
    });
  }

  /** Gives tries back that this process will not see the end of: they are due at once, and cost nothing of their plan. */
  async giveBack(tries: Pick<TakenDelivery, 'id' | 'attempt'>[]): Promise<void> {
    const parameters = [tries.map(({ id }) => id), tries.map(({ attempt }) => attempt)];
    await this.database.everywhere(async (manager) => {
      await manager.query(
        `UPDATE webhook_deliveries AS delivery SET in_hand_until = NULL, next_attempt_at = clock_timestamp(),
           tries_before = tries_before + 1
         FROM unnest($1::uuid[], $2::integer[]) AS given (id, attempt)
         WHERE delivery.id = given.id AND delivery.attempts = given.attempt AND delivery.status = 'retrying'
           AND delivery.in_hand_until IS NOT NULL`,
        parameters,
      );
      await manager.query(
        `UPDATE webhook_logs AS log SET status = 'retrying', error = 'interrupted'
         FROM unnest($1::uuid[], $2::integer[]) AS given (id, attempt)
         WHERE log.delivery_id = given.id AND log.attempt = given.attempt AND log.status = 'pending'`,
        parameters,
      );
    });
  }
}

type EndpointInHand = Omit<WebhookTarget, 'sealedSecrets'> &
  EndpointHealth &
  Pick<WebhookEndpoint, 'id' | 'maxRetries' | 'maxConcurrentDeliveries'> & {
    sealedSecrets: (string | null)[];
    /** Tries under way. */
    inHand: number;
  };

type DueRow = Pick<
  TakenDelivery,
  'id' | 'environmentId' | 'endpointId' | 'attempt' | 'triesBefore' | 'eventId' | 'callId' | 'event' | 'body'
>;

/** One process at a time takes from an endpoint, so that its limit is counted right; nobody waits. */
async function lockTurns(manager: EntityManager, turns: Turn[]): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT id FROM unnest($1::uuid[]) AS turn (id)
     WHERE pg_try_advisory_xact_lock(hashtextextended('webhooks:' || id, 0))`,
    [turns.map(({ endpointId }) => endpointId)],
  );
  return rows.map(({ id }) => id);
}

function endpointsAt(manager: EntityManager, ids: string[]): Promise<EndpointInHand[]> {
  return manager.query(
    `SELECT endpoint.id, endpoint.webhook_url AS "webhookUrl", endpoint.http_method AS "httpMethod",
       endpoint.timeout_seconds AS "timeoutSeconds", endpoint.max_retries AS "maxRetries",
       ${SIGNING_SECRETS} AS "sealedSecrets", endpoint.authorization_scheme AS "authorizationScheme",
       endpoint.sealed_authorization_credential AS "sealedAuthorizationCredential",
       endpoint.custom_headers AS "customHeaders", endpoint.max_concurrent_deliveries AS "maxConcurrentDeliveries",
       endpoint.consecutive_failures AS "consecutiveFailures", endpoint.failing_since AS "failingSince",
       endpoint.paused_until AS "pausedUntil", endpoint.pauses, open.count AS "inHand"
     FROM webhook_endpoints AS endpoint
       CROSS JOIN LATERAL (
         SELECT count(*)::integer AS count FROM webhook_deliveries
         WHERE endpoint_id = endpoint.id AND in_hand_until > (SELECT clock_timestamp())) AS open
     WHERE endpoint.id = ANY ($1) AND endpoint.enabled
     -- Endpoints before deliveries, as whoever deletes an endpoint locks them: the logs' foreign key would ask for it later.
     ORDER BY endpoint.id FOR KEY SHARE OF endpoint`,
    [ids],
  );
}

async function takeDue(
  manager: EntityManager,
  endpoints: EndpointInHand[],
  rooms: number[],
  now: Date,
): Promise<DueRow[]> {
  const [rows] = await manager.query<[DueRow[], number]>(
    // Materialized, or a join may ask again and again, and each time get as many as there is room for.
    `WITH due AS MATERIALIZED (
       SELECT owed.id, $4::timestamptz + turn.seconds * interval '1 second' AS until
       FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS turn (endpoint_id, room, seconds)
         CROSS JOIN LATERAL (
           SELECT id FROM webhook_deliveries
           WHERE endpoint_id = turn.endpoint_id AND next_attempt_at <= $4
           ORDER BY next_attempt_at LIMIT turn.room FOR UPDATE SKIP LOCKED) AS owed
     )
     UPDATE webhook_deliveries AS delivery SET attempts = delivery.attempts + 1, status = 'retrying',
       in_hand_until = due.until, next_attempt_at = due.until
     FROM due, webhook_events AS event
     WHERE delivery.id = due.id AND event.id = delivery.event_id
       AND delivery.status IN ('pending', 'retrying') AND delivery.next_attempt_at <= $4
     RETURNING delivery.id, delivery.environment_id AS "environmentId", delivery.endpoint_id AS "endpointId",
       delivery.attempts AS attempt, delivery.tries_before AS "triesBefore", event.id AS "eventId",
       event.call_id AS "callId", event.type AS event, coalesce(delivery.body, event.body) AS body`,
    [
      endpoints.map(({ id }) => id),
      rooms,
      endpoints.map(({ timeoutSeconds }) => timeoutSeconds + GRACE_SECONDS),
      now,
    ],
  );
  return rows;
}

function targetOf(endpoint: EndpointInHand): WebhookTarget & { maxRetries: number } {
  const { webhookUrl, httpMethod, timeoutSeconds, maxRetries, sealedSecrets } = endpoint;
  const { authorizationScheme, sealedAuthorizationCredential, customHeaders } = endpoint;
  return {
    webhookUrl,
    httpMethod,
    timeoutSeconds,
    maxRetries,
    sealedSecrets: sealedSecrets.filter((secret) => secret !== null),
    authorizationScheme,
    sealedAuthorizationCredential,
    customHeaders,
  };
}

/** A log that was made when somebody asked for the try is gone on with. */
async function beginLogs(manager: EntityManager, taken: TakenDelivery[]): Promise<void> {
  const again = taken.filter(({ attempt }) => attempt > 1);
  if (again.length > 0) {
    await manager.query(
      `UPDATE webhook_logs AS log SET status = 'retrying', error = 'interrupted'
       FROM unnest($1::uuid[], $2::integer[]) AS taken (id, attempt)
       WHERE log.delivery_id = taken.id AND log.attempt < taken.attempt AND log.status = 'pending'`,
      [again.map(({ id }) => id), again.map(({ attempt }) => attempt)],
    );
  }
  await manager.query(
    `INSERT INTO webhook_logs (environment_id, endpoint_id, delivery_id, event, attempt, status)
     SELECT *, 'pending' FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[])
     ON CONFLICT (delivery_id, attempt) DO NOTHING`,
    [
      taken.map(({ environmentId }) => environmentId),
      taken.map(({ endpointId }) => endpointId),
      taken.map(({ id }) => id),
      taken.map(({ event }) => event),
      taken.map(({ attempt }) => attempt),
    ],
  );
}

async function settle(manager: EntityManager, tries: EndedTry[]): Promise<void> {
  await manager.query(
    `UPDATE webhook_deliveries AS delivery SET status = ended.status, in_hand_until = NULL,
       next_attempt_at = clock_timestamp() + ended.retry_seconds * interval '1 second'
     FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::double precision[])
       AS ended (id, attempt, status, retry_seconds)
     WHERE delivery.id = ended.id AND delivery.attempts = ended.attempt AND delivery.status = 'retrying'`,
    [
      tries.map(({ id }) => id),
      tries.map(({ attempt }) => attempt),
      tries.map(statusAfter),
      tries.map(({ retrySeconds }) => retrySeconds),
    ],
  );
}

async function endLogs(manager: EntityManager, tries: EndedTry[]): Promise<void> {
  await manager.query(
    `UPDATE webhook_logs AS log SET status = ended.status, http_status = ended.http_status,
       response_body = ended.response_body, response_headers = ended.response_headers, error = ended.error,
       duration_ms = ended.duration_ms, delivered_at = CASE WHEN ended.status = 'success' THEN clock_timestamp() END
     FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[], $5::text[], $6::jsonb[], $7::text[], $8::integer[])
       AS ended (id, attempt, status, http_status, response_body, response_headers, error, duration_ms)
     WHERE log.delivery_id = ended.id AND log.attempt = ended.attempt AND log.status IN ('pending', 'retrying')
       AND log.duration_ms IS NULL`,
    [
      tries.map(({ id }) => id),
      tries.map(({ attempt }) => attempt),
      tries.map(statusAfter),
      tries.map(({ result }) => result.httpStatus),
      tries.map(({ result }) => result.responseBody),
      tries.map(({ result }) =>
        result.responseHeaders === null ? null : JSON.stringify(result.responseHeaders),
      ),
      tries.map(({ result }) => result.error),
      tries.map(({ result }) => result.durationMs),
    ],
  );
}

function statusAfter({ verdict, retrySeconds }: EndedTry): 'success' | 'retrying' | 'failed' {
  if (verdict.kind === 'taken') return 'success';
  return retrySeconds === null ? 'failed' : 'retrying';
}
