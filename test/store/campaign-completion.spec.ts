import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { Call } from '#store/call.entity.js';
import { CampaignCompletionStore } from '#store/campaign-completion.store.js';
import { Campaign } from '#store/campaign.entity.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import { campaignKey } from '#store/locks.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, aWebhook } from '../factories.js';

let source: DataSource;
let completion: CampaignCompletionStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  completion = new CampaignCompletionStore(asDialer(source));
});

afterAll(() => source.destroy());

const LONG_AGO = new Date('2026-01-01T00:00:00Z');
const OVER = { status: 'completed', finishedAt: LONG_AGO, createdAt: LONG_AGO } as const;

/** A campaign with one call that is over, and whatever else a test asks for. */
async function aProcessedCampaign(overrides: Partial<Campaign> = {}): Promise<Campaign> {
  const { id } = await anEnvironment(source);
  const campaign = await aCampaign(source, id, { autoComplete: true, ...overrides });
  await aCall(source, campaign, OVER);
  return campaign;
}

const statusOf = async (id: string) => (await source.manager.findOneByOrFail(Campaign, { id })).status;

describe('a campaign that completes itself', () => {
  it('does so once, with its event and an entry in the audit log', async () => {
    const campaign = await aProcessedCampaign();
    await aWebhook(source, campaign, { events: ['campaign.completed'] });
    expect(await completion.processed()).toContain(campaign.id);
    const [once, again] = await Promise.all([
      completion.complete(campaign.id),
      completion.complete(campaign.id),
    ]);
    expect([...once, ...again]).toHaveLength(1);
    const [row] = await source.query(
      `SELECT status, stop_confirmed, completed_at IS NOT NULL AS dated,
         (SELECT jsonb_agg(jsonb_build_object('actor', actor, 'detail', detail)) FROM audit_log
          WHERE subject_id = campaigns.id) AS audited
       FROM campaigns WHERE id = $1`,
      [campaign.id],
    );
    expect(row).toEqual({
      status: 'completed',
      stop_confirmed: true,
      dated: true,
      audited: [{ actor: 'dialer', detail: { from: 'active', to: 'completed', because: 'auto_complete' } }],
    });
    expect(await completion.processed()).not.toContain(campaign.id);
  });

  it.each<[string, Partial<Campaign>, Partial<Call>]>([
    ['has not asked for it', { autoComplete: false }, OVER],
    ['is paused', { status: 'paused' }, OVER],
    ['has a call that waits', {}, { createdAt: LONG_AGO }],
    ['took a call in just now', {}, { status: 'failed', finishedAt: LONG_AGO }],
  ])('does not while it %s', async (_, ofCampaign, ofCall) => {
    const campaign = await aProcessedCampaign(ofCampaign);
    await aCall(source, campaign, ofCall);
    expect(await completion.processed()).not.toContain(campaign.id);
    expect(await completion.complete(campaign.id)).toEqual([]);
    expect(await statusOf(campaign.id)).not.toBe('completed');
  });

  it('does not while a file of contacts is being imported', async () => {
    const campaign = await aProcessedCampaign();
    await source.query(
      `INSERT INTO contact_imports (environment_id, campaign_id, actor) VALUES ($1, $2, 'test')`,
      [campaign.environmentId, campaign.id],
    );
    await completion.complete(campaign.id);
    expect(await statusOf(campaign.id)).toBe('active');
  });

  it('does not while it never had a call', async () => {
    const { id } = await anEnvironment(source);
    const campaign = await aCampaign(source, id, { autoComplete: true });
    await completion.complete(campaign.id);
    expect(await statusOf(campaign.id)).toBe('active');
  });

  it('waits for an attempt that may be ringing, and for no unknown beyond its slot', async () => {
    const campaign = await aProcessedCampaign();
    const call = await aCall(source, campaign, { status: 'outcome_unknown', createdAt: LONG_AGO });
    await source.query(
      `INSERT INTO attempts (id, environment_id, campaign_id, call_id, number, to_number, status, evidence, rules_version,
         claimed_at, start_at, open_until, sending_at)
       VALUES (gen_random_uuid(), $1, $2, $3, 1, $4, 'unknown', '{}', 1, $5, $5, $5, $5)`,
      [campaign.environmentId, campaign.id, call.id, call.to, LONG_AGO],
    );
    await completion.complete(campaign.id);
    expect(await statusOf(campaign.id)).toBe('active');
    await source.query(`UPDATE attempts SET holds_slot = false WHERE call_id = $1`, [call.id]);
    await completion.complete(campaign.id);
    expect(await statusOf(campaign.id)).toBe('completed');
  });

  it('lets an intake that is deciding finish first', async () => {
    const campaign = await aProcessedCampaign();
    const intake = source.createQueryRunner();
    await intake.startTransaction();
    await intake.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [
      campaignKey(campaign.id),
    ]);
    await completion.complete(campaign.id);
    expect(await statusOf(campaign.id)).toBe('active');
    await intake.rollbackTransaction();
    await intake.release();
    await completion.complete(campaign.id);
    expect(await statusOf(campaign.id)).toBe('completed');
  });
});
