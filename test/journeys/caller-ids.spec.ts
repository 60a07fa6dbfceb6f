import { afterAll, beforeAll, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ speed: 600 });
});

afterAll(() => house.close());

it('a caller id that has made its calls of the day gives way to the next, then calls wait, say why, and go once the cap is raised', async () => {
  const pool = [aNumber(), aNumber()];
  const changed = await house.must('PATCH', '/environment', {
    max_calls_per_caller_id_day: 1,
    caller_id_timezone: 'Pacific/Auckland',
  });
  expect(changed.data).toMatchObject({
    max_calls_per_caller_id_second: null,
    max_calls_per_caller_id_day: 1,
  });
  const campaignId = await house.campaign({ caller_ids: pool });
  const numbers = [aNumber(), aNumber(), aNumber()];
  const ids = await Promise.all(numbers.map((to) => house.call(campaignId, to)));

  const [waiting] = await house.until('one waits for want of a caller id', async () => {
    const calls = await Promise.all(ids.map((id) => house.readCall(id)));
    const done = calls.filter(({ status }) => status === 'completed');
    return done.length === 2 && calls.filter(({ status }) => status !== 'completed');
  });
  const { data: call } = await house.must('GET', `/calls/${waiting.id}/why`);
  expect(call).toMatchObject({ reason: 'caller_ids_capped', rule: 'caller_ids' });
  expect(call.sentence).toContain('(1 a day each, Pacific/Auckland)');
  const { data: campaign } = await house.must('GET', `/campaigns/${campaignId}/why`);
  expect(campaign.reasons[0]).toMatchObject({ reason: 'caller_ids_capped', effect: 'stops' });
  expect(campaign.reasons[0].until).toBe(call.next_at);

  const more = ['environment', 'set', house.environmentId, '--max-calls-per-caller-id-day', 'none'];
  expect(await house.cli([...more, '--max-calls-per-caller-id-second', '5'])).toMatchObject({
    maxCallsPerCallerIdDay: null,
    maxCallsPerCallerIdSecond: 5,
    callerIdTimezone: 'Pacific/Auckland',
  });
  await house.settled(ids);
  const rang = (await house.ledger()).filter(({ kind }) => kind === 'request');
  expect(rang.map(({ to }) => to).toSorted()).toEqual(numbers.toSorted());
  const from = await Promise.all(ids.map(async (id) => (await house.readCall(id)).from));
  expect(new Set(from)).toEqual(new Set(pool));

  const zone = await house.api('PATCH', '/environment', { caller_id_timezone: 'Mars/Olympus' });
  expect([zone.status, Object.keys(zone.body.errors)]).toEqual([422, ['caller_id_timezone']]);
});
