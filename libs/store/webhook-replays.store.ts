import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { fillTemplate, type PayloadTemplate } from '#policy/webhook-template.js';
import { audit } from './audit.js';
import { HEARS } from './outbox.js';
import { ScopedDatabase } from './scoped-database.js';
import type { Caller } from './tokens.store.js';

/** Of what happened from `since` on, and before `until` where that is given. */
export interface ReplayedTime {
  since: Date;
  until: Date | null;
}

export type ReplayResult =
  | { kind: 'not_found' }
  /** Nothing is told to an endpoint that is switched off. */
  | { kind: 'disabled' }
  | {
      kind: 'queued';
      /** Deliveries that were given up, or waited for their next try. */
      again: number;
      /** Events that the endpoint was never owed. */
      missed: number;
      /** There is more: ask again. */
      more: boolean;
      deliveryIds: string[];
    };

/** So many deliveries made again, and so many events owed anew, at one request: it must not outlast a statement's time. */
export const MOST_REPLAYED = 5_000;

/** Makes what an endpoint has not taken due again. */
@Injectable()
export class WebhookReplaysStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Owes an endpoint, at once and with the whole plan of tries again, what it has not taken: deliveries that were given
   * up or wait, and events that it now listens for and was not owed, because it was switched off or not there yet. Ids
   * and bodies stay as they are. Asked again, it finds only what is still not taken. Audited.
   */
  async replay(
    { environmentId, actor }: Caller,
    endpointId: string,
    time: ReplayedTime,
    limit = MOST_REPLAYED,
  ): Promise<ReplayResult> {
    return this.database.within(environmentId, async (manager) => {
      const [endpoint] = await manager.query<{ enabled: boolean }[]>(
        // One deleted in between would be owed what nobody sends any more.
        `SELECT enabled FROM webhook_endpoints
         WHERE environment_id = $1 AND id = $2 AND deleted_at IS NULL FOR KEY SHARE`,
        [environmentId, endpointId],
      );
      if (endpoint === undefined) return { kind: 'not_found' };
      if (!endpoint.enabled) return { kind: 'disabled' };
      const of: Asked = { environmentId, endpointId, ...time, limit };
      const again = [...(await makeAgain(manager, of, GIVEN_UP)), ...(await makeAgain(manager, of, WAITING))];
      const missed = await oweMissed(manager, of);
      const detail = { ...time, again: again.length, missed: missed.length };
      await audit(manager, {
        environmentId,
        actor,
        action: 'webhook.replayed',
        subjectId: endpointId,
        detail,
      });
      return {
        kind: 'queued',
        again: again.length,
        missed: missed.length,
        more: again.length >= limit || missed.length >= limit,
        deliveryIds: [...again, ...missed],
      };
    });
  }
}

type Asked = ReplayedTime & { environmentId: string; endpointId: string; limit: number };

const GIVEN_UP = `status = 'failed'`;
const WAITING = `status = 'retrying' AND next_attempt_at > clock_timestamp() AND in_hand_until IS NULL`;

async function makeAgain(manager: EntityManager, asked: Asked, state: string): Promise<string[]> {
  const [rows] = await manager.query<[{ id: string }[], number]>(
    `WITH asked AS MATERIALIZED (
       SELECT delivery.id FROM webhook_deliveries AS delivery JOIN webhook_events AS event ON event.id = delivery.event_id
       WHERE delivery.environment_id = $1 AND delivery.endpoint_id = $2 AND event.created_at >= $3
         AND ($4::timestamptz IS NULL OR event.created_at < $4) AND ${state}
       ORDER BY event.created_at LIMIT $5 FOR UPDATE OF delivery SKIP LOCKED)
     UPDATE webhook_deliveries SET status = 'retrying', next_attempt_at = clock_timestamp(), tries_before = attempts
     WHERE id IN (SELECT id FROM asked) AND ${state}
     RETURNING id`,
    [asked.environmentId, asked.endpointId, asked.since, asked.until, asked.limit],
  );
  return rows.map(({ id }) => id);
}

interface MissedEvent {
  id: string;
  template: PayloadTemplate | null;
  /** With a template only. */
  body: string | null;
}

async function oweMissed(manager: EntityManager, asked: Asked): Promise<string[]> {
  const missed = await manager.query<MissedEvent[]>(
    `SELECT event.id, endpoint.payload_templates -> event.type AS template,
       CASE WHEN endpoint.payload_templates ? event.type THEN event.body END AS body
     FROM webhook_endpoints AS endpoint JOIN webhook_events AS event ON event.environment_id = endpoint.environment_id
       AND (event.campaign_id = endpoint.campaign_id OR event.agent_id = endpoint.agent_id) AND ${HEARS}
     WHERE endpoint.environment_id = $1 AND endpoint.id = $2 AND event.created_at >= $3
       AND ($4::timestamptz IS NULL OR event.created_at < $4)
       AND NOT EXISTS (SELECT FROM webhook_deliveries WHERE event_id = event.id AND endpoint_id = endpoint.id)
     ORDER BY event.created_at LIMIT $5`,
    [asked.environmentId, asked.endpointId, asked.since, asked.until, asked.limit],
  );
  if (missed.length === 0) return [];
  const rows = await manager.query<{ id: string }[]>(
    `INSERT INTO webhook_deliveries (environment_id, event_id, endpoint_id, body)
     SELECT $1, owed.id, $2, owed.body FROM unnest($3::uuid[], $4::text[]) AS owed (id, body)
     ON CONFLICT (event_id, endpoint_id) DO NOTHING RETURNING id`,
    [
      asked.environmentId,
      asked.endpointId,
      missed.map(({ id }) => id),
      missed.map(({ template, body }) =>
        template === null || body === null ? null : fillTemplate(template, JSON.parse(body)),
      ),
    ],
  );
  return rows.map(({ id }) => id);
}
