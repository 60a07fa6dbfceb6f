import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { CampaignsStore } from '#store/campaigns.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, aNumber, asApi, dialingSettings } from '../factories.js';

let source: DataSource;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
});

afterAll(() => source.destroy());

it('every stop, and every change of who may be called, is written down with who did it and no number', async () => {
  const { id: environmentId } = await anEnvironment(source);
  const campaign = await aCampaign(source, environmentId);
  const call = await aCall(source, campaign);
  const campaigns = new CampaignsStore(asApi(source));
  const environments = new EnvironmentsStore(asApi(source));
  const doNotCall = new DoNotCallStore(asApi(source));
  const to = aNumber();

  await campaigns.change(environmentId, 'token:1', campaign.id, { maxRetries: 2 });
  await new OperatorCallsStore(asApi(source), dialingSettings()).cancel(environmentId, 'token:1', call.id);
  await doNotCall.add(environmentId, 'token:2', [to], {
    kind: 'opt_out',
    campaignId: null,
    reason: null,
    source: 'crm',
    expiresAt: null,
  });
  await doNotCall.remove(environmentId, 'token:2', to, {});
  await environments.change(environmentId, 'token:3', { killSwitch: true });
  await environments.change(environmentId, 'token:3', {});
  await campaigns.changeStatus(environmentId, 'token:1', campaign.id, 'paused');
  await campaigns.confirmStop(environmentId, campaign.id);
  await campaigns.remove(environmentId, 'token:1', campaign.id);

  const entries = await source.query<{ actor: string; action: string; detail: object }[]>(
    `SELECT actor, action, detail FROM audit_log WHERE environment_id = $1 ORDER BY id`,
    [environmentId],
  );
  expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    'token:1 campaign.changed',
    'token:1 call.cancelled',
    'token:2 do_not_call.added',
    'token:2 do_not_call.removed',
    'token:3 environment.changed',
    'token:1 campaign.status_changed',
    'token:1 campaign.deleted',
  ]);
  expect(entries[0]?.detail).toEqual({ fields: ['maxRetries'] });
  expect(entries[4]?.detail).toEqual({ killSwitch: true });
  expect(entries[5]?.detail).toEqual({ from: 'active', to: 'paused' });
  for (const number of [to, call.to]) expect(JSON.stringify(entries)).not.toContain(number.slice(1));
});

it('a change that fails leaves no entry', async () => {
  const { id: environmentId } = await anEnvironment(source);
  const { id } = await aCampaign(source, environmentId);
  const campaigns = new CampaignsStore(asApi(source));
  await expect(campaigns.change(environmentId, 'token:1', id, { maxRetries: 99 })).rejects.toThrow();
  expect(await source.query(`SELECT FROM audit_log WHERE environment_id = $1`, [environmentId])).toEqual([]);
});
