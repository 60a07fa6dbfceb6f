import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DataSource } from 'typeorm';
import { AgentsStore } from '#store/agents.store.js';
import { API_LIMITS, COMMAND_LIMITS, database, migrate } from '#store/database.js';
import type { Environment } from '#store/environment.entity.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { ScopedDatabase } from '#store/scoped-database.js';
import { TokensStore } from '#store/tokens.store.js';
import { aName, freshDatabase, freshSchema } from '../database.js';
import { anAgent, asApi, asDialer, asOperator } from '../factories.js';

/** Whoever administers the server. */
let administrator: DataSource;
const opened: DataSource[] = [];
const logins: string[] = [];

beforeAll(async () => {
  administrator = await new DataSource({ type: 'postgres', url: inject('databaseUrl') }).initialize();
});

afterAll(async () => {
  for (const source of opened) await source.destroy();
  for (const login of logins) await administrator.query(`DROP OWNED BY ${login} CASCADE; DROP ROLE ${login}`);
  await administrator.destroy();
});

/** A user who is no superuser and may make no roles. */
async function aLogin(rest = ''): Promise<string> {
  const login = aName();
  await administrator.query(`CREATE ROLE ${login} LOGIN PASSWORD 'secret' ${rest}`);
  logins.push(login);
  return login;
}

async function connect(url: string, login: string): Promise<DataSource> {
  const asLogin = new URL(url);
  asLogin.username = login;
  asLogin.password = 'secret';
  const source = await database(asLogin.href, COMMAND_LIMITS).initialize();
  opened.push(source);
  return source;
}

describe('a database whose owner is no superuser', () => {
  it('says what an administrator has to run before it is migrated, and that is enough', async () => {
    const owner = await aLogin();
    const source = await connect(await freshSchema(owner), owner);
    const refusal = await migrate(source).then(
      () => '',
      (error: Error) => error.message,
    );
    const statements = refusal.split('\n').filter((line) => line.endsWith(';'));
    expect(statements.join()).toContain(`TO "${owner}"`);

    for (const statement of statements) await administrator.query(statement);
    expect(await migrate(source)).not.toEqual([]);

    const environments = new EnvironmentsStore(asOperator(source));
    const { id } = await environments.create({ name: 'theirs' });
    const { token } = (await new TokensStore(asOperator(source)).create(id, 'cli', {}))!;
    expect(await new TokensStore(asApi(source)).callerOf(token)).toMatchObject({ environmentId: id });
    expect(await source.query(`SELECT * FROM environments`)).toEqual([]);
  });

  it('goes back to a schema without roles, and forth again', async () => {
    const source = await database(await freshDatabase(), COMMAND_LIMITS).initialize();
    opened.push(source);
    const { length } = source.migrations;
    for (let undone = 0; undone < length; undone += 1) await source.undoLastMigration();
    expect(await migrate(source)).toHaveLength(length);
  });
});

describe('a process with a login of its own', () => {
  let url: string;
  let owner: DataSource;
  let environment: Environment;

  beforeAll(async () => {
    url = await freshDatabase();
    owner = await database(url, API_LIMITS).initialize();
    opened.push(owner);
    environment = await new EnvironmentsStore(asOperator(owner)).create({ name: 'test' });
    await anAgent(owner, environment.id);
  });

  it('works in the roles it was given', async () => {
    const api = await connect(url, await aLogin('IN ROLE ringfence_api, ringfence_gate'));
    const { total } = await new AgentsStore(asApi(api)).list(environment.id, {}, { number: 1, size: 20 });
    expect(total).toBe(1);
    expect(await asApi(api).atGate('', (manager) => manager.query(`SELECT id FROM tokens`))).toEqual([]);
  });

  it('is not begun to be worked with where it passes by row-level security, or cannot be taken', async () => {
    const api = await connect(url, await aLogin('IN ROLE ringfence_api, ringfence_gate'));
    await asApi(api).assertReady();
    await expect(asDialer(api).assertReady()).rejects.toThrow(
      /no role ringfence_dialer .* run npm run migrate/,
    );
    await owner.query(`UPDATE migrations SET name = 'older' WHERE id = (SELECT max(id) FROM migrations)`);
    await expect(asApi(api).assertReady()).rejects.toThrow(/not migrated .* run npm run migrate/);
    const open = await aLogin('BYPASSRLS IN ROLE ringfence_api');
    const free = new ScopedDatabase(await connect(url, open), open as 'ringfence_api');
    await expect(free.assertReady()).rejects.toThrow(/passes by row-level security/);
  });

  it('cannot take another one, and sees no row by itself', async () => {
    const api = await connect(url, await aLogin('IN ROLE ringfence_api, ringfence_gate'));
    await expect(asDialer(api).everywhere((manager) => manager.query(`SELECT 1`))).rejects.toThrow(
      /permission denied to set role/,
    );
    await expect(asOperator(api).everywhere((manager) => manager.query(`SELECT 1`))).rejects.toThrow(
      /permission denied to set role/,
    );
    expect(await api.query(`SELECT * FROM agents`)).toEqual([]);
    const dialer = await connect(url, await aLogin('IN ROLE ringfence_dialer'));
    expect(await dialer.query(`SELECT * FROM agents`)).toEqual([]);
    const seen = await asDialer(dialer).everywhere((manager) => manager.query(`SELECT id FROM agents`));
    expect(seen).toHaveLength(1);
  });
});
