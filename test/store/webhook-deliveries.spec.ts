import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { FAILURES_BEFORE_PAUSE } from '#policy/webhook-health.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import { database, WEBHOOK_LIMITS } from '#store/database.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { WebhookDeliveriesStore } from '#store/webhook-deliveries.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { WebhookEndpointsStore } from '#store/webhook-endpoints.store.js';
import { WebhookReplaysStore, type ReplayResult } from '#store/webhook-replays.store.js';
import type { TakenDelivery } from '#store/webhook-try.js';
import { freshDatabase } from '../database.js';
import { aCaller, aCampaign, anEnvironment, asApi, asDialer, aWebhook, ended } from '../factories.js';

const LONG_AGO = { since: new Date('2026-01-01T00:00:00Z'), until: null };

let url: string;
let source: DataSource;
let deliveries: WebhookDeliveriesStore;
let endpoints: WebhookEndpointsStore;
let replays: WebhookReplaysStore;

beforeAll(async () => {
  url = await freshDatabase();
  source = await database(url, WEBHOOK_LIMITS).initialize();
  deliveries = new WebhookDeliveriesStore(asDialer(source));
  endpoints = new WebhookEndpointsStore(asApi(source));
  replays = new WebhookReplaysStore(asApi(source));
});

afterAll(() => source.destroy());

/** An endpoint that is owed so many events. */
async function owed(
  events: number,
  settings: Partial<WebhookEndpoint> = {},
): Promise<{ campaign: Campaign; endpoint: WebhookEndpoint }> {
  const { id } = await anEnvironment(source);
  const campaign = await aCampaign(source, id);
  const endpoint = await aWebhook(source, campaign, settings);
  await happen(campaign, events);
  return { campaign, endpoint };
}

/** So many events of a campaign. */
async function happen({ environmentId, id }: Campaign, events: number): Promise<void> {
  const campaigns = new CampaignsStore(asApi(source));
  for (let nth = 0; nth < events; nth += 1)
    await campaigns.change(environmentId, 'test', id, { name: `Name ${nth}` });
}

const take = ({ id }: { id: string }, most = 50) => deliveries.take([{ endpointId: id, most }]);

/** Records the same answer for each; those that failed are due again after `retrySeconds`. */
const answer = (
  taken: TakenDelivery[],
  status: number | null,
  retrySeconds: number | null = 3600,
  retryAfter: number | null = null,
) =>
  deliveries.record(
    taken.map((delivery) => ended(delivery, status, status === 200 ? null : retrySeconds, retryAfter)),
  );

async function stored({ id }: { id: string }): Promise<Record<string, unknown>> {
  const [row] = await source.query<[Record<string, unknown>]>(
    `SELECT *, paused_until - clock_timestamp() > interval '0' AS is_paused,
       extract(epoch FROM paused_until - clock_timestamp())::float8 AS paused_seconds FROM webhook_endpoints WHERE id = $1`,
    [id],
  );
  return row;
}

async function countOf({ id }: { id: string }, status: string): Promise<number> {
  const [{ count }] = await source.query<[{ count: number }]>(
    `SELECT count(*)::integer AS count FROM webhook_deliveries WHERE endpoint_id = $1 AND status = $2`,
    [id, status],
  );
  return count;
}

/** As if so much time had passed for an endpoint, its pauses, and what it is owed. */
const pass = async ({ id }: { id: string }, interval: string) => {
  await source.query(
    `UPDATE webhook_endpoints SET paused_until = paused_until - $2::interval,
       failing_since = failing_since - $2::interval, previous_secret_until = previous_secret_until - $2::interval
     WHERE id = $1`,
    [id, interval],
  );
  await source.query(
    `UPDATE webhook_deliveries SET next_attempt_at = next_attempt_at - $2::interval,
       in_hand_until = in_hand_until - $2::interval WHERE endpoint_id = $1`,
    [id, interval],
  );
};

async function auditOf({ id }: { id: string }): Promise<{ actor: string; action: string; detail: any }[]> {
  return source.query(`SELECT actor, action, detail FROM audit_log WHERE subject_id = $1 ORDER BY at, id`, [
    id,
  ]);
}

describe('deliveries taken in hand', () => {
  it('are never more of one endpoint than it allows, however many dialers take at once', async () => {
    const { endpoint } = await owed(40, { maxConcurrentDeliveries: 7 });
    const others = await Promise.all([1, 2, 3].map(() => database(url, WEBHOOK_LIMITS).initialize()));
    const stores = others.map((other) => new WebhookDeliveriesStore(asDialer(other)));
    const rounds: TakenDelivery[] = [];
    for (let round = 0; round < 6; round += 1) {
      const turn = [{ endpointId: endpoint.id, most: 5 }];
      const taken = (await Promise.all([...stores, ...stores].map((store) => store.take(turn)))).flat();
      expect(taken.length).toBeGreaterThan(0);
      expect(taken.length).toBeLessThanOrEqual(7);
      await answer(taken, 200);
      rounds.push(...taken);
    }
    expect(new Set(rounds.map(({ id }) => id)).size).toBe(rounds.length);
    await Promise.all(others.map((other) => other.destroy()));
  });

  it('are those that have been due the longest, each with its event’s id and body', async () => {
    const { endpoint } = await owed(6);
    const events = await source.query<{ id: string; body: string }[]>(
      `SELECT event.id, event.body FROM webhook_events AS event
         JOIN webhook_deliveries AS delivery ON delivery.event_id = event.id
       WHERE endpoint_id = $1 ORDER BY delivery.next_attempt_at LIMIT 3`,
      [endpoint.id],
    );
    const taken = await take(endpoint, 3);
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
    expect(taken.map(({ eventId: id, body }) => ({ id, body })).sort(byId)).toEqual(events.sort(byId));
    expect(taken.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it('are due again when the process that had them is gone, and its late answer settles nothing', async () => {
    const { endpoint } = await owed(1);
    const [first] = await take(endpoint);
    expect(await take(endpoint)).toEqual([]);
    await pass(endpoint, '14 seconds');
    expect(await take(endpoint)).toEqual([]);
    await pass(endpoint, '2 seconds');
    const [second] = await take(endpoint);
    expect(second).toMatchObject({ id: first?.id, eventId: first?.eventId, body: first?.body, attempt: 2 });
    await answer([first!], null, null);
    expect(await countOf(endpoint, 'retrying')).toBe(1);
    await answer([second!], 200);
    expect(await countOf(endpoint, 'success')).toBe(1);
  });

  it('that are given back cost nothing of their plan', async () => {
    const { endpoint } = await owed(2);
    const [first] = await take(endpoint, 1);
    await deliveries.giveBack([first!]);
    const again = await take(endpoint);
    expect(again.map(({ attempt, triesBefore }) => attempt - triesBefore)).toEqual([1, 1]);
  });

  it('are found at every endpoint, the due of one hiding nobody else’s', async () => {
    const whale = await owed(30);
    const small = await owed(1);
    const off = await owed(1);
    const later = await owed(1);
    const quiet = await owed(0);
    await source.query(`UPDATE webhook_endpoints SET enabled = false WHERE id = $1`, [off.endpoint.id]);
    await pass(later.endpoint, '-1 hour');
    const all = await deliveries.endpointsOwed(null, 1000);
    const ids = all.map(({ endpointId }) => endpointId);
    expect(ids).toEqual([...ids].sort());
    const has = (found: { endpoint: WebhookEndpoint }) => ids.includes(found.endpoint.id);
    expect([whale, small, off, later, quiet].map(has)).toEqual([true, true, false, false, false]);
    const pages: string[] = [];
    for (let after: string | null = null; ;) {
      const [next] = await deliveries.endpointsOwed(after, 1);
      if (next === undefined) break;
      pages.push(next.endpointId);
      after = next.endpointId;
    }
    expect(pages).toEqual(ids);
  });
});

describe('an endpoint that fails', () => {
  it('is left alone, spends no tries meanwhile, and after an outage of hours takes all that it is owed', async () => {
    const { endpoint } = await owed(30, { maxRetries: 3 });
    await answer(await take(endpoint), 503);
    expect(await stored(endpoint)).toMatchObject({ consecutive_failures: FAILURES_BEFORE_PAUSE, pauses: 1 });
    expect(await take(endpoint)).toEqual([]);
    expect((await deliveries.endpointsOwed(null, 1000)).map(({ endpointId }) => endpointId)).not.toContain(
      endpoint.id,
    );
    // Eight hours, with every try that there is in them.
    let tries = 0;
    for (let hours = 0; hours < 48; hours += 1) {
      await pass(endpoint, '10 minutes');
      const probe = await take(endpoint);
      expect(probe.length).toBeLessThanOrEqual(1);
      tries += probe.length;
      await answer(probe, null, 3600);
    }
    expect(tries).toBeGreaterThan(40);
    expect(await countOf(endpoint, 'failed')).toBe(0);

    await pass(endpoint, '10 minutes');
    const [proof] = await take(endpoint);
    await answer([proof!], 200);
    expect(await stored(endpoint)).toMatchObject({
      consecutive_failures: 0,
      failing_since: null,
      paused_until: null,
      pauses: 0,
    });
    await pass(endpoint, '1 hour');
    for (let left = await take(endpoint); left.length > 0; left = await take(endpoint)) {
      expect(left.length).toBeLessThanOrEqual(10);
      await answer(left, 200);
    }
    expect(await countOf(endpoint, 'success')).toBe(30);
  });

  it('for five days is switched off, which is noted down; what it is owed waits until it is switched on', async () => {
    const { campaign, endpoint } = await owed(12);
    await answer(await take(endpoint), 500);
    await pass(endpoint, '5 days');
    expect(await answer(await take(endpoint), 500)).toEqual([
      { endpointId: endpoint.id, because: 'failing' },
    ]);
    expect(await stored(endpoint)).toMatchObject({ enabled: false, disabled_because: 'failing' });
    expect(await take(endpoint)).toEqual([]);
    expect(await auditOf(endpoint)).toEqual([
      {
        actor: 'dialer',
        action: 'webhook.disabled',
        detail: expect.objectContaining({ because: 'failing' }),
      },
    ]);

    const { environmentId, id: campaignId } = campaign;
    await endpoints.change(aCaller(environmentId), { campaignId }, endpoint.id, () => ({ enabled: true }));
    expect(await stored(endpoint)).toMatchObject({ disabled_because: null, pauses: 0, failing_since: null });
    expect((await take(endpoint)).length).toBeGreaterThan(0);
  });

  it('with 410 is switched off at once', async () => {
    const { endpoint } = await owed(3, { maxConcurrentDeliveries: 1 });
    await answer(await take(endpoint), 410, null);
    expect(await stored(endpoint)).toMatchObject({ enabled: false, disabled_because: 'gone' });
    expect(await take(endpoint)).toEqual([]);
    expect([await countOf(endpoint, 'failed'), await countOf(endpoint, 'pending')]).toEqual([1, 2]);
  });

  it('because it is too busy is left alone for as long as it asks', async () => {
    const { endpoint } = await owed(3, { maxConcurrentDeliveries: 1 });
    await answer(await take(endpoint), 429, 3600, 120);
    const { paused_seconds: seconds } = await stored(endpoint);
    expect(seconds).toBeGreaterThan(110);
    expect(seconds).toBeLessThanOrEqual(120);
    expect(await take(endpoint)).toEqual([]);
    await pass(endpoint, '2 minutes');
    expect(await take(endpoint)).toHaveLength(1);
  });

  it('is healthy again once it is pointed elsewhere', async () => {
    const { campaign, endpoint } = await owed(10);
    await answer(await take(endpoint), 500);
    expect(await stored(endpoint)).toMatchObject({ is_paused: true });
    const { environmentId, id: campaignId } = campaign;
    const elsewhere = { webhookUrl: 'https://example.org/elsewhere' };
    await endpoints.change(aCaller(environmentId), { campaignId }, endpoint.id, () => elsewhere);
    expect(await stored(endpoint)).toMatchObject({ is_paused: null, pauses: 0, consecutive_failures: 0 });
  });
});

describe('a replay', () => {
  const queued = (result: ReplayResult) => {
    expect(result.kind).toBe('queued');
    return result as Extract<ReplayResult, { kind: 'queued' }>;
  };

  it('makes what was given up and what waits due, under the same ids, with the whole plan of tries again', async () => {
    const { campaign, endpoint } = await owed(6);
    const who = aCaller(campaign.environmentId);
    const first = await take(endpoint);
    await answer(first.slice(0, 2), 200);
    await answer(first.slice(2, 4), 500, null);
    await answer(first.slice(4), 500, 36_000);
    const replay = queued(await replays.replay(who, endpoint.id, LONG_AGO));
    expect(replay).toMatchObject({ again: 4, missed: 0, more: false });
    const again = await take(endpoint);
    const told = (taken: TakenDelivery[]) => taken.map(({ eventId, body }) => `${eventId} ${body}`).sort();
    expect(told(again)).toEqual(told(first.slice(2)));
    expect(again.map(({ attempt, triesBefore }) => attempt - triesBefore)).toEqual([1, 1, 1, 1]);
    // Under way, or taken: nothing is left to replay.
    expect(queued(await replays.replay(who, endpoint.id, LONG_AGO))).toMatchObject({ again: 0, missed: 0 });
    await answer(again, 200);
    expect(queued(await replays.replay(who, endpoint.id, LONG_AGO))).toMatchObject({ again: 0, missed: 0 });
  });

  it('tells an endpoint what it missed while it was switched off, by its template, and a new one what came before', async () => {
    const { campaign, endpoint } = await owed(1, {
      payloadTemplates: { 'campaign.updated': { told: '{{campaign.name}}' } },
    });
    const who = aCaller(campaign.environmentId);
    const owner = { campaignId: campaign.id };
    await answer(await take(endpoint), 200);
    await endpoints.change(who, owner, endpoint.id, () => ({ enabled: false }));
    await happen(campaign, 3);
    expect(await replays.replay(who, endpoint.id, LONG_AGO)).toEqual({ kind: 'disabled' });
    await endpoints.change(who, owner, endpoint.id, () => ({ enabled: true }));
    expect(await take(endpoint)).toEqual([]);
    const some = queued(await replays.replay(who, endpoint.id, LONG_AGO, 2));
    expect(some).toMatchObject({ missed: 2, more: true });
    expect(queued(await replays.replay(who, endpoint.id, LONG_AGO, 2))).toMatchObject({
      missed: 1,
      more: false,
    });
    const bodies = (await take(endpoint)).map(({ body }) => body).sort();
    expect(bodies).toEqual(['{"told":"Name 0"}', '{"told":"Name 1"}', '{"told":"Name 2"}']);

    const late = await aWebhook(source, campaign, { events: ['campaign.updated', 'campaign.started'] });
    expect(queued(await replays.replay(who, late.id, LONG_AGO))).toMatchObject({ again: 0, missed: 4 });
    const deaf = await aWebhook(source, campaign, { events: ['campaign.started'] });
    expect(queued(await replays.replay(who, deaf.id, LONG_AGO))).toMatchObject({ missed: 0 });
  });

  it('keeps to its time, and to its environment', async () => {
    const { campaign, endpoint } = await owed(2);
    await answer(await take(endpoint), 500, null);
    await source.query(
      // Of what happened then, also where it was owed only now.
      `UPDATE webhook_events SET created_at = created_at - interval '2 days'
       WHERE id = (SELECT event_id FROM webhook_deliveries WHERE endpoint_id = $1 LIMIT 1)`,
      [endpoint.id],
    );
    const who = aCaller(campaign.environmentId);
    const yesterday = new Date(Date.now() - 86_400_000);
    const stranger = aCaller((await anEnvironment(source)).id);
    expect(await replays.replay(stranger, endpoint.id, LONG_AGO)).toEqual({ kind: 'not_found' });
    expect(queued(await replays.replay(who, endpoint.id, { since: yesterday, until: null })).again).toBe(1);
    expect(queued(await replays.replay(who, endpoint.id, { ...LONG_AGO, until: yesterday })).again).toBe(1);
    expect((await auditOf(endpoint)).map(({ action }) => action)).toEqual([
      'webhook.replayed',
      'webhook.replayed',
    ]);
  });
});

describe('a secret that is changed', () => {
  it('signs beside the new one for its overlap, by the database’s clock, and is then forgotten', async () => {
    const { campaign, endpoint } = await owed(3, { sealedSecret: 'old', maxConcurrentDeliveries: 1 });
    const who = aCaller(campaign.environmentId);
    const rotation = { sealedSecret: 'new', secretOverlapSeconds: 86_400 };
    await endpoints.change(who, { campaignId: campaign.id }, endpoint.id, () => rotation);
    expect(await endpoints.signingSecrets(campaign.environmentId, endpoint.id)).toEqual(['new', 'old']);
    const [first] = await take(endpoint);
    expect(first?.sealedSecrets).toEqual(['new', 'old']);
    await answer([first!], 200);

    await pass(endpoint, '1 day');
    const [second] = await take(endpoint);
    expect(second?.sealedSecrets).toEqual(['new']);
    while (await new FinaliseStore(asDialer(source)).forgetWebhooks(100)) continue;
    expect(await stored(endpoint)).toMatchObject({
      sealed_secret: 'new',
      previous_sealed_secret: null,
      previous_secret_until: null,
    });
    expect(await auditOf(endpoint)).toMatchObject([
      { actor: who.actor, action: 'webhook.changed', detail: { fields: ['sealedSecret'] } },
      { actor: who.actor, action: 'webhook.secret_rotated', detail: { overlapSeconds: 86_400 } },
    ]);
  });

  it('ends at once without an overlap, and where nothing is signed any more', async () => {
    const { campaign, endpoint } = await owed(0, { sealedSecret: 'leaked' });
    const who = aCaller(campaign.environmentId);
    const owner = { campaignId: campaign.id };
    await endpoints.change(who, owner, endpoint.id, () => ({ sealedSecret: 'new' }));
    expect(await endpoints.signingSecrets(campaign.environmentId, endpoint.id)).toEqual(['new']);
    const off = { sealedSecret: null, secretOverlapSeconds: 86_400 };
    await endpoints.change(who, owner, endpoint.id, () => off);
    expect(await endpoints.signingSecrets(campaign.environmentId, endpoint.id)).toEqual([]);
    expect(await stored(endpoint)).toMatchObject({ sealed_secret: null, previous_sealed_secret: null });
  });
});
