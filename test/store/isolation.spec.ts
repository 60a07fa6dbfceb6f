import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditSealsStore } from '#store/audit-seals.store.js';
import { CreditsStore } from '#store/credits.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { StatsFoldStore } from '#store/stats-fold.store.js';
import { TokensStore } from '#store/tokens.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asApi, asDialer, asOperator, aNumber } from '../factories.js';

let source: DataSource;
let ours: string;
let theirs: string;

beforeAll(async () => {
  source = await database(await freshDatabase(), { ...API_LIMITS, poolSize: 1 }).initialize();
  ({ id: ours } = await anEnvironment(source));
  ({ id: theirs } = await anEnvironment(source));
  await fill(theirs);
});

afterAll(() => source.destroy());

/** A row in every table that keeps something of an environment. */
async function fill(environmentId: string): Promise<void> {
  const campaign = await aCampaign(source, environmentId);
  const call = await aCall(source, campaign);
  // Counted, and to be counted.
  await new StatsFoldStore(asDialer(source)).fold(10);
  await aCall(source, campaign);
  await new CreditsStore(asOperator(source)).set(environmentId, 1);
  await new TokensStore(asOperator(source)).create(environmentId, 'test', {});
  const optOut = { kind: 'opt_out' as const, campaignId: null, reason: null, source: null, expiresAt: null };
  await new DoNotCallStore(asApi(source)).add(environmentId, 'test', [aNumber()], optOut);
  const rows: [string, unknown[]][] = [
    [
      `INSERT INTO attempts (call_id, environment_id, campaign_id, to_number, number, status, evidence, rules_version,
         claimed_at, start_at, open_until)
       SELECT id, environment_id, campaign_id, to_number, 1, 'claimed', '{}', 1, now(), now(), now()
       FROM calls WHERE id = $1`,
      [call.id],
    ],
    [
      `INSERT INTO webhook_endpoints (environment_id, campaign_id, name, webhook_url, events)
       VALUES ($1, $2, 'h', 'https://example.com', '{campaign.created}')`,
      [environmentId, campaign.id],
    ],
    [
      `INSERT INTO webhook_events (environment_id, campaign_id, type, body) VALUES ($1, $2, 'campaign.created', '{}')`,
      [environmentId, campaign.id],
    ],
    [
      `INSERT INTO webhook_deliveries (environment_id, event_id, endpoint_id)
       SELECT $1, webhook_events.id, webhook_endpoints.id FROM webhook_events, webhook_endpoints
       WHERE webhook_events.environment_id = $1 AND webhook_endpoints.environment_id = $1`,
      [environmentId],
    ],
    [
      `INSERT INTO webhook_logs (environment_id, endpoint_id, delivery_id, event, attempt, status)
       SELECT $1, endpoint_id, id, 'campaign.created', 1, 'pending' FROM webhook_deliveries WHERE environment_id = $1`,
      [environmentId],
    ],
    [
      `INSERT INTO agent_trainings (environment_id, agent_id, subject, instructions) VALUES ($1, $2, 's', 'i')`,
      [environmentId, campaign.agentId],
    ],
    [
      `INSERT INTO agent_actions (environment_id, agent_id, node_id, name, description, type, url)
       VALUES ($1, $2, 'n', 'n', 'd', 'webhook', 'https://example.com')`,
      [environmentId, campaign.agentId],
    ],
    [
      `INSERT INTO phone_numbers (environment_id, number, type, capabilities) VALUES ($1, $2, 'voice', '{voice}')`,
      [environmentId, aNumber()],
    ],
    [
      `INSERT INTO agent_phone_numbers (environment_id, agent_id, phone_number_id)
       SELECT $1, $2, id FROM phone_numbers WHERE environment_id = $1`,
      [environmentId, campaign.agentId],
    ],
    [
      `INSERT INTO phone_number_release_requests (environment_id, phone_number_id, reason)
       SELECT $1, id, 'not needed any more' FROM phone_numbers WHERE environment_id = $1`,
      [environmentId],
    ],
    [
      `WITH registry AS (INSERT INTO do_not_call_registries (name, scope) VALUES ('theirs', 'environment') RETURNING id),
         attached AS (INSERT INTO do_not_call_registry_environments SELECT id, $1 FROM registry),
         version AS (
           INSERT INTO do_not_call_registry_versions (registry_id, snapshot_date, state, sha256, imported_at)
           SELECT id, now(), 'current', '', now() FROM registry RETURNING id)
       INSERT INTO do_not_call_registry_blocks
       SELECT id, 1, 1, decode(repeat('01', 1250), 'hex') FROM version`,
      [environmentId],
    ],
    [
      `UPDATE do_not_call_registries SET current_version_id = (SELECT id FROM do_not_call_registry_versions)`,
      [],
    ],
    [
      `WITH import AS (INSERT INTO do_not_call_imports (environment_id, kind, actor) VALUES ($1, 'list', 'test') RETURNING id)
       INSERT INTO do_not_call_import_batches (import_id, batch, numbers) SELECT id, 1, '{+1}' FROM import`,
      [environmentId],
    ],
    [
      `WITH import AS (INSERT INTO contact_imports (environment_id, campaign_id, actor) VALUES ($1, $2, 'test') RETURNING id),
         batch AS (INSERT INTO contact_import_batches (import_id, batch, rows, numbers) SELECT id, 1, '{1}', '{+1}' FROM import)
       INSERT INTO contact_import_errors (import_id, errors) SELECT id, '[]' FROM import`,
      [environmentId, campaign.id],
    ],
    [`INSERT INTO caller_id_uses VALUES ($1, $2, '{}', '2026-11-23', 1)`, [environmentId, aNumber()]],
    [
      `INSERT INTO idempotency_keys (environment_id, route, key, fingerprint) VALUES ($1, 'r', 'k', 'f')`,
      [environmentId],
    ],
    [`INSERT INTO admin_sessions (id_hash, name) VALUES ($1, 'admin')`, [environmentId]],
    [
      `INSERT INTO admin_tries (key, tries, ends_at) VALUES ($1, 1, clock_timestamp() + interval '1 minute')`,
      [environmentId],
    ],
    [
      `INSERT INTO provider_events (provider, event_key, attempt_id, event)
       SELECT 'test', id::text, id, '{}' FROM attempts WHERE environment_id = $1`,
      [environmentId],
    ],
  ];
  for (const [statement, parameters] of rows) await source.query(statement, parameters);
  await new AuditSealsStore(asDialer(source)).seal(100);
}

/** Tables without a row of any environment; each with its reason. */
const SHARED: Record<string, string> = {
  audit_unsealed: 'which entries of the audit log wait for their seal',
  migrations: 'names of migrations',
  leases: 'who leads the dialers',
  fenced_starts: 'what passed the fence lately over each trunk',
  trunks: 'the next start of each trunk',
  dispatch: 'how long whoever feeds saw calls held up',
  house_totals: 'counters of the whole house',
  rate_counts: 'requests counted by token id or address, of a minute',
};

async function tables(): Promise<{ name: string; protected: boolean }[]> {
  return source.query(
    `SELECT relname AS name, relrowsecurity AND relforcerowsecurity AS protected FROM pg_class
     WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY relname`,
  );
}

/** What PostgreSQL itself says to a statement that names no environment: rows, or that it is not allowed. */
async function rowsOf(manager: EntityManager, statement: string): Promise<number> {
  await manager.query('SAVEPOINT attempted');
  try {
    const result: unknown = await manager.query(statement);
    // A SELECT is answered with rows, a DELETE or UPDATE with rows and their number.
    const [, affected] = result as [unknown, unknown];
    return typeof affected === 'number' ? affected : (result as unknown[]).length;
  } catch (error) {
    expect((error as { code?: string }).code, statement).toBe('42501');
    return 0;
  } finally {
    await manager.query('ROLLBACK TO SAVEPOINT attempted');
  }
}

describe('row-level security', () => {
  it('stands before every table, the owner’s own queries included, but for those that hold nothing of anybody', async () => {
    const open = (await tables()).filter((table) => !table.protected).map(({ name }) => name);
    expect(open).toEqual(Object.keys(SHARED).sort());
  });

  it('shows and changes nothing of another environment, with every condition taken out of the queries', async () => {
    const names = (await tables()).filter((table) => table.protected).map(({ name }) => name);
    for (const name of names) {
      const [{ count }] = await source.query<[{ count: string }]>(`SELECT count(*) FROM ${name}`);
      expect(Number(count), `${name} has rows to leak`).toBeGreaterThan(0);
    }
    for (const environmentId of [ours, '']) {
      await asApi(source).within(environmentId, async (manager) => {
        for (const name of names) {
          const seen = name === 'environments' || name === 'slots' ? `ctid FROM ${name} WHERE ` : null;
          // Its own row apart, where it has one.
          const own = name === 'environments' ? `id <> '${ours}'` : `scope <> 'environment:${ours}'`;
          const select = seen === null ? `SELECT * FROM ${name}` : `SELECT ${seen}${own}`;
          expect(await rowsOf(manager, select), select).toBe(0);
          const remove = seen === null ? `DELETE FROM ${name}` : `DELETE FROM ${name} WHERE ${own}`;
          expect(await rowsOf(manager, remove), remove).toBe(0);
        }
        const steal = `UPDATE campaigns SET environment_id = '${ours}'`;
        expect(await rowsOf(manager, steal)).toBe(0);
      });
    }
  });

  it('lets nobody write into another environment', async () => {
    const plant = asApi(source).within(ours, (manager) =>
      manager.query(
        `INSERT INTO do_not_call_entries (environment_id, kind, to_number) VALUES ($1, 'opt_out', $2)`,
        [theirs, aNumber()],
      ),
    );
    await expect(plant).rejects.toThrow(/row-level security/);
    const importForAll = asApi(source).within(ours, (manager) =>
      manager.query(`INSERT INTO do_not_call_imports (kind, actor) VALUES ('list', 'test')`),
    );
    await expect(importForAll).rejects.toThrow(/row-level security/);
    const forAll = asApi(source).within(ours, (manager) =>
      manager.query(`INSERT INTO do_not_call_entries (kind, to_number) VALUES ('list', $1)`, [aNumber()]),
    );
    await expect(forAll).rejects.toThrow(/row-level security/);
  });

  it('lets no row point into another environment', async () => {
    const foreign = (await aCampaign(source, theirs)).agentId;
    const { id } = await aCampaign(source, ours);
    const lured = asApi(source).within(ours, (manager) =>
      manager.query(`UPDATE campaigns SET agent_id = $2 WHERE id = $1`, [id, foreign]),
    );
    await expect(lured).rejects.toThrow(/row-level security/);
    const theirCampaign = (await aCampaign(source, theirs)).id;
    const planted = asApi(source).within(ours, (manager) =>
      manager.query(
        `INSERT INTO contact_imports (environment_id, campaign_id, actor) VALUES ($1, $2, 'test')`,
        [ours, theirCampaign],
      ),
    );
    await expect(planted).rejects.toThrow(/row-level security/);
  });

  it('shows the operator’s global entries to everybody', async () => {
    const to = aNumber();
    await source.query(`INSERT INTO do_not_call_entries (kind, to_number) VALUES ('list', $1)`, [to]);
    const seen = await asApi(source).within(ours, (manager) =>
      manager.query<unknown[]>(`SELECT id FROM do_not_call_entries WHERE to_number = $1`, [to]),
    );
    expect(seen).toHaveLength(1);
  });
});

describe('a role', () => {
  it.each([
    ['ringfence_dialer', 'SELECT * FROM tokens'],
    ['ringfence_dialer', 'SELECT * FROM audit_log'],
    ['ringfence_dialer', 'DELETE FROM calls'],
    ['ringfence_dialer', 'UPDATE do_not_call_entries SET environment_id = NULL'],
    ['ringfence_dialer', `UPDATE agents SET current_status = 'published'`],
    ['ringfence_api', 'DELETE FROM do_not_call_registry_blocks'],
    ['ringfence_api', 'UPDATE do_not_call_registries SET max_age_days = NULL'],
    ['ringfence_api', 'SELECT * FROM provider_events'],
    ['ringfence_api', 'SELECT * FROM audit_log'],
    ['ringfence_api', 'DELETE FROM attempts'],
    ['ringfence_api', 'UPDATE stat_totals SET amount = 0'],
    ['ringfence_api', 'UPDATE credit_entries SET amount = 1'],
    ['ringfence_operator', 'DELETE FROM credit_entries'],
    ...['api', 'dialer', 'operator'].flatMap((role): [string, string][] => [
      [`ringfence_${role}`, `UPDATE audit_log SET actor = 'nobody'`],
      [`ringfence_${role}`, 'DELETE FROM audit_log'],
      [`ringfence_${role}`, 'TRUNCATE audit_log CASCADE'],
      [`ringfence_${role}`, 'DELETE FROM audit_seals'],
      [`ringfence_${role}`, `UPDATE audit_seals SET position = 1`],
    ]),
    ['ringfence_metrics', 'SELECT to_number FROM calls'],
    ['ringfence_metrics', 'SELECT payload FROM calls'],
    ['ringfence_metrics', 'SELECT to_number FROM attempts'],
    ['ringfence_metrics', 'SELECT name FROM environments'],
    ['ringfence_metrics', 'SELECT webhook_url FROM webhook_endpoints'],
    ['ringfence_metrics', 'SELECT hash FROM tokens'],
    ['ringfence_metrics', 'UPDATE house_totals SET amount = 0'],
    ['ringfence_console', 'SELECT to_number FROM calls'],
    ['ringfence_console', 'SELECT payload FROM calls'],
    ['ringfence_console', 'SELECT to_number FROM attempts'],
    ['ringfence_console', 'SELECT hash FROM tokens'],
    ['ringfence_console', 'SELECT caller_ids FROM campaigns'],
    ['ringfence_console', 'UPDATE environments SET kill_switch = true'],
    ['ringfence_gate', 'SELECT * FROM calls'],
    ['ringfence_gate', 'UPDATE environments SET rate_limit_per_minute = 1000000'],
    ['ringfence_api', `SET LOCAL row_security = off; SELECT * FROM calls`],
  ])('%s may not: %s', async (role, statement) => {
    const tried = source.transaction(async (manager) => {
      await manager.query(`SELECT set_config('role', $1, true)`, [role]);
      await manager.query(statement);
    });
    await expect(tried).rejects.toMatchObject({ code: '42501' });
  });
});

describe('a pooled connection', () => {
  it('carries neither role nor environment on, after success, failure and a crowd', async () => {
    const idle = () =>
      source.query<[{ user: string; environment: string | null }]>(
        `SELECT current_user AS user, nullif(current_setting('ringfence.environment_id', true), '') AS environment`,
      );
    const [login] = await idle();
    await asApi(source).within(theirs, (manager) => manager.query('SELECT 1'));
    expect(await idle()).toEqual([{ ...login, environment: null }]);
    await expect(asApi(source).within(theirs, (manager) => manager.query('SELECT 1 / 0'))).rejects.toThrow();
    expect(await idle()).toEqual([{ ...login, environment: null }]);
    const seen = await Promise.all(
      Array.from({ length: 40 }, (_, turn) => {
        const environmentId = turn % 2 === 0 ? ours : theirs;
        return asApi(source).within(environmentId, async (manager) => {
          const rows = await manager.query<{ id: string }[]>(`SELECT id FROM environments`);
          return rows.length === 1 && rows[0]?.id === environmentId;
        });
      }),
    );
    expect(seen.every(Boolean)).toBe(true);
  });
});

it('no store reaches the database but through its scope', () => {
  const folder = 'libs/store';
  const bare = readdirSync(folder)
    .filter((file) => file.endsWith('.store.ts'))
    .filter((file) => /\bDataSource\b/.test(readFileSync(`${folder}/${file}`, 'utf8')));
  expect(bare).toEqual([]);
});
