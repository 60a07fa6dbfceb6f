import { Worker } from 'bullmq';
import { Pool } from 'pg';

/**
 * A dialer as they are commonly written: it looks at the call, asks the carrier to ring, and writes that down. It is
 * here to be beaten: the harness must see what goes wrong with it. RIVAL=naive has BullMQ's own retries, RIVAL=tuned
 * has them switched off, as is the usual advice.
 */
const {
  DATABASE_URL,
  REDIS_URL = '',
  QUEUE_PREFIX = '',
  CARRIER_URL = '',
  CALLBACK_URL = '',
  RIVAL,
} = process.env;
const isTuned = RIVAL === 'tuned';

const pool = new Pool({ connectionString: DATABASE_URL });
pool.on('error', () => undefined);

const worker = new Worker<{ callId: string }>(
  'rival',
  async ({ data: { callId } }) => {
    const { rows } = await pool.query<{ status: string; to_number: string }>(
      `SELECT status, to_number FROM rival_calls WHERE id = $1`,
      [callId],
    );
    const [call] = rows;
    if (call?.status !== 'queued') return;
    const answer = await fetch(`${CARRIER_URL}/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: callId, to: call.to_number, callback_url: CALLBACK_URL }),
    });
    if (!answer.ok && answer.status !== 422) throw new Error(`The carrier answered ${answer.status}.`);
    await pool.query(`UPDATE rival_calls SET status = $2 WHERE id = $1`, [
      callId,
      answer.ok ? 'dialled' : 'failed',
    ]);
  },
  {
    connection: { url: REDIS_URL, maxRetriesPerRequest: null },
    prefix: QUEUE_PREFIX,
    concurrency: 8,
    // As by default, but ten times as fast, so that a run of a minute shows what an hour would.
    lockDuration: 3_000,
    stalledInterval: 3_000,
    maxStalledCount: isTuned ? 0 : 1,
  },
);
worker.on('error', () => undefined);
worker.on('failed', (job) => {
  if (job === undefined || job.attemptsMade < (job.opts.attempts ?? 1)) return;
  void pool
    .query(`UPDATE rival_calls SET status = 'failed' WHERE id = $1 AND status = 'queued'`, [job.data.callId])
    .catch(() => undefined);
});
