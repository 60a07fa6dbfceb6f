import type { Trial } from '../trial.js';

/** The share of requests whose answer is lost after the phone rang, and of webhooks that never come. */
const LOST = 0.05;

/**
 * LiveKit makes a call for every request, and forgets a callee with its leaving: its twin loses answers and webhooks, each by
 * its own chance, and the dialer has nothing but webhooks, and look-ups while a call lasts. Of a call that ended untold
 * nobody can say how.
 */
export async function livekit(trial: Trial): Promise<void> {
  const { house, breaches } = trial;
  await house.setFaults({ answer_lost: LOST, drop_callbacks: LOST });
  await trial.acceptAll();
  await trial.settle();
  const ledger = await house.ledger();
  // …90 loses its answer by itself.
  const lost = ledger.filter(
    ({ kind, result, to }) => kind === 'request' && result === 'dropped' && !to.endsWith('90'),
  );
  trial.faults += lost.length;
  if (lost.length === 0) breaches.push('no answer was lost');
  const told = new Set(
    ledger
      .filter(({ type, http_status: status }) => type === 'participant_left' && status === 204)
      .map(({ id }) => id),
  );
  for (const { kind, id } of ledger) if (kind === 'end' && !told.has(id)) trial.endedUnheard.add(id);
  if (trial.endedUnheard.size === 0) breaches.push('no end was lost');
  // Each room had its agent, and only one, before its phone rang: it was dispatched with the room.
  const dispatched = ledger.filter(({ type }) => type === 'dispatch').map(({ id }) => id);
  if (new Set(dispatched).size < dispatched.length) breaches.push('an agent was dispatched twice');
  const alone = ledger.filter(({ kind, id }) => kind === 'ring' && !dispatched.includes(id));
  if (alone.length > 0) breaches.push(`${alone.length} phones rang without an agent`);
}
