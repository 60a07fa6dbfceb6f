import { setTimeout as pause } from 'node:timers/promises';
import type { Trial } from '../trial.js';

/** Tables that grow with every call, attempt and callback. */
const GROWING = ['calls', 'attempts', 'provider_events'];

/**
 * PostgreSQL throws sessions out, crashes, cannot be reached, does not answer, holds a table, has no connection left
 * and no room on its disk.
 */
export async function postgres(trial: Trial): Promise<void> {
  const { servers, databaseUrl, random } = trial;
  const { proxy } = servers.postgres;
  const harm: (() => Promise<unknown>)[] = [
    () => servers.postgres.terminateBackends(databaseUrl),
    () => cutOff(trial, random.between(1_000, 3_000)),
    async () => {
      proxy.stall();
      await pause(random.between(500, 3_000));
      proxy.flow();
    },
    () => servers.postgres.lockTable(databaseUrl, 'calls', random.between(500, 2_500)),
    () =>
      servers.postgres.starve(databaseUrl, Math.floor(random.between(0, 4)), random.between(1_000, 3_000)),
    () => servers.postgres.fillDisk(databaseUrl, GROWING, random.between(500, 2_000)),
    async () => {
      await servers.postgres.crash();
      await trial.comes('PostgreSQL is back after its crash', 60_000, () =>
        trial.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      );
    },
  ];
  await trial.disturb(800, async (turn) => {
    // A dialer that loses the database between fence and request, or with a refusal in hand, cannot say so.
    trial.ambiguity.note();
    await harm[turn % harm.length]?.();
    trial.ambiguity.note();
  });
}

/** No dialer reaches the database: what had passed its fence may still leave, and nothing else. */
async function cutOff(trial: Trial, forMs: number): Promise<void> {
  const { proxy } = trial.servers.postgres;
  await proxy.cut();
  const cutAt = Date.now();
  await pause(forMs);
  const until = Date.now();
  await proxy.mend();
  const requested = (await trial.house.ledger())
    .filter(({ kind, at }) => kind === 'request' && Date.parse(at) > cutAt && Date.parse(at) < until)
    .map(({ id }) => id);
  const fenced = await trial.query(
    `SELECT id FROM attempts WHERE id = ANY ($1) AND sending_at <= to_timestamp($2::double precision / 1000)`,
    [requested, cutAt],
  );
  const unfenced = new Set(requested).size - fenced.length;
  if (unfenced > 0) trial.breaches.push(`${unfenced} requests without a fence while the database was away`);
}
