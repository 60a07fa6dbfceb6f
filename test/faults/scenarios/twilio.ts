import { dialLosingWords } from '../lost-words.js';
import type { Trial } from '../trial.js';

/**
 * Twilio has no key under which a request is made once, and cannot be asked by a reference: its twin loses answers and
 * callbacks, each by its own chance, and the dialer has nothing but callbacks, its gate and look-ups by likeness.
 */
export async function twilio(trial: Trial): Promise<void> {
  const { breaches } = trial;
  const ledger = await dialLosingWords(trial);
  const unasked = new Set(ledger.filter(({ kind }) => kind === 'answer').map(({ id }) => id));
  const endedAt = new Map(ledger.filter(({ kind }) => kind === 'end').map(({ id, at }) => [id, at]));
  for (const { type, id, document, at } of ledger) {
    if (type !== 'question') continue;
    unasked.delete(id);
    // At this speed a talk of a second takes four milliseconds: it may be over, and known to be, before it is answered for.
    if ((endedAt.get(id) ?? at) < at) continue;
    if (typeof document !== 'string' || !document.includes('<Stream'))
      breaches.push('an answered call met no agent');
  }
  if (unasked.size > 0) breaches.push(`${unasked.size} answered calls met no agent`);
}
