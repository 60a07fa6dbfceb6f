import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { AdminLoginsStore } from '#store/admin-logins.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { freshDatabase } from '../database.js';
import { asApi, asDialer, asOperator } from '../factories.js';

let source: DataSource;
/** At one process, and at another one. */
let logins: AdminLoginsStore;
let elsewhere: AdminLoginsStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
  logins = new AdminLoginsStore(asApi(source));
  elsewhere = new AdminLoginsStore(asDialer(source));
});

beforeEach(() => source.query(`TRUNCATE admin_tries, admin_sessions`));

afterAll(() => source.destroy());

const ada = (from: string) => ({ from, nameHash: 'of ada' });

async function failTimes(times: number, trier: { from: string; nameHash: string }): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    expect(await logins.begin(trier)).toBeNull();
    await logins.fail(trier, 'form');
  }
}

async function audited(): Promise<{ actor: string; action: string; detail: Record<string, unknown> }[]> {
  return source.query(`SELECT actor, action, detail FROM audit_log ORDER BY id`);
}

it('an address has five tries, at all processes together, and then waits for the rest of a quarter of an hour', async () => {
  await failTimes(5, ada('198.51.100.7'));
  const wait = await elsewhere.begin(ada('198.51.100.7'));
  expect(wait).toBeGreaterThan(890);
  expect(wait).toBeLessThanOrEqual(900);
  expect(await elsewhere.begin({ from: '198.51.100.7', nameHash: 'of bob' })).not.toBeNull();
  expect(await elsewhere.begin(ada('198.51.100.8'))).toBeNull();
  const told = (await audited()).filter(({ detail }) => detail.from === '198.51.100.7');
  expect(told.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
    ...Array.from({ length: 5 }, () => 'admin admin.login_failed'),
    'admin admin.locked_out',
  ]);
  await source.query(`UPDATE admin_tries SET ends_at = clock_timestamp()`);
  expect(await logins.begin(ada('198.51.100.7'))).toBeNull();
});

it('a hundred tries at once are not one more than five', async () => {
  const begun = await Promise.all(Array.from({ length: 100 }, () => logins.begin(ada('198.51.100.9'))));
  expect(begun.filter((wait) => wait === null)).toHaveLength(5);
});

it('a name has twenty tries from everywhere, and an address that waits uses up none of them', async () => {
  await failTimes(5, ada('203.0.113.1'));
  for (let more = 0; more < 50; more += 1) expect(await logins.begin(ada('203.0.113.1'))).not.toBeNull();
  for (const last of [2, 3, 4]) await failTimes(5, ada(`203.0.113.${last}`));
  expect(await logins.begin(ada('203.0.113.5'))).not.toBeNull();
  expect(await logins.begin({ from: '203.0.113.6', nameHash: 'of bob' })).toBeNull();
  const [{ locked }] = await source.query<[{ locked: number }]>(
    `SELECT count(*)::integer AS locked FROM audit_log WHERE action = 'admin.locked_out' AND detail->>'locked' = 'name'`,
  );
  expect(locked).toBe(1);
});

it('whoever has the password begins anew, and an operator lets in who was locked out', async () => {
  await failTimes(4, ada('192.0.2.1'));
  expect(await logins.begin(ada('192.0.2.1'))).toBeNull();
  await logins.succeed(ada('192.0.2.1'));
  await failTimes(5, ada('192.0.2.1'));
  expect(await logins.waitSeconds(ada('192.0.2.1'))).not.toBeNull();
  await new AdminLoginsStore(asOperator(source)).unlock();
  expect(await logins.waitSeconds(ada('192.0.2.1'))).toBeNull();
});

it('a session is known at every process until it is left, and takes the place of the one before', async () => {
  const name = 'ada';
  await logins.logIn(ada('192.0.2.2'), { idHash: 'first', name, instead: null });
  expect(await elsewhere.nameOf('first')).toBe('ada');
  await elsewhere.logIn(ada('192.0.2.2'), { idHash: 'second', name, instead: 'first' });
  expect(await logins.nameOf('first')).toBeNull();
  await logins.logOut('second', { actor: 'admin:ada', from: '192.0.2.2' });
  expect(await elsewhere.nameOf('second')).toBeNull();
  expect(await logins.nameOf('never made')).toBeNull();
});

it.each([
  ['half an hour after its last use', `used_at = clock_timestamp() - interval '30 minutes'`],
  ['twelve hours after its login, however busy', `made_at = clock_timestamp() - interval '12 hours'`],
])('a session is over %s, and no use of it brings it back', async (_, older) => {
  await logins.logIn(ada('192.0.2.3'), { idHash: 'old', name: 'ada', instead: null });
  await source.query(`UPDATE admin_sessions SET made_at = made_at - interval '11 hours',
    used_at = used_at - interval '29 minutes'`);
  expect(await logins.nameOf('old')).toBe('ada');
  await source.query(`UPDATE admin_sessions SET ${older}`);
  expect(await logins.nameOf('old')).toBeNull();
  expect(await logins.nameOf('old')).toBeNull();
});

it('what is over is forgotten, and nothing else', async () => {
  await logins.logIn(ada('192.0.2.5'), { idHash: 'new', name: 'ada', instead: null });
  await logins.logIn(ada('192.0.2.5'), { idHash: 'old', name: 'ada', instead: null });
  await source.query(
    `UPDATE admin_sessions SET made_at = made_at - interval '12 hours' WHERE id_hash = 'old'`,
  );
  await failTimes(1, ada('192.0.2.6'));
  await source.query(`UPDATE admin_tries SET ends_at = clock_timestamp()`);
  await failTimes(1, { from: '192.0.2.7', nameHash: 'of bob' });
  await elsewhere.forgetOver();
  const kept = await source.query<{ id: string }[]>(
    `SELECT id_hash AS id FROM admin_sessions UNION ALL SELECT key FROM admin_tries ORDER BY 1`,
  );
  expect(kept.map(({ id }) => id)).toEqual(['address:192.0.2.7', 'name:of bob', 'new']);
});

it('the gate writes down what is done at the admin port, and nothing that is of an environment', async () => {
  await logins.note({ actor: 'admin:ada', from: '192.0.2.4' }, { route: 'PUT /x' });
  const gate = (action: string, environmentId: string | null) =>
    asApi(source).atGate('', (manager) =>
      manager.query(
        `INSERT INTO audit_log (environment_id, actor, action, detail) VALUES ($1, 'admin', $2, '{}')`,
        [environmentId, action],
      ),
    );
  await expect(gate('token.created', null)).rejects.toThrow(/row-level security/);
  await expect(gate('admin.changed', '00000000-0000-4000-8000-000000000000')).rejects.toThrow(
    /row-level security/,
  );
  expect((await audited()).at(-1)).toEqual({
    actor: 'admin:ada',
    action: 'admin.changed',
    detail: { route: 'PUT /x', from: '192.0.2.4' },
  });
});
