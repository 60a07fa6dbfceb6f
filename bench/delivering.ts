import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { In, type DataSource } from 'typeorm';
import { JobQueue } from '#jobs/job-queue.js';
import { JobsModule } from '#jobs/jobs.module.js';
import { Call } from '#store/call.entity.js';
import { oweEventsOfCalls } from '#store/outbox.js';
import { ScopedDatabase } from '#store/scoped-database.js';
import type { CallEventType } from '#policy/webhook-events.js';
import { judgeWebhooks, OWED, type CallToTell, type OwedRow } from '../test/faults/webhook-judge.js';
import type { OwnStores } from './own-stores.js';
import { cpuMicroseconds, MemoryOver } from './process-usage.js';
import type { Report } from './report.js';
import { TOLD_EVENTS, type CrowdCampaign, type WebhookCrowd } from './webhook-crowd.js';

/** Calls whose events are owed in one transaction at most. */
const BATCH = 50;

/** Events that may be owed and not yet taken by those who take all: a backlog, and no end of it. */
const AHEAD = 10_000;

/** Longest time in which nobody who takes all takes anything. */
const STILLNESS_MS = 40_000;

/** How much more memory the last third of the time may need than the second. */
const FLAT = 1.1;

interface Delivering {
  source: DataSource;
  stores: OwnStores;
  crowd: WebhookCrowd;
  dialers: readonly ChildProcess[];
  events: number;
  quick: boolean;
}

/** Owes so many events to all at once, waits until those that take them have, and judges by what receivers were told. */
export async function measureDelivering(plan: Delivering, report: Report): Promise<void> {
  const { source, crowd, dialers, quick } = plan;
  const memory = new MemoryOver(dialers);
  const cpuBefore = cpuMicroseconds(dialers);
  const startedAt = performance.now();
  const owing = oweAll(plan);
  await Promise.all([owing, untilTaken(source, crowd, owing)]);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuMicroseconds(dialers) - cpuBefore;
  const { middle, last, most } = memory.stop();
  const calls = await owing;

  const [{ tries }] = await source.query<[{ tries: number }]>(
    `SELECT count(*)::integer AS tries FROM webhook_logs WHERE status <> 'pending'`,
  );
  const events = [...calls.values()].flat().length * TOLD_EVENTS.length;
  report.figure('events, each to a healthy webhook and to another', events, 'events');
  report.figure('delivered in', seconds, 's');
  report.figure('events per second', events / seconds, 'events/s');
  report.figure('tries per second', tries / seconds, 'tries/s');
  report.cpu('try', { [`${dialers.length} dialers`]: [cpu / tries] });
  report.figure('memory of the dialers together, second third of the time', middle, 'MB');
  report.figure('memory of the dialers together, last third', last, 'MB');
  report.figure('memory of the dialers together, at most', most, 'MB');
  report.ratio('memory, last third / second', [last / middle]);
  if (!quick) report.holds('memory stays flat', last / middle <= FLAT);
  await judge(plan, calls, report);
}

/** Writes events and what is owed of them as the processes do: in the outbox, with a ticket after the commit. */
async function oweAll({ source, stores, crowd, events }: Delivering): Promise<Map<CrowdCampaign, string[]>> {
  const { databaseUrl, redisUrl, prefix } = stores;
  const access = { databaseUrl, redisUrl: redisUrl ?? undefined, isCluster: false, prefix, shards: 1 };
  const tickets = await NestFactory.createApplicationContext(JobsModule.for(access), { logger: false });
  const database = new ScopedDatabase(source, 'ringfence_dialer');
  const calls = new Map(crowd.campaigns.map((of): [CrowdCampaign, string[]] => [of, []]));
  const wanted = Math.ceil(events / TOLD_EVENTS.length);
  const batch = Math.min(BATCH, Math.ceil(wanted / calls.size));
  let made = 0;
  try {
    while (made < wanted) {
      for (const [of, ids] of calls) {
        const count = Math.min(batch, wanted - made);
        if (count === 0) break;
        const callIds = await endedCalls(source, of, made, count);
        const deliveryIds = await oweEvents(database, of, callIds);
        ids.push(...callIds);
        made += count;
        await tickets.get(JobQueue).deliverWebhooks(deliveryIds);
      }
      while (made * TOLD_EVENTS.length - crowd.heard > AHEAD) await pause(20);
    }
  } finally {
    await tickets.close();
  }
  return calls;
}

async function endedCalls(
  source: DataSource,
  { campaign }: CrowdCampaign,
  made: number,
  count: number,
): Promise<string[]> {
  const places = Array.from({ length: count }, (_, nth) => made + nth);
  const rows = await source.query<{ id: string }[]>(
    `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, outcome, finished_at, context)
     SELECT $1, $2, $3, '+1201' || 5550000 + place, 'completed', 'answered', clock_timestamp(), $5
     FROM unnest($4::integer[]) AS place RETURNING id`,
    [campaign.environmentId, campaign.id, campaign.agentId, places, { order: 'A-17' }],
  );
  return rows.map(({ id }) => id);
}

function oweEvents(database: ScopedDatabase, { campaign }: CrowdCampaign, ids: string[]): Promise<string[]> {
  return database.everywhere(async (manager) => {
    const calls = await manager.findBy(Call, { id: In(ids) });
    const changes = calls.map((call) => ({
      call,
      types: TOLD_EVENTS as CallEventType[],
      attempt: null,
    }));
    return oweEventsOfCalls(manager, campaign.environmentId, changes, new Date());
  });
}

/** Waits until those who take all have been told all, and it is noted down; or until nothing has moved for long. */
async function untilTaken(source: DataSource, crowd: WebhookCrowd, owing: Promise<unknown>): Promise<void> {
  const names = [...crowd.mustHear];
  let isOwing = true;
  const over = () => void (isOwing = false);
  owing.then(over, over);
  let [left, movedAt] = [-1, performance.now()];
  while (left !== 0 && performance.now() - movedAt < STILLNESS_MS) {
    await pause(250);
    if (isOwing) {
      movedAt = performance.now();
      continue;
    }
    const [{ count }] = await source.query<[{ count: number }]>(
      `SELECT count(*)::integer AS count FROM webhook_deliveries AS owed
         JOIN webhook_endpoints AS endpoint ON endpoint.id = endpoint_id
       WHERE endpoint.name = ANY ($1) AND next_attempt_at IS NOT NULL`,
      [names],
    );
    if (count !== left) movedAt = performance.now();
    left = count;
  }
}

async function judge(
  { source, crowd }: Delivering,
  calls: Map<CrowdCampaign, string[]>,
  report: Report,
): Promise<void> {
  const { told } = crowd.receivers;
  const owed = await source.query<OwedRow[]>(OWED);
  const toTell = (ids: string[]) =>
    ids.map((id): CallToTell => ({ id, events: TOLD_EVENTS.length, once: TOLD_EVENTS }));
  const mustHear = new Map(
    [...calls].flatMap(([{ webhooks }, ids]) =>
      webhooks.filter((name) => crowd.mustHear.has(name)).map((name) => [name, toTell(ids)] as const),
    ),
  );
  const found = judgeWebhooks(owed, told, mustHear);
  const again = told.length - new Set(told.map(({ webhook, id }) => `${webhook} ${id}`)).size;
  report.figure('tries that repeated one', again, 'tries');
  report.holds('every event is taken by every webhook that takes them', found.lost.length === 0);
  report.holds('each of its calls is heard of from the first number to the last', found.gaps.length === 0);
  report.holds('each event has one id', found.notOnce.length === 0);
  report.holds('and is noted down as taken', found.unsettled.length === 0);
  report.holds('nothing is noted down as taken that was not', found.falselyTaken.length === 0);
  report.holds('id and bytes are the same at every try', found.changed.length === 0 && again > 0);
  report.holds('every try is signed', found.unsigned.length === 0);
  await judgeOthers(source, crowd, report);
}

/** What is not taken is shown: given up after its tries, or owed. */
async function judgeOthers(source: DataSource, crowd: WebhookCrowd, report: Report): Promise<void> {
  const rows = await source.query<Record<string, number | string>[]>(
    `SELECT endpoint.name, count(*)::integer AS owed,
       (count(*) FILTER (WHERE status = 'success'))::integer AS taken,
       (count(*) FILTER (WHERE status = 'failed'))::integer AS "givenUp",
       (count(*) FILTER (WHERE status IN ('pending', 'retrying') AND next_attempt_at IS NOT NULL))::integer AS waiting,
       sum(attempts)::integer AS tries
     FROM webhook_deliveries JOIN webhook_endpoints AS endpoint ON endpoint.id = endpoint_id
     WHERE endpoint.name = ANY ($1) GROUP BY endpoint.name`,
    [crowd.names],
  );
  const byName = new Map(rows.map((row) => [row.name, row]));
  for (const name of crowd.names) {
    const of = byName.get(name);
    report.note(
      `${name}: ${of?.owed} events, ${of?.taken} taken, ${of?.givenUp} given up, ${of?.waiting} owed, ${of?.tries} tries`,
    );
  }
  const sums = rows.every((of) => of.owed === Number(of.taken) + Number(of.givenUp) + Number(of.waiting));
  report.holds(
    'what was not taken is given up or owed, and nothing else',
    sums && rows.length === crowd.names.length,
  );

  const wrong = await source.query<{ name: string; error: string | null; durationMs: number }[]>(
    `SELECT DISTINCT endpoint.name, log.error, log.duration_ms AS "durationMs"
     FROM webhook_logs AS log JOIN webhook_endpoints AS endpoint ON endpoint.id = log.endpoint_id
       JOIN unnest($1::text[], $2::text[]) AS expected (name, error) ON expected.name = endpoint.name
     WHERE log.status <> 'pending'
       AND (log.error IS DISTINCT FROM expected.error OR log.error = 'address_not_allowed' AND log.duration_ms > 0)`,
    [[...crowd.errorOf.keys()], [...crowd.errorOf.values()]],
  );
  for (const { name, error, durationMs } of wrong) report.note(`${name}: ${error} after ${durationMs} ms`);
  report.holds('every try that must fail does, with the word for it', wrong.length === 0);

  report.figure('connections to denied addresses', crowd.inside.connections, 'connections');
  report.holds('nobody connects to a denied address', crowd.inside.connections === 0);
  report.holds('and one who did would have been seen', await crowd.inside.wouldSee());
}
