import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { Call } from '#store/call.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { campaignKey, StopNotConfirmed } from '#store/locks.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, aNumber, asApi } from '../factories.js';

let source: DataSource;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
});

afterAll(() => source.destroy());

describe('a stop', () => {
  it('that could not be confirmed may be made again, and then is answered as it should have been', async () => {
    const campaigns = new CampaignsStore(asApi(source));
    const { id: environmentId } = await anEnvironment(source);
    const campaign = await aCampaign(source, environmentId);
    await aCall(source, campaign);
    const deciding = source.createQueryRunner();
    await deciding.startTransaction();
    await deciding.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [
      campaignKey(campaign.id),
    ]);

    const stop = () => campaigns.changeStatus(environmentId, 'test', campaign.id, 'paused');
    expect(await stop()).toMatchObject({ kind: 'changed' });
    await expect(campaigns.confirmStop(environmentId, campaign.id)).rejects.toThrow(StopNotConfirmed);
    await deciding.rollbackTransaction();
    await deciding.release();

    expect(await stop()).toMatchObject({ kind: 'changed', campaign: { status: 'paused' }, deliveryIds: [] });
    expect(await campaigns.confirmStop(environmentId, campaign.id)).toEqual({
      inFlight: { count: 0, attempts: [], unknown: 0 },
      stopped: 1,
    });
    expect(await stop()).toEqual({ kind: 'invalid', from: 'paused' });
  });

  it('whose store goes away before it is confirmed is not told as undone', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const campaign = await aCampaign(source, environmentId);
    const gone = database(await freshDatabase(), API_LIMITS);
    await expect(new CampaignsStore(asApi(gone)).confirmStop(environmentId, campaign.id)).rejects.toThrow(
      StopNotConfirmed,
    );
  });
});

describe('an opt-out', () => {
  const opted = { kind: 'opt_out' as const, campaignId: null, reason: null, source: null, expiresAt: null };

  it('of the same numbers in opposite orders, many times at once, fails nobody', async () => {
    const doNotCall = new DoNotCallStore(asApi(source));
    const { id: environmentId } = await anEnvironment(source);
    const numbers = Array.from({ length: 300 }, () => aNumber());
    const reversed = [...numbers].reverse();
    const receipts = await Promise.all(
      Array.from({ length: 8 }, (_, turn) =>
        doNotCall.add(environmentId, 'test', turn % 2 === 0 ? numbers : reversed, opted),
      ),
    );
    expect(receipts.reduce((total, receipt) => total + receipt!.added, 0)).toBe(300);
  });

  it('that has expired already stops nothing', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    const { id, environmentId, to } = await aCall(source, campaign);
    const expired = { ...opted, expiresAt: new Date('2020-01-01') };
    expect(await new DoNotCallStore(asApi(source)).add(environmentId, 'test', [to], expired)).toMatchObject({
      added: 1,
      stopped: 0,
    });
    expect((await source.manager.findOneByOrFail(Call, { id })).status).toBe('waiting');
  });
});
