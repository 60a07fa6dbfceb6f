import { afterAll, beforeAll, expect, it } from 'vitest';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 0 });
});

afterAll(() => house.close());

const UNLIMITED = {
  ...{
    balance: null,
    unlimited: true,
    currency: 'USD',
    auto_topup_enabled: false,
    as_of: expect.any(String),
  },
};

async function set(balance: string): Promise<unknown> {
  return house.cli(['credits', 'set', '--environment', house.environmentId, '--balance', balance]);
}

it('shows the balance that the operator set, to its own environment alone', async () => {
  const neighbour = await house.neighbour();
  expect(await house.must('GET', '/credits/balance')).toEqual({ success: true, data: UNLIMITED });
  expect(await set('1250.75')).toEqual({ id: house.environmentId, balance: 1250.75, unlimited: false });
  const before = Date.now();
  const { data } = await house.must('GET', '/credits/balance');
  expect(data).toMatchObject({ balance: 1250.75, unlimited: false, currency: 'USD' });
  expect(Math.abs(Date.parse(data.as_of as string) - before)).toBeLessThan(60_000);
  expect((await neighbour('GET', '/credits/balance')).body.data).toEqual(UNLIMITED);
  await set('0');
  expect((await house.must('GET', '/credits/balance')).data).toMatchObject({ balance: 0, unlimited: false });
  await set('unlimited');
  expect((await house.must('GET', '/credits/balance')).data).toEqual(UNLIMITED);
});
