import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { database, DIALER_LIMITS } from '#store/database.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { isStoreAway } from '#store/store-away.js';
import { BreakableProxy } from '../breakable-proxy.js';
import { freshDatabase } from '../database.js';
import { asDialer } from '../factories.js';

let proxy: BreakableProxy;
let source: DataSource;
let dialer: ScopedDatabase;

beforeAll(async () => {
  const url = new URL(await freshDatabase());
  proxy = new BreakableProxy({ host: url.hostname, port: Number(url.port || 5432) });
  await proxy.mend();
  const limits = { ...DIALER_LIMITS, poolSize: 1, statementTimeoutMs: 100 };
  source = await database(proxy.through(url.href), limits).initialize();
  dialer = asDialer(source);
});

afterAll(async () => {
  await source.destroy();
  await proxy.cut();
});

const one = () => dialer.everywhere((manager) => manager.query('SELECT 1 AS one'));

it('a connection that falls silent is given up, as a store that is away, and the next one works', async () => {
  await one();
  proxy.stall();
  const error = await one().then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(isStoreAway(error)).toBe(true);
  proxy.flow();
  expect(await one()).toEqual([{ one: 1 }]);
});

it('a statement that was given more time is waited for, and the next is not', async () => {
  const sleep = (manager: { query: (text: string) => Promise<unknown> }) =>
    manager.query(`SELECT 1 AS one, pg_sleep(3.3)`);
  expect(await dialer.patiently(10_000, sleep)).toMatchObject([{ one: 1 }]);
  await expect(dialer.everywhere(sleep)).rejects.toThrow('statement timeout');
});
