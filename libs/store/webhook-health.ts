import type { EntityManager } from 'typeorm';
import { healthAfter, type EndpointHealth, type TryVerdict } from '#policy/webhook-health.js';
import { audit } from './audit.js';
import { databaseClock } from './reading.js';
import type { DisabledEndpoint, EndedTry } from './webhook-try.js';

type StoredHealth = EndpointHealth & { id: string; environmentId: string; webhookUrl: string };

/**
 * Notes what tries say of their endpoints. Of those that were healthy and still are, nothing is read or written. One
 * that is switched off is noted down in the audit log, as done by the dialer.
 */
export async function noteHealth(manager: EntityManager, tries: EndedTry[]): Promise<DisabledEndpoint[]> {
  const ids = [...new Set(tries.map(({ endpointId }) => endpointId))];
  const failed = tries.filter(({ verdict }) => verdict.kind !== 'taken').map(({ endpointId }) => endpointId);
  const stored = await manager.query<StoredHealth[]>(
    `SELECT id, environment_id AS "environmentId", webhook_url AS "webhookUrl", consecutive_failures AS "consecutiveFailures",
       failing_since AS "failingSince", paused_until AS "pausedUntil", pauses
     FROM webhook_endpoints
     WHERE id = ANY ($1) AND (id = ANY ($2) OR consecutive_failures > 0) AND enabled
     ORDER BY id FOR NO KEY UPDATE`,
    [ids, failed],
  );
  if (stored.length === 0) return [];
  const now = await databaseClock(manager);
  const disabled: DisabledEndpoint[] = [];
  for (const endpoint of stored) {
    const verdicts = tries
      // One that moved meanwhile is not judged by what its old address says: a receiver that moves says 410 there.
      .filter(
        ({ endpointId, webhookUrl }) => endpointId === endpoint.id && webhookUrl === endpoint.webhookUrl,
      )
      .map(({ verdict }) => verdict);
    const because = await write(manager, endpoint, verdicts, now);
    if (because !== null) disabled.push({ endpointId: endpoint.id, because });
  }
  return disabled;
}

async function write(
  manager: EntityManager,
  { id, environmentId, webhookUrl: _, ...before }: StoredHealth,
  verdicts: TryVerdict[],
  now: Date,
): Promise<DisabledEndpoint['because'] | null> {
  let health: EndpointHealth = before;
  let because: DisabledEndpoint['because'] | null = null;
  for (const verdict of verdicts) {
    const decision = healthAfter(health, verdict, now);
    health = decision.health;
    because ??= decision.disable;
  }
  const { consecutiveFailures, failingSince, pausedUntil, pauses } = health;
  await manager.query(
    `UPDATE webhook_endpoints SET consecutive_failures = $2, failing_since = $3, paused_until = $4, pauses = $5,
       enabled = $6::text IS NULL, disabled_because = $6
     WHERE id = $1 AND enabled`,
    [id, consecutiveFailures, failingSince, pausedUntil, pauses, because],
  );
  if (because === null) return null;
  const detail = { because, consecutiveFailures, failingSince };
  await audit(manager, { environmentId, actor: 'dialer', action: 'webhook.disabled', subjectId: id, detail });
  return because;
}
