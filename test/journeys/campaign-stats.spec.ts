import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 2, speed: 100 });
});

afterAll(() => house.close());

/** A zone of a quarter hour, so that nothing comes out right by chance. */
const ZONE = 'Asia/Kathmandu';

describe('GET /campaigns/{id}/stats', () => {
  it('tells what a campaign came to, as its own page and the list do, with test calls apart', async () => {
    const id = await house.campaign({ timezone: ZONE });
    // Answered, engaged, a machine; and a test.
    const calls = await Promise.all(['00', '70', '80'].map((digits) => house.call(id, aNumber(digits))));
    const test = await house.call(id, aNumber(), { is_testing: true });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    await house.call(id, aNumber(), { not_before: tomorrow });
    const ended = await house.settled([...calls, test]);
    const { data } = await house.must('GET', `/campaigns/${id}/stats`);
    const statuses = calls.map((call) => ended.get(call).status as string);
    const count = (status: string) => statuses.filter((one) => one === status).length;
    const read = await Promise.all(calls.map((call) => house.readCall(call)));
    const talk = read.flatMap(({ attempts }) => attempts).reduce((sum, { duration }) => sum + duration, 0);
    expect(count('completed')).toBe(1);
    expect(data).toMatchObject({
      ...{ campaign_id: id, timezone: ZONE, from: null, to: null, by: null, success_rate: 25, periods: [] },
      totals: {
        ...{ total_calls: 4, finished_calls: 3, completed_calls: 1, failed_calls: 2, attempts: 3 },
        ...{ completion_rate: 33.33, connect_rate: 33.33, talk_seconds: talk },
      },
      test_calls: { total_calls: 1, completed_calls: 1, attempts: 1 },
    });
    for (const status of new Set(statuses))
      expect([status, data.totals.by_status[status]]).toEqual([status, count(status)]);
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
    expect([sum(data.totals.by_status), sum(data.totals.by_outcome)]).toEqual([3, 3]);

    const { stats } = (await house.must('GET', `/campaigns/${id}`)).data;
    const { total_calls, completed_calls, failed_calls, average_duration } = data.totals;
    const own = { total_calls, completed_calls, failed_calls, success_rate: 25 };
    expect(stats).toEqual({ ...own, average_duration });
    const listed = (await house.must('GET', '/campaigns')).data.find((one: { id: string }) => one.id === id);
    expect(listed.stats).toEqual(own);

    for (const by of ['day', 'hour']) {
      const { data: ranged } = await house.must('GET', `/campaigns/${id}/stats?by=${by}`);
      expect(ranged).toMatchObject({
        by,
        success_rate: null,
        totals: data.totals,
        test_calls: data.test_calls,
      });
      const counted = ranged.periods.map(({ total_calls: taken }: { total_calls: number }) => taken);
      expect(counted.reduce((all: number, one: number) => all + one, 0)).toBe(4);
      for (const { starts_at: startsAt, date, hour } of ranged.periods) {
        const clock = new Intl.DateTimeFormat('sv-SE', {
          timeZone: ZONE,
          dateStyle: 'short',
          timeStyle: 'short',
        });
        expect(clock.format(new Date(startsAt))).toBe(`${date} ${String(hour ?? 0).padStart(2, '0')}:00`);
      }
    }
    const before = await house.must('GET', `/campaigns/${id}/stats?from=2026-01-01&to=2026-01-31`);
    expect(before.data).toMatchObject({ from: '2026-01-01', to: '2026-01-31', totals: { total_calls: 0 } });
  });

  it.each([
    ['from=2026-02-30', 'from'],
    ['to=tomorrow', 'to'],
    ['by=week', 'by'],
    ['from=2026-02-02&to=2026-02-01', 'to'],
    ['from=2025-01-01&to=2026-01-02', 'to'],
    ['from=2026-01-01&to=2026-02-01&by=hour', 'to'],
    ['from=2999-01-01', 'from'],
  ])('refuses ?%s, and names %s', async (query, field) => {
    const id = await house.campaign();
    const { status, body } = await house.api('GET', `/campaigns/${id}/stats?${query}`);
    expect([status, Object.keys(body.errors)]).toEqual([422, [field]]);
  });

  it('takes dates at the ends of the calendar', async () => {
    const id = await house.campaign({ timezone: ZONE });
    for (const query of [
      'to=0001-01-01',
      'from=9999-12-31&to=9999-12-31',
      'from=0001-01-01&to=0001-12-31&by=day',
    ])
      expect((await house.must('GET', `/campaigns/${id}/stats?${query}`)).data.totals.total_calls).toBe(0);
  });
});
