import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DataSource, Logger } from 'typeorm';
import { COMMAND_LIMITS, database, DIALER_LIMITS, migrate } from '#store/database.js';
import { freshDatabase, freshSchema } from '../database.js';
import { aCall, aCampaign, anEnvironment } from '../factories.js';
import { doubtsAbout, unanswered } from '../upgrade/migration-rules.js';
import { previousRelease } from '../upgrade/previous-release.js';
import { aWaitFor, commit, inTheMiddle, LONGEST_WAIT } from './held-transaction.js';

/** Keeps every statement with the migration that sent it. */
class Heard implements Logger {
  readonly statements = new Map<string, string[]>();
  private sofar: string[] = [];

  logQuery(query: string, parameters?: unknown[]): void {
    if (!/^INSERT INTO .*"migrations"/.test(query)) return void this.sofar.push(query);
    this.statements.set(parameters?.[1] as string, this.sofar);
    this.sofar = [];
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}

describe('what a release does to the schema', () => {
  /** Statements of the migrations that the previous release does not know. */
  const ours = new Map<string, string[]>();

  beforeAll(async () => {
    const source = database(await freshSchema(), COMMAND_LIMITS);
    const logger = new Heard();
    source.setOptions({ logger, logging: ['query'] });
    await source.initialize();
    const names = await migrate(source);
    await source.destroy();
    const after = names.indexOf(previousRelease.lastMigration);
    expect(after).toBeGreaterThan(0);
    for (const name of names.slice(after + 1)) ours.set(name, logger.statements.get(name) ?? []);
  });

  it('leaves the previous release all that it uses, or says why not', () => {
    expect([...ours.values()].flat().length).toBeGreaterThan(30);
    expect(unanswered(doubtsAbout(ours))).toEqual({ doubts: [], idle: [] });
  });

  it.each([
    ['ALTER TABLE calls DROP COLUMN reason', 'uses it'],
    ['ALTER TABLE calls RENAME COLUMN reason TO because', 'old name'],
    ['ALTER TABLE calls ALTER COLUMN priority TYPE bigint', 'old type'],
    ['ALTER TABLE calls ALTER reason SET NOT NULL', 'leave it out'],
    ['ALTER TABLE calls ADD COLUMN one text DEFAULT 1, ADD COLUMN two text NOT NULL', 'without it'],
    [
      'ALTER TABLE calls ADD COLUMN two text NOT NULL,\n  ADD COLUMN one text NOT NULL DEFAULT 1',
      'without it',
    ],
    ['ALTER TABLE calls ADD CONSTRAINT some CHECK (priority > 0)', 'break it'],
    ['CREATE UNIQUE INDEX one ON calls (to_number)', 'break it'],
    ['CREATE INDEX one ON calls (to_number)', 'until it is built'],
    ['DROP INDEX calls_due', 'fast by it'],
    ['REVOKE SELECT ON calls FROM ringfence_api', 'kept from'],
    ['DELETE FROM calls', 'are gone'],
  ])('is not to do what the previous release may not stand: %s', (statement, because) => {
    expect(doubtsAbout(new Map([['Next', [statement]]]))).toMatchObject([
      { because: expect.stringContaining(because) },
    ]);
  });

  it.each([
    ['ALTER TABLE calls ADD COLUMN one integer CHECK (one > 0)'],
    [`ALTER TABLE calls ADD COLUMN one text NOT NULL DEFAULT 'UTC', ADD COLUMN two text`],
    ['ALTER TABLE calls ADD CONSTRAINT some CHECK (priority > 0) NOT VALID'],
    ['CREATE INDEX CONCURRENTLY one ON calls (to_number)'],
    ['GRANT SELECT ON calls TO ringfence_api'],
  ])('may do what it does not notice: %s', (statement) => {
    expect(doubtsAbout(new Map([['Next', [statement]]]))).toEqual([]);
  });

  it('holds one table at a time, or it and a process wait for each other', () => {
    const both = [
      'ALTER TABLE agents ADD COLUMN one text',
      'CREATE POLICY one ON calls TO public USING (true)',
    ];
    expect(doubtsAbout(new Map([['Next', both]]))).toEqual([]);
    const together = new Map([['Next', ['START TRANSACTION', ...both, 'COMMIT']]]);
    expect(doubtsAbout(together)).toMatchObject([
      { because: expect.stringContaining('holds another table') },
    ]);
  });

  it('may do anything to a table that it makes', () => {
    const statements = [
      'CREATE TABLE parts (id uuid)',
      'CREATE INDEX one ON parts (id)',
      'ALTER TABLE parts ENABLE ROW LEVEL SECURITY',
    ];
    expect(doubtsAbout(new Map([['Next', statements]]))).toEqual([]);
  });
});

/** Waits until somebody who would migrate has asked whether it is their turn, and was told no, or waits for the answer. */
async function aLookAtTheTurn(source: DataSource): Promise<void> {
  await vi.waitFor(async () => {
    const asking = await source.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'SELECT pg_%advisory_lock(hashtextextended(''ringfence-migrate''%'`,
    );
    expect(asking.length).toBeGreaterThan(1);
  }, LONGEST_WAIT);
}

describe('migrating a house that is at work', () => {
  let source: DataSource;
  let dialer: DataSource;

  beforeAll(async () => {
    const url = await freshDatabase();
    source = await database(url, { ...COMMAND_LIMITS, poolSize: 5 }).initialize();
    dialer = await database(url, DIALER_LIMITS).initialize();
  });

  afterAll(() => Promise.all([source.destroy(), dialer.destroy()]));

  it('lets pass whoever waits behind it, and has what it needs in the end', async () => {
    while ((await source.query(`SELECT FROM migrations WHERE name LIKE 'Metrics%'`)).length > 0)
      await source.undoLastMigration();
    const holding = await inTheMiddle(source);
    await holding.query(`LOCK TABLE calls IN ROW EXCLUSIVE MODE`);
    const migrated = migrate(source);
    await aWaitFor(source, holding);
    // Cut short after two seconds, as every statement of a dialer.
    await dialer.query(`SELECT count(*) FROM calls`);
    await commit(holding);
    expect(await migrated).toContain('Metrics1764003400000');
  });

  // It waits for every transaction of the database, those of the tests beside this one too.
  it(
    'builds indexes of tables with rows while others write to them and wait to migrate',
    { timeout: 60_000 },
    async () => {
      await source.query(`DROP INDEX calls_urgent`);
      await source.query(`DELETE FROM migrations WHERE name LIKE 'UrgentCalls%'`);
      const campaign = await aCampaign(source, (await anEnvironment(source)).id);
      await aCall(source, campaign);
      const writing = await inTheMiddle(source);
      await writing.query(`UPDATE calls SET priority = 1`);
      const migrated = migrate(source);
      await aWaitFor(source, writing);
      await aCall(dialer, campaign);
      const migratedAfter = migrate(source);
      await aLookAtTheTurn(source);
      await commit(writing);
      expect(await migrated).toHaveLength(1);
      expect(await migratedAfter).toEqual([]);
      const [{ valid }] = await source.query(
        `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'calls_urgent'::regclass`,
      );
      expect(valid).toBe(true);
    },
  );

  it('goes on where it was broken off: what is there already is no fault, and old audit entries get their digests', async () => {
    await anEnvironment(source);
    const digests = () => source.query(`SELECT id, digest FROM audit_log ORDER BY id`);
    await source.query(
      `INSERT INTO audit_log (actor, action, detail) SELECT 'test', 'entry.' || nth, '{}' FROM generate_series(1, 4500) AS nth`,
    );
    const whole = await digests();
    await source.transaction(async (manager) => {
      await manager.query(`SET LOCAL session_replication_role = replica`);
      await manager.query(`ALTER TABLE audit_log DROP CONSTRAINT audit_log_digested`);
      await manager.query(`UPDATE audit_log SET digest = NULL WHERE id % 3 > 0`);
      await manager.query(`DELETE FROM audit_unsealed`);
    });
    await source.query(`DROP TRIGGER append_only ON audit_log`);
    await source.query(`DELETE FROM migrations WHERE name LIKE 'AuditChain%' OR name LIKE 'Retention%'`);
    expect(await migrate(source)).toHaveLength(2);
    expect(await digests()).toEqual(whole);
    const [{ awaited }] = await source.query(`SELECT count(*)::integer AS awaited FROM audit_unsealed`);
    expect(awaited).toBe(whole.filter(({ id }: { id: string }) => Number(id) % 3 > 0).length);
    await expect(source.query(`DELETE FROM audit_log`)).rejects.toThrow('appended to');
  });
});
