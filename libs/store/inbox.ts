import { In, type EntityManager } from 'typeorm';
import { reduceEvents, type AttemptProgress, type CarrierEvent } from '#policy/reduce-events.js';
import { ProviderEvent } from './provider-event.entity.js';
import { preparing } from './scoped-database.js';

/** What the whole inbox tells of an attempt, null while it is silent. */
export async function readInbox(manager: EntityManager, attemptId: string): Promise<AttemptProgress | null> {
  const { progress } = await readInboxes(manager, [attemptId]);
  return progress.get(attemptId) ?? null;
}

/**
 * What it tells of some attempts, by their ids, but for those that it is silent of; and its entries that nobody has applied.
 * What the carrier of another trunk says of an attempt is kept, and believed by nobody: it never had it.
 */
export async function readInboxes(
  manager: EntityManager,
  attemptIds: string[],
): Promise<{ progress: Map<string, AttemptProgress>; unapplied: InboxRow[] }> {
  const entries = await preparing(manager).query<InboxRow[]>(
    `SELECT told.id, told.attempt_id AS "attemptId", told.event, told.applied_at IS NULL AS "isNew",
            coalesce(told.provider = attempts.trunk, true) AS "isItsOwn"
     FROM provider_events AS told LEFT JOIN attempts ON attempts.id = told.attempt_id
     WHERE told.attempt_id = ANY ($1)`,
    [attemptIds],
  );
  const events = new Map<string, CarrierEvent[]>();
  for (const { attemptId, event, isItsOwn } of entries)
    if (isItsOwn) events.set(attemptId, [...(events.get(attemptId) ?? []), revived(event)]);
  const progress = [...events].flatMap(([attemptId, told]): [string, AttemptProgress][] => {
    const reduced = reduceEvents(told);
    return reduced === null ? [] : [[attemptId, reduced]];
  });
  const unapplied = entries.filter(({ isNew }) => isNew);
  return { progress: new Map(progress), unapplied };
}

/** An entry, as it was read. */
export interface InboxRow {
  id: string;
  attemptId: string;
  /** Its dates are ISO strings. */
  event: CarrierEvent;
  isNew: boolean;
  isItsOwn: boolean;
}

/** The attempts that entries are about, which nobody has applied. */
export async function attemptsToldOf(manager: EntityManager, eventIds: string[]): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT DISTINCT attempt_id AS id FROM provider_events WHERE id = ANY ($1) AND applied_at IS NULL`,
    [eventIds],
  );
  return rows.map(({ id }) => id);
}

/** Marks the entries that were read; one that came in since is another's to apply. */
export async function markApplied(manager: EntityManager, ids: string[], at: Date): Promise<void> {
  if (ids.length > 0) await manager.update(ProviderEvent, { id: In(ids) }, { appliedAt: at });
}

/** jsonb gives dates back as text. */
function revived(event: CarrierEvent): CarrierEvent {
  const { at, answeredAt } = event;
  return { ...event, at: new Date(at), answeredAt: answeredAt === null ? null : new Date(answeredAt) };
}
