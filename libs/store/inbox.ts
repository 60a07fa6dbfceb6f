import { In, type EntityManager } from 'typeorm';
import { reduceEvents, type AttemptProgress, type CarrierEvent } from '#policy/reduce-events.js';
import { ProviderEvent } from './provider-event.entity.js';

/** What the whole inbox tells of an attempt, null while it is silent; and its entries that nobody has applied. */
export async function readInbox(
  manager: EntityManager,
  attemptId: string,
): Promise<[AttemptProgress | null, unapplied: string[]]> {
  const inbox = await manager.findBy(ProviderEvent, { attemptId });
  const unapplied = inbox.filter(({ appliedAt }) => appliedAt === null).map(({ id }) => id);
  return [reduceEvents(inbox.map(({ event }) => revived(event))), unapplied];
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
