import type { EntityManager } from 'typeorm';
import { ERASED_NUMBER } from '#policy/phone-number.js';
import { fillTemplate, type PayloadTemplate } from '#policy/webhook-template.js';

interface ToldEvent {
  id: string;
  body: string;
}

/**
 * Takes a person out of what webhooks were told, or are owed: of some calls, and of whatever call to the number. What is owed
 * is told all the same, without number and context. Returns how many rows, by their tables.
 */
export async function eraseFromWebhooks(
  manager: EntityManager,
  environmentId: string,
  callIds: string[],
  to: string,
): Promise<Record<'webhook_events' | 'webhook_deliveries' | 'webhook_logs', number>> {
  const events = await manager.query<ToldEvent[]>(
    // As `callEventBody` writes it: calls that were erased before are known by nothing else.
    `SELECT id, body FROM webhook_events
     WHERE environment_id = $1 AND call_id IS NOT NULL AND (call_id = ANY ($2) OR strpos(body, $3) > 0)
     ORDER BY id FOR UPDATE`,
    [environmentId, callIds, `"to":${JSON.stringify(to)}`],
  );
  const told = new Map(events.map(({ id, body }) => [id, withoutPerson(body)]));
  const changed = events.filter(({ id, body }) => body !== told.get(id));
  await manager.query(
    `UPDATE webhook_events SET body = told.body FROM unnest($1::uuid[], $2::text[]) AS told (id, body)
     WHERE webhook_events.id = told.id`,
    [changed.map(({ id }) => id), changed.map(({ id }) => told.get(id))],
  );
  const ids = events.map(({ id }) => id);
  const deliveries = await eraseFilled(manager, ids, told);
  const [, logs] = await manager.query<[unknown[], number]>(
    // A receiver may have said back what it was told.
    `UPDATE webhook_logs SET response_body = NULL, response_headers = NULL
     WHERE delivery_id IN (SELECT id FROM webhook_deliveries WHERE event_id = ANY ($1))
       AND num_nonnulls(response_body, response_headers) > 0`,
    [ids],
  );
  return { webhook_events: changed.length, webhook_deliveries: deliveries, webhook_logs: logs };
}

/** Fills templates again, by what is left of their events. */
async function eraseFilled(
  manager: EntityManager,
  eventIds: string[],
  told: ReadonlyMap<string, string>,
): Promise<number> {
  const filled = await manager.query<
    { id: string; eventId: string; body: string; template: PayloadTemplate | null }[]
  >(
    `SELECT delivery.id, delivery.event_id AS "eventId", delivery.body, endpoint.payload_templates -> event.type AS template
     FROM webhook_deliveries AS delivery JOIN webhook_events AS event ON event.id = delivery.event_id
       JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
     WHERE delivery.event_id = ANY ($1) AND delivery.body IS NOT NULL ORDER BY delivery.id FOR UPDATE OF delivery`,
    [eventIds],
  );
  const again = filled.map(({ id, eventId, body, template }) => {
    const event: unknown = JSON.parse(told.get(eventId) ?? 'null');
    // Without its template of then, the event itself is told.
    return { id, before: body, body: template === null ? null : fillTemplate(template, event) };
  });
  const changed = again.filter(({ before, body }) => before !== body);
  await manager.query(
    `UPDATE webhook_deliveries SET body = filled.body FROM unnest($1::uuid[], $2::text[]) AS filled (id, body)
     WHERE webhook_deliveries.id = filled.id`,
    [changed.map(({ id }) => id), changed.map(({ body }) => body)],
  );
  return changed.length;
}

function withoutPerson(body: string): string {
  const event = JSON.parse(body) as { call?: Record<string, unknown>; context?: unknown };
  const call = event.call === undefined ? {} : { call: { ...event.call, to: ERASED_NUMBER } };
  return JSON.stringify({ ...event, ...call, context: {} });
}
