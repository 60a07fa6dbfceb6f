import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { API_LIMITS, database } from '#store/database.js';
import { TokensStore } from '#store/tokens.store.js';
import { freshDatabase } from '../database.js';
import { anEnvironment, asApi } from '../factories.js';

let source: DataSource;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
});

afterAll(() => source.destroy());

it('a token that was let in and is revoked before it makes another makes none, however they race', async () => {
  const tokens = new TokensStore(asApi(source));
  const { id: environmentId } = await anEnvironment(source);
  for (let round = 0; round < 20; round += 1) {
    const grantor = await tokens.create(environmentId, 'test', {});
    const target = await tokens.create(environmentId, 'test', {});
    if (grantor === null || target === null) throw new Error('expected two tokens');
    let isRevoked = false;
    const order: boolean[] = [];
    const make = async (run: () => Promise<unknown>) => {
      const wasRevoked = isRevoked;
      const made = await run();
      if (made !== null && made !== 'grantor_ended') order.push(wasRevoked);
    };
    await Promise.all([
      make(() => tokens.create(environmentId, 'test', {}, grantor.id)),
      tokens.revoke(environmentId, 'test', grantor.id).then(() => (isRevoked = true)),
      make(() => tokens.rotate(environmentId, 'test', target.id, 60, grantor.id)),
    ]);
    expect(order).not.toContain(true);
    expect(await tokens.create(environmentId, 'test', {}, grantor.id)).toBeNull();
    expect(await tokens.rotate(environmentId, 'test', target.id, 60, grantor.id)).toBe('grantor_ended');
  }
});
