import { afterAll, beforeAll, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 1, speed: 100 });
});

afterAll(() => house.close());

const UNLIMITED = {
  ...{
    balance: null,
    unlimited: true,
    reserved: 0,
    rate_per_second: 0,
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

// Commands of the operator take a second or two each to start, on a machine with much to do.
it(
  'reserves and charges what calls cost, holds those that nothing pays for, and lets them go when there is more',
  { timeout: 120_000 },
  async () => {
    const credits = (...words: string[]) =>
      house.cli(['credits', words[0]!, '--environment', house.environmentId, ...words.slice(1)]);
    await credits('rate', '--per-second', '0.01', '--reserve-seconds', '100');
    await credits('set', '--balance', '1.5');
    const id = await house.campaign();
    const first = await house.call(id, aNumber());
    await house.settled([first]);
    const [{ duration }] = (await house.readCall(first)).attempts;
    expect(duration).toBeGreaterThan(0);
    const left = Math.round((1.5 - duration / 100) * 100) / 100;
    expect((await house.must('GET', '/credits/balance')).data).toMatchObject({ balance: left, reserved: 0 });

    await credits('set', '--balance', '0.99');
    const second = await house.call(id, aNumber());
    await house.until('it is held', async () => {
      const { data } = await house.must('GET', `/calls/${second}/why`);
      return data.reason === 'no_credits' && data.rule === 'credits';
    });
    const { data: agent } = await house.must('GET', `/campaigns/${id}`);
    const direct = await house.api('POST', `/agents/${agent.agent_id}/call`, { to: aNumber() });
    expect([direct.status, direct.body.error.code]).toEqual([402, 'INSUFFICIENT_CREDITS']);
    const test = await house.call(id, aNumber(), { is_testing: true });
    await house.settled([test]);
    await credits('add', '--amount', '5');
    expect((await house.settled([second])).get(second).status).toBe('completed');
    const { entries } = (await credits('ledger')) as {
      entries: { kind: string; attemptId: string | null }[];
    };
    expect(entries.map(({ kind }) => kind)).toEqual([
      'charge',
      'grant',
      'grant',
      'charge',
      'grant',
      'grant',
      'grant',
    ]);

    await credits('set', '--balance', 'unlimited');
    const tight = await house.campaign({ total_budget: 0.5, daily_budget: 100 });
    const third = await house.call(tight, aNumber());
    await house.until('it is held', async () => {
      const { data } = await house.must('GET', `/calls/${third}/why`);
      return data.reason === 'campaign_budget_spent' && data.sentence.includes('budget of its campaign');
    });
    const { data: idle } = await house.must('GET', `/campaigns/${tight}/why`);
    expect(idle.reasons[0]).toMatchObject({ reason: 'campaign_budget_spent', effect: 'stops' });
    await house.must('PUT', `/campaigns/${tight}`, { total_budget: null });
    expect((await house.settled([third])).get(third).status).toBe('completed');
    const wrong = await house.api('PUT', `/campaigns/${tight}`, { daily_budget: -1 });
    expect([wrong.status, Object.keys(wrong.body.errors)]).toEqual([422, ['daily_budget']]);
  },
);
