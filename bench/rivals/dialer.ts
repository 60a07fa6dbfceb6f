import { once } from 'node:events';
import { createServer } from 'node:http';
import { createPostgresBackend, DelayedError, setDefaultBackendFactory, Worker } from 'bullmq';
import { run } from 'graphile-worker';
import { DateTime } from 'luxon';
import pg from 'pg';
import PgBoss from 'pg-boss';

/**
 * The dialer that a careful team writes in a week: a job for each call, which looks at the call, its campaign, the
 * lists, the number's attempts and the calls under way, asks the carrier, and writes down what it did. The same work on
 * each queue, each with its own way to say "not yet". Pooled connections, indexes, and as much at once as was fastest.
 */
const {
  DATABASE_URL = '',
  QUEUE_DATABASE_URL = '',
  REDIS_URL = '',
  CARRIER_URL = '',
  RIVAL = '',
  QUEUE = '',
  CALLS_PER_SECOND = '',
  AT_ONCE_INSTEAD = '',
  CALLBACK_PORT = '',
} = process.env;

/** Of 10, 20, 50 and 100, the fastest with each queue here. */
const AT_ONCE = Number(AT_ONCE_INSTEAD) || 50;

const NOT_YET_SECONDS = 60;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 });

interface CallRow {
  id: string;
  campaign_id: string;
  to_number: string;
  status: string;
  attempts: number;
}

interface CampaignRow {
  status: string;
  timezone: string;
  opens: string;
  closes: string;
  max_attempts: number;
  max_concurrent: number;
}

/** @returns whether it is done with the call; if not, it is to be looked at again later */
async function dial(callId: string): Promise<boolean> {
  const call = await one<CallRow>(`SELECT * FROM rival_calls WHERE id = $1`, [callId]);
  if (call?.status !== 'queued') return true;
  const campaign = await one<CampaignRow>(`SELECT * FROM rival_campaigns WHERE id = $1`, [call.campaign_id]);
  if (campaign?.status !== 'active') return false;
  const time = DateTime.now().setZone(campaign.timezone).toFormat('HH:mm');
  if (time < campaign.opens || time >= campaign.closes) return false;
  const listed = await one(`SELECT 1 FROM rival_do_not_call WHERE to_number = $1`, [call.to_number]);
  if (listed !== undefined || call.attempts >= campaign.max_attempts) {
    await pool.query(`UPDATE rival_calls SET status = 'blocked' WHERE id = $1`, [callId]);
    return true;
  }
  const open = await one<{ count: number }>(
    `SELECT count(*)::integer AS count FROM rival_calls WHERE campaign_id = $1 AND status = 'dialling'`,
    [call.campaign_id],
  );
  if ((open?.count ?? 0) >= campaign.max_concurrent) return false;
  const { rowCount } = await pool.query(
    `UPDATE rival_calls SET status = 'dialling', attempts = attempts + 1 WHERE id = $1 AND status = 'queued'`,
    [callId],
  );
  if (rowCount !== 1) return true;
  await pool.query(`INSERT INTO rival_attempts (call_id, to_number) VALUES ($1, $2)`, [
    callId,
    call.to_number,
  ]);
  const answer = await fetch(`${CARRIER_URL}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: callId,
      to: call.to_number,
      callback_url: `http://127.0.0.1:${CALLBACK_PORT}/`,
    }),
  });
  const { provider_call_id: sid } = (await answer.json()) as { provider_call_id: string };
  await pool.query(`UPDATE rival_calls SET sid = $2 WHERE id = $1`, [callId, sid]);
  if (CALLBACK_PORT !== '') await toEnd(callId);
  return true;
}

/** Calls that are under way: where there is a port for callbacks, a job lasts as long as its call, and is its slot. */
const ends = new Map<string, () => void>();

async function toEnd(callId: string): Promise<void> {
  await new Promise<void>((end) => ends.set(callId, end));
  await pool.query(`UPDATE rival_calls SET status = 'done' WHERE id = $1`, [callId]);
}

if (CALLBACK_PORT !== '') {
  createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { id } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { id: string };
      const end = ends.get(id);
      ends.delete(id);
      end?.();
      // An end that comes before its call is waited for is told again.
      response.writeHead(end === undefined ? 503 : 200).end();
    });
  }).listen(Number(CALLBACK_PORT), '127.0.0.1');
}

async function one<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row | undefined> {
  return (await pool.query<Row>(text, values)).rows[0];
}

function notYet(): Date {
  return new Date(Date.now() + NOT_YET_SECONDS * 1000);
}

const queues: Record<string, () => unknown> = {
  bullmq: () => bullWorker({ url: REDIS_URL, maxRetriesPerRequest: null }),
  'bullmq-postgres': () => {
    setDefaultBackendFactory(createPostgresBackend);
    return bullWorker({ connectionString: QUEUE_DATABASE_URL, schema: QUEUE, migrate: true, max: 10 });
  },
  'pg-boss': async () => {
    const boss = new PgBoss({ connectionString: QUEUE_DATABASE_URL, schema: QUEUE, max: 10 });
    boss.on('error', (error) => process.stderr.write(`${error.message}\n`));
    await boss.start();
    const work = async (jobs: PgBoss.Job<{ callId: string }>[]) => {
      const done = await Promise.all(jobs.map(({ data }) => dial(data.callId)));
      const later = jobs.filter((_, nth) => done[nth] === false);
      if (later.length > 0) {
        await boss.insert(later.map(({ data }) => ({ name: 'dial', data, startAfter: notYet() })));
      }
    };
    // One asks for work twice a second at most: several, with much at a time, or it would be the clock that is measured.
    for (let nth = 0; nth < 4; nth += 1) {
      await boss.work<{ callId: string }>('dial', { batchSize: 250, pollingIntervalSeconds: 0.5 }, work);
    }
  },
  'graphile-worker': () =>
    run({
      pgPool: pool,
      schema: QUEUE,
      concurrency: AT_ONCE,
      pollInterval: 500,
      noHandleSignals: true,
      taskList: {
        dial: async (payload, helpers) => {
          const { callId } = payload as { callId: string };
          if (!(await dial(callId))) await helpers.addJob('dial', { callId }, { runAt: notYet() });
        },
      },
    }),
};

function bullWorker(connection: object): Worker<{ callId: string }> {
  const worker = new Worker<{ callId: string }>(
    QUEUE,
    async (job, token) => {
      if (await dial(job.data.callId)) return;
      await job.moveToDelayed(notYet().getTime(), token);
      throw new DelayedError();
    },
    {
      connection,
      concurrency: AT_ONCE,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 1000 },
      ...(CALLS_PER_SECOND === '' ? {} : { limiter: { max: Number(CALLS_PER_SECOND), duration: 1000 } }),
    },
  );
  worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
  return worker;
}

await pool.query('SELECT 1');
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await queues[RIVAL]?.();
