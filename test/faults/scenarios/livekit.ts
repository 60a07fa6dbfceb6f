import { dialLosingWords } from '../lost-words.js';
import type { Trial } from '../trial.js';

/**
 * LiveKit makes a call for every request, and forgets a callee with its leaving: its twin loses answers and webhooks, each by
 * its own chance, and the dialer has nothing but webhooks, and look-ups while a call lasts. Of a call that ended untold
 * nobody can say how.
 */
export async function livekit(trial: Trial): Promise<void> {
  const { breaches } = trial;
  const ledger = await dialLosingWords(trial);
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
