import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { CampaignsStore } from '#store/campaigns.store.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import { FinaliseStore } from '#store/finalise.store.js';
import type { Caller } from '#store/tokens.store.js';
import { WebhookDeliveriesStore } from '#store/webhook-deliveries.store.js';
import { WebhookEndpointsStore } from '#store/webhook-endpoints.store.js';
import { WebhookLogsStore, type ReadLog } from '#store/webhook-logs.store.js';
import { freshDatabase } from '../database.js';
import { aCaller, aCampaign, anEnvironment, asApi, asDialer, aWebhook, ended } from '../factories.js';

const FIRST_PAGE = { number: 1, size: 100 };

let source: DataSource;
let deliveries: WebhookDeliveriesStore;
let endpoints: WebhookEndpointsStore;
let logs: WebhookLogsStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  deliveries = new WebhookDeliveriesStore(asDialer(source));
  endpoints = new WebhookEndpointsStore(asApi(source));
  logs = new WebhookLogsStore(asApi(source));
});

afterAll(() => source.destroy());

/** An endpoint that is owed one event. */
async function owed(): Promise<{ who: Caller; campaignId: string; endpointId: string; deliveryId: string }> {
  const { id: environmentId } = await anEnvironment(source);
  const campaign = await aCampaign(source, environmentId);
  const endpoint = await aWebhook(source, campaign);
  const changed = await new CampaignsStore(asApi(source)).change(environmentId, 'test', campaign.id, {
    name: 'Changed',
  });
  const [deliveryId] = (changed as { deliveryIds: string[] }).deliveryIds as [string];
  return { who: aCaller(environmentId), campaignId: campaign.id, endpointId: endpoint.id, deliveryId };
}

/** Takes what an endpoint is owed, one delivery; undefined: it is owed none that is due. */
const take = async (endpointId: string) => (await deliveries.take([{ endpointId, most: 1 }]))[0];

const dueNow = (deliveryId: string) =>
  source.query(`UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp() WHERE id = $1`, [
    deliveryId,
  ]);

/** Until so many transactions wait for a lock. */
async function waiting(count: number): Promise<void> {
  for (;;) {
    const [{ found }] = await source.query<[{ found: number }]>(
      `SELECT count(DISTINCT pid)::integer AS found FROM pg_locks
       WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`,
    );
    if (found >= count) return;
  }
}

/** Does work while nobody can write to a table, and lets it go on once so many wait. */
async function behind<T>(table: string, count: number, work: () => Promise<T>): Promise<T> {
  const gate = source.createQueryRunner();
  await gate.startTransaction();
  await gate.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
  const done = work();
  await waiting(count);
  await gate.commitTransaction();
  await gate.release();
  return done;
}

describe('the log of a webhook', () => {
  it('tells a try whose process died from one that was answered', async () => {
    const { who, endpointId, deliveryId } = await owed();
    await take(endpointId);
    expect((await logs.list(who.environmentId, endpointId, FIRST_PAGE)).items).toMatchObject([
      { attempt: 1, status: 'pending' },
    ]);
    await dueNow(deliveryId);
    const second = await take(endpointId);
    await deliveries.record([ended(second!, 200)]);
    expect((await logs.list(who.environmentId, endpointId, FIRST_PAGE)).items).toMatchObject([
      { attempt: 2, status: 'success', httpStatus: 200 },
      { attempt: 1, status: 'retrying', error: 'interrupted', httpStatus: null },
    ]);
  });

  it('takes one retry of many that are asked for at once, and none while a try is under way', async () => {
    const { who, endpointId, deliveryId } = await owed();
    const first = await take(endpointId);
    await deliveries.record([ended(first!, 500)]);
    const [failed] = (await logs.list(who.environmentId, endpointId, FIRST_PAGE)).items;
    // All have looked before the first has written its audit entry, but for those that wait to look.
    const asked = await behind('audit_log', 3, () =>
      Promise.all([1, 2, 3].map(() => logs.retry(who, endpointId, failed!.id))),
    );
    expect(asked.filter(({ kind }) => kind === 'queued')).toHaveLength(1);
    expect(asked.filter(({ kind }) => kind === 'not_retriable')).toHaveLength(2);
    expect(await deliveries.endpointsOf([deliveryId])).toMatchObject([{ endpointId }]);
    const second = await take(endpointId);
    expect(second).toMatchObject({ id: deliveryId, attempt: 2 });
    expect(await logs.retry(who, endpointId, failed!.id)).toEqual({
      kind: 'not_retriable',
      because: 'under_way',
    });
    await deliveries.record([ended(second!, 200)]);
    const { items } = await logs.list(who.environmentId, endpointId, FIRST_PAGE);
    expect(items.map(({ attempt, status }) => [attempt, status])).toEqual([
      [2, 'success'],
      [1, 'failed'],
    ]);
  });

  it('is forgotten after thirty days, with what was told; what is still owed is not', async () => {
    const told = await owed();
    const first = await take(told.endpointId);
    await deliveries.record([ended(first!, 200)]);
    const waiting = await owed();
    const finalise = new FinaliseStore(asDialer(source));
    const age = (days: number) =>
      source.query(
        `WITH events AS (UPDATE webhook_events SET created_at = clock_timestamp() - $1 * interval '1 day')
         UPDATE webhook_logs SET created_at = clock_timestamp() - $1 * interval '1 day'`,
        [days],
      );
    const kept = async () =>
      (await source.query<{ id: string }[]>(`SELECT id FROM webhook_deliveries`)).map(({ id }) => id);

    await age(29);
    while (await finalise.forgetWebhooks(100)) continue;
    expect(await kept()).toEqual(expect.arrayContaining([told.deliveryId, waiting.deliveryId]));
    await age(31);
    const [log] = await source.query<[{ id: string }]>(`SELECT id FROM webhook_logs WHERE delivery_id = $1`, [
      told.deliveryId,
    ]);
    const again = await logs.retry(told.who, told.endpointId, log.id);
    expect(again).toEqual({ kind: 'not_retriable', because: 'too_old' });
    expect((await logs.list(told.who.environmentId, told.endpointId, FIRST_PAGE)).total).toBe(0);
    while (await finalise.forgetWebhooks(2)) continue;
    expect(await kept()).not.toContain(told.deliveryId);
    expect(await kept()).toContain(waiting.deliveryId);
    expect(await take(waiting.endpointId)).toMatchObject({ event: 'campaign.updated' });
  });

  it('shows a retry that was asked for before its webhook was deleted as failed, and ends one under way by its end', async () => {
    const { who, campaignId, endpointId } = await owed();
    const first = await take(endpointId);
    await deliveries.record([ended(first!, 500)]);
    const [{ id: logId }] = (await logs.list(who.environmentId, endpointId, FIRST_PAGE)).items as [ReadLog];
    await logs.retry(who, endpointId, logId);
    const other = await owed();
    const underWay = await take(other.endpointId);
    await endpoints.remove(who, { campaignId }, endpointId);
    await endpoints.remove(other.who, { campaignId: other.campaignId }, other.endpointId);
    await deliveries.record([ended(underWay!, 200)]);
    const statuses = async (environmentId: string, id: string) =>
      (await logs.list(environmentId, id, FIRST_PAGE)).items.map(({ status, error }) => [status, error]);
    expect(await statuses(who.environmentId, endpointId)).toEqual([
      ['failed', 'webhook_deleted'],
      ['failed', null],
    ]);
    expect(await statuses(other.who.environmentId, other.endpointId)).toEqual([['success', null]]);
  });

  it('of an endpoint that is deleted while something happens is owed nothing more', async () => {
    const { who, campaignId, endpointId } = await owed();
    const campaigns = new CampaignsStore(asApi(source));
    // The change has seen the endpoint, and its event is not written yet: the deletion waits for that.
    await behind('webhook_events', 2, () =>
      Promise.all([
        campaigns.change(who.environmentId, 'test', campaignId, { name: 'Again' }),
        waiting(1).then(() => endpoints.remove(who, { campaignId }, endpointId)),
      ]),
    );
    expect(await take(endpointId)).toBeUndefined();
    const open = await source.query(
      `SELECT FROM webhook_deliveries WHERE endpoint_id = $1 AND next_attempt_at IS NOT NULL`,
      [endpointId],
    );
    expect(open).toEqual([]);
  });
});
