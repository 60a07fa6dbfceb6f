import { createPostgresBackend, Queue } from 'bullmq';
import { runMigrations } from 'graphile-worker';
import PgBoss from 'pg-boss';
import type pg from 'pg';

export const RIVALS = ['bullmq', 'bullmq-postgres', 'pg-boss', 'graphile-worker'] as const;

export type Rival = (typeof RIVALS)[number];

/** A rival's queue, to fill before its dialer starts. `name` is its key in Redis or its schema in PostgreSQL. */
export interface QueuePlace {
  databaseUrl: string;
  redisUrl: string;
  name: string;
  client: pg.Client;
}

/** Jobs to be added in one request. */
const AT_ONCE = 500;

/** Of BullMQ's jobs. */
export interface JobWishes {
  /** When they are due, in epoch milliseconds; else at once. */
  dueAtMs?: number;
  /** Whether a job is found by its call's id: who edits jobs must be able to find them. */
  isNamed?: boolean;
}

/** Puts a job for each call into a rival's queue, as its own documentation says for many at once. */
export async function enqueue(
  rival: Rival,
  place: QueuePlace,
  callIds: readonly string[],
  wishes: JobWishes = {},
): Promise<void> {
  switch (rival) {
    case 'bullmq':
      return addBulk(new Queue(place.name, { connection: { url: place.redisUrl } }), callIds, wishes);
    case 'bullmq-postgres': {
      const connection = { connectionString: place.databaseUrl, schema: place.name, migrate: true };
      return addBulk(new Queue(place.name, { connection }, createPostgresBackend), callIds, wishes);
    }
    case 'pg-boss': {
      const boss = new PgBoss({ connectionString: place.databaseUrl, schema: place.name });
      await boss.start();
      await boss.createQueue('dial');
      for (const ids of inBatches(callIds)) {
        await boss.insert(ids.map((callId) => ({ name: 'dial', data: { callId } })));
      }
      return boss.stop({ graceful: false });
    }
    case 'graphile-worker':
      await runMigrations({ connectionString: place.databaseUrl, schema: place.name });
      await place.client.query(
        `SELECT count(*) FROM unnest($1::text[]) AS id,
           LATERAL ${place.name}.add_job('dial', json_build_object('callId', id)) AS job`,
        [callIds],
      );
  }
}

async function addBulk(
  queue: Pick<Queue, 'addBulk' | 'close'>,
  callIds: readonly string[],
  { dueAtMs, isNamed }: JobWishes,
): Promise<void> {
  for (const ids of inBatches(callIds)) {
    const delay = dueAtMs === undefined ? {} : { delay: Math.max(0, dueAtMs - Date.now()) };
    await queue.addBulk(
      ids.map((callId) => ({
        name: 'dial',
        data: { callId },
        opts: { ...delay, ...(isNamed ? { jobId: callId } : {}) },
      })),
    );
  }
  await queue.close();
}

/** As many at once as is good for all of them. */
export function inBatches<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, nth) =>
    items.slice(nth * AT_ONCE, (nth + 1) * AT_ONCE),
  );
}
