import { createHmac, randomUUID } from 'node:crypto';
import type { House } from '../../house.js';
import type { Trial } from '../trial.js';

/** Callbacks are dropped, doubled, shuffled, late and early; strangers send forged ones, the carrier very old ones. */
export async function callbacks(trial: Trial): Promise<void> {
  const { house, breaches } = trial;
  await house.setFaults({ drop_callbacks: 0.1, duplicate_callbacks: 0.3, shuffle_callbacks: 0.3 });
  await trial.disturb(300, async (turn) => {
    await house.setFaults({ callback_delay_ms: turn % 2 === 0 ? 400 : 0 });
    const [attempt] = await trial.query(`SELECT id FROM attempts ORDER BY random() LIMIT 1`);
    const of = (attempt?.id as string | undefined) ?? randomUUID();
    // 429: as the sixty-first of a minute.
    const forged = await tell(house, of, 'a forger');
    if (forged !== 401 && forged !== 429) breaches.push('a forged callback was not refused');
    if ((await tell(house, randomUUID())) !== 204) breaches.push('a callback about nobody was not put away');
  });
  await house.setFaults({});
  const before = await trial.statuses();
  const ended = await trial.query(`SELECT id FROM attempts WHERE status IN ('ended', 'released') LIMIT 50`);
  for (const { id } of ended) {
    const status = await tell(house, id as string);
    if (status !== 204) breaches.push(`a late callback was answered with ${status}`);
  }
  // What they come to shows once they are applied.
  await trial.comes('late callbacks are kept and applied', 30_000, async () => {
    const applied = await trial.query(
      `SELECT FROM provider_events WHERE event_key LIKE 'late-%' AND applied_at IS NOT NULL AND attempt_id = ANY ($1)`,
      [ended.map(({ id }) => id)],
    );
    return applied.length >= ended.length;
  });
  const final = [...(await trial.statuses())].filter(([place, status]) => {
    const was = before.get(place);
    return was !== status && ['completed', 'voicemail', 'busy', 'no-answer', 'failed'].includes(was ?? '');
  });
  if (final.length > 0) breaches.push(`${final.length} ends were left after an old callback`);
}

/** A callback that an attempt was answered and completed an hour ago, signed by the carrier or by somebody else. */
async function tell(
  house: House,
  attemptId: string,
  secret = house.variables.CARRIER_SECRET,
): Promise<number> {
  const body = JSON.stringify({
    event_id: `late-${randomUUID()}`,
    id: attemptId,
    provider_call_id: 'sim-late',
    type: 'busy',
    at: new Date(Date.now() - 3_600_000).toISOString(),
    sequence: 99,
    duration_seconds: 0,
  });
  const signature = createHmac('sha256', secret ?? '')
    .update(body)
    .digest('hex');
  const answer = await fetch(house.url('/callbacks/simulated'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-carrier-signature': `sha256=${signature}` },
    body,
  });
  return answer.status;
}
