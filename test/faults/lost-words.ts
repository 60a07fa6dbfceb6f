import type { LedgerLine } from '../house.js';
import type { Trial } from './trial.js';

/** The share of requests whose answer is lost after the phone rang, and of callbacks that never come. */
const LOST = 0.05;

/**
 * Dials everything while the twin of a carrier loses answers and callbacks, each by its own chance.
 * @returns the twin's ledger, once all is over
 */
export async function dialLosingWords(trial: Trial): Promise<LedgerLine[]> {
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
  return ledger;
}
