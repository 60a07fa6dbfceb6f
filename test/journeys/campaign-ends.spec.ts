import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 1, speed: 20 });
});

afterAll(() => house.close());

const pause = (id: string) => house.must('PATCH', `/campaigns/${id}/status`, { status: 'paused' });

describe('deleting a campaign', () => {
  it('is refused while it is active, and while a call of it is in progress', async () => {
    const id = await house.campaign();
    const active = await house.api('DELETE', `/campaigns/${id}`);
    expect([active.status, active.body.code]).toEqual([403, 'FORBIDDEN']);
    // Rings for thirty seconds of the carrier's time: one and a half of ours.
    const call = await house.call(id, aNumber('60'));
    await house.until('it rings', async () => (await house.readCall(call)).status === 'ringing');
    await pause(id);
    const busy = await house.api('DELETE', `/campaigns/${id}`);
    expect([busy.status, busy.body.code]).toEqual([409, 'CONFLICT']);
  });

  it('takes it and its calls out of every answer at once, and dials none of them', async () => {
    const id = await house.campaign();
    const to = aNumber();
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const call = await house.call(id, to, { not_before: notBefore });
    await pause(id);
    await house.must('DELETE', `/campaigns/${id}`);
    const paths: [string, string, unknown?][] = [
      ['GET', `/campaigns/${id}`],
      ['PUT', `/campaigns/${id}`, { name: 'again' }],
      ['PATCH', `/campaigns/${id}/status`, { status: 'active' }],
      ['DELETE', `/campaigns/${id}`],
      ['GET', `/campaigns/${id}/why`],
      ['GET', `/campaigns/${id}/stats`],
      ['POST', `/campaigns/${id}/call`, { to }],
      ['GET', `/campaigns/${id}/webhooks`],
      ['GET', `/calls/${call}`],
      ['GET', `/calls/${call}/why`],
      ['POST', `/calls/${call}/cancel`],
      ['PATCH', `/calls/${call}`, { converted: true }],
    ];
    for (const [method, path, body] of paths) {
      expect([method, path, (await house.api(method, path, body)).status]).toEqual([method, path, 404]);
    }
    expect(
      (await house.must('GET', '/campaigns')).data.map((shown: { id: string }) => shown.id),
    ).not.toContain(id);
    expect((await house.must('GET', `/calls?campaign_id=${id}`)).data).toEqual([]);
    const client = new Client({ connectionString: house.databaseUrl });
    await client.connect();
    try {
      const { rowCount } = await client.query(`SELECT FROM calls WHERE id = $1`, [call]);
      expect(rowCount).toBe(1);
    } finally {
      await client.end();
    }
  });
});

it('a campaign with auto_complete is completed once its calls are over, and takes no more', async () => {
  const id = await house.campaign({ auto_complete: true });
  await house.call(id, aNumber());
  await house.call(id, aNumber('70'));
  const campaign = async () => (await house.must('GET', `/campaigns/${id}`)).data;
  await house.until('it completes', async () => (await campaign()).status === 'completed');
  const { stats } = await campaign();
  expect([stats.total_calls, stats.completed_calls, stats.failed_calls]).toEqual([2, 1, 1]);
  const late = await house.api('POST', `/campaigns/${id}/call`, { to: aNumber() });
  expect([late.status, late.body.code]).toEqual([400, 'CAMPAIGN_NOT_ACTIVE']);
});

describe('a conversion that the client reports', () => {
  it('withdraws the retry that waits, once and for good', async () => {
    const id = await house.campaign({ retry_on_no_conversion: true, max_retries: 3 });
    const call = await house.call(id, aNumber());
    await house.until('a retry is planned', async () => {
      const { status, attempts } = await house.readCall(call);
      return status === 'scheduled' && attempts.length === 1;
    });
    for (let time = 0; time < 2; time += 1) {
      const { data } = await house.must('PATCH', `/calls/${call}`, { converted: true });
      expect(data).toMatchObject({ status: 'completed', outcome: 'answered', converted: true });
    }
  });

  it('of a call that was never dialled is a 409, and taking one back a 422', async () => {
    const id = await house.campaign();
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const call = await house.call(id, aNumber(), { not_before: notBefore });
    const early = await house.api('PATCH', `/calls/${call}`, { converted: true });
    expect([early.status, early.body.code]).toEqual([409, 'CALL_NOT_DIALLED']);
    const back = await house.api('PATCH', `/calls/${call}`, { converted: false });
    expect([back.status, Object.keys(back.body.errors)]).toEqual([422, ['converted']]);
  });
});

describe('a list read by cursor', () => {
  it('shows every call once while new ones come in before its pages', async () => {
    const id = await house.campaign({}, {}, 'active');
    await pause(id);
    await house.must('PATCH', `/campaigns/${id}/status`, { status: 'active' });
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push(await house.call(id, aNumber(), { not_before: notBefore }));
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { data, pagination } = await house.must('GET', `/calls?campaign_id=${id}&per_page=2${from}`);
      seen.push(...data.map((call: { id: string }) => call.id));
      cursor = pagination.next_cursor;
      await house.call(id, aNumber(), { not_before: notBefore });
    }
    expect(seen).toEqual([...made].reverse());
    const { status, body } = await house.api('GET', '/campaigns?cursor=2');
    expect([status, Object.keys(body.errors)]).toEqual([422, ['cursor']]);
  });
});
