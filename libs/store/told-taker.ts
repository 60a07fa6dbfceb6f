import type { EntityManager } from 'typeorm';
import type { AttemptProgress } from '#policy/reduce-events.js';
import { eventsOfTaker, type ToldTaker } from '#policy/webhook-events.js';
import type { LockedAttempt } from './attempt-moves.js';
import { Call } from './call.entity.js';
import { oweCallEvents } from './outbox.js';

/**
 * Tells webhooks, once, that an attempt was taken, and by whom as far as the carrier says: at once for one that is open,
 * as late proof for one that is parked. Returns the webhook deliveries now owed.
 */
export async function tellTaker(
  manager: EntityManager,
  { attempt, now }: LockedAttempt,
  { answeredAt, answeredBy }: Pick<AttemptProgress, 'answeredAt' | 'answeredBy'>,
): Promise<string[]> {
  const told = attempt.answeredBy;
  const known: ToldTaker = answeredBy ?? (answeredAt === null ? null : 'somebody');
  const types = eventsOfTaker(told, known);
  if (types.length === 0) return [];
  const [, moved] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET answered_by = $2
     WHERE id = $1 AND answered_by IS NOT DISTINCT FROM $3 AND status IN ('placed', 'unknown')`,
    [attempt.id, known, told],
  );
  if (moved === 0) return [];
  attempt.answeredBy = known;
  const call = await manager.findOneByOrFail(Call, { id: attempt.callId });
  return oweCallEvents(manager, call, types, now, attempt);
}
