import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { HOUSE_CHAIN } from '#store/audit-chain.js';
import { AuditSealsStore, type Break } from '#store/audit-seals.store.js';
import { audit } from '#store/audit.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import { freshDatabase } from '../database.js';
import {
  aCall,
  aCampaign,
  anEnvironment,
  aNumber,
  asApi,
  asDialer,
  asOperator,
  dialingSettings,
} from '../factories.js';
import { commit, inTheMiddle } from './held-transaction.js';

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

/** So many entries of an environment, sealed. */
async function sealed(entries: number): Promise<string> {
  const { id } = await anEnvironment(source);
  for (let nth = 1; nth <= entries; nth += 1) await write(id, nth);
  await seal();
  return id;
}

function write(environmentId: string | null, nth: number): Promise<void> {
  return asOperator(source).everywhere((manager) =>
    audit(manager, {
      environmentId,
      actor: 'cli',
      action: 'credits.added',
      subjectId: null,
      detail: { nth, of: 'Zoë', amount: 0.1 },
    }),
  );
}

async function seal(): Promise<void> {
  while ((await new AuditSealsStore(asDialer(source)).seal(2)) > 0) continue;
}

const seals = () => new AuditSealsStore(asOperator(source));

/** As somebody who owns the server, and switches the triggers off. */
async function tamper(statements: string, environmentId: string): Promise<void> {
  await source.transaction(async (manager) => {
    await manager.query(`SET LOCAL session_replication_role = replica`);
    await manager.query(statements.replaceAll(':chain', `'${environmentId}'`));
  });
}

/** The second entry of a chain. */
const ENTRY = `(SELECT audit_id FROM audit_seals WHERE chain = :chain AND position = 2)`;

const CUT_OFF = `WITH seal AS (DELETE FROM audit_seals WHERE chain = :chain AND position >= 4 RETURNING audit_id)
  DELETE FROM audit_log WHERE id IN (SELECT audit_id FROM seal)`;

describe('the chain of an environment', () => {
  it('holds what was audited, in any process, and goes on from where it ended', async () => {
    const id = await sealed(3);
    const [head] = await seals().heads(id);
    expect(head).toMatchObject({ chain: id, position: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await Promise.all([write(id, 4), write(id, 5), write(null, 6)]);
    expect(await seals().verify(id, [])).toMatchObject({ heads: [{ position: 3 }], broken: [], unsealed: 2 });
    // Two dialers may take themselves for the leader.
    await Promise.all([seal(), seal()]);
    const after = await seals().verify(null, [head!]);
    expect(after.broken).toEqual([]);
    expect(after.heads).toContainEqual({ chain: id, position: 5, hash: expect.any(String) });
    expect(after.heads).toContainEqual({ chain: HOUSE_CHAIN, position: 1, hash: expect.any(String) });
  });

  it('takes an entry that is committed behind a later one, without anybody having waited', async () => {
    const id = await sealed(1);
    const late = await inTheMiddle(source);
    await late.query(
      `INSERT INTO audit_log (environment_id, actor, action, detail) VALUES ($1, 'late', 'credits.set', '{}')`,
      [id],
    );
    await write(id, 2);
    await seal();
    await commit(late);
    await seal();
    expect(await seals().verify(id, [])).toMatchObject({ heads: [{ position: 3 }], broken: [], unsealed: 0 });
    const [last] = await source.query<{ actor: string }[]>(
      `SELECT actor FROM audit_log JOIN audit_seals ON audit_id = id WHERE chain = $1 ORDER BY position DESC LIMIT 1`,
      [id],
    );
    expect(last?.actor).toBe('late');
  });

  it.each<[string, string, { because: Break; position: number | null }]>([
    [
      'an entry that was changed',
      `UPDATE audit_log SET detail = detail || '{"amount": 100}' WHERE id = ${ENTRY}`,
      { because: 'entry_changed', position: 2 },
    ],
    [
      'an entry that was put to another time, by a microsecond',
      `UPDATE audit_log SET at = at + interval '1 microsecond' WHERE id = ${ENTRY}`,
      { because: 'entry_changed', position: 2 },
    ],
    [
      'an entry that was changed together with its digest',
      `UPDATE audit_log SET actor = 'nobody', digest = sha256(convert_to(jsonb_build_array(id,
         to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), environment_id, 'nobody', action, subject_id,
         detail)::text, 'UTF8')) WHERE id = ${ENTRY}`,
      { because: 'seal_changed', position: 2 },
    ],
    [
      'an entry taken out of the middle',
      `DELETE FROM audit_log WHERE id = ${ENTRY}`,
      { because: 'entry_missing', position: 2 },
    ],
    [
      'an entry taken out of the middle with its seal',
      `WITH seal AS (DELETE FROM audit_seals WHERE chain = :chain AND position = 2 RETURNING audit_id)
       DELETE FROM audit_log WHERE id = (SELECT audit_id FROM seal)`,
      { because: 'seal_missing', position: 2 },
    ],
    [
      'entries that changed places',
      `UPDATE audit_seals SET position = 9 WHERE chain = :chain AND position = 2;
       UPDATE audit_seals SET position = 2 WHERE chain = :chain AND position = 3;
       UPDATE audit_seals SET position = 3 WHERE chain = :chain AND position = 9`,
      { because: 'seal_changed', position: 2 },
    ],
    ['the end cut off, against a head that was kept', CUT_OFF, { because: 'head_missing', position: 5 }],
    [
      'an entry that is kept from being sealed',
      `INSERT INTO audit_log (environment_id, actor, action, detail, digest) VALUES (:chain, 'cli', 'credits.set', '{}', '')`,
      { because: 'never_sealed', position: null },
    ],
  ])('tells %s', async (_, statement, found) => {
    const id = await sealed(5);
    const kept = await seals().heads(id);
    expect((await seals().verify(id, kept)).broken).toEqual([]);
    await tamper(statement, id);
    expect((await seals().verify(id, kept)).broken).toMatchObject([{ chain: id, ...found }]);
    // It stands alone: what others did is as it was.
    const all = await seals().verify(null, []);
    expect(all.broken.filter(({ chain }) => chain === HOUSE_CHAIN)).toEqual([]);
  });

  it('tells an end that was written anew, against a head that was kept', async () => {
    const id = await sealed(5);
    const kept = await seals().heads(id);
    await tamper(CUT_OFF, id);
    await Promise.all([write(id, 4), write(id, 6)]);
    await seal();
    expect((await seals().verify(id, [])).broken).toEqual([]);
    expect((await seals().verify(id, kept)).broken).toMatchObject([{ because: 'head_differs', position: 5 }]);
  });

  it('cannot be changed by its owner either, but by switching triggers off', async () => {
    const id = await sealed(1);
    for (const statement of [
      `UPDATE audit_log SET actor = 'nobody' WHERE environment_id = '${id}'`,
      `DELETE FROM audit_log`,
      `TRUNCATE audit_log CASCADE`,
      `UPDATE audit_seals SET position = 7`,
      `DELETE FROM audit_seals WHERE chain = '${id}'`,
      `TRUNCATE audit_seals`,
    ])
      await expect(source.query(statement), statement).rejects.toThrow(/is appended to, and never changed/);
  });
});
