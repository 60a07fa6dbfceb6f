import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zoneDataVersion } from '#policy/zone-offsets.js';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 1, speed: 20, settings: { UNSAFE_RECONCILE_HORIZON_SECONDS: '3' } });
});

afterAll(() => house.close());

async function requestsTo(to: string): Promise<number> {
  return (await house.ledger()).filter((line) => line.kind === 'request' && line.to === to).length;
}

async function anUnknownCall(): Promise<string> {
  // Its request is taken and never answered, and its phone never rings.
  const id = await house.call(await house.campaign({ max_retries: 1 }), aNumber('92'));
  expect((await house.settled([id])).get(id).status).toBe('outcome_unknown');
  return id;
}

describe('cancelling one call', () => {
  it('that waits ends it, and says that nothing is in flight', async () => {
    const campaignId = await house.campaign();
    const to = aNumber();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const id = await house.call(campaignId, to, { not_before: inAnHour });
    const { data } = await house.must('POST', `/calls/${id}/cancel`);
    expect(data).toEqual({
      id,
      status: 'cancelled',
      in_flight: { count: 0, attempt_ids: [] },
      unknown: 0,
      stopped: 1,
    });
    expect((await house.must('POST', `/calls/${id}/cancel`)).data).toEqual(data);
    expect(await requestsTo(to)).toBe(0);
    expect((await house.api('POST', `/campaigns/${campaignId}/call`, { to })).status).toBe(201);
  });

  it('that rings hangs it up, names it as in flight, and plans no retry', async () => {
    // Rings for thirty seconds of the carrier's time, one and a half of ours, and nobody answers.
    const to = aNumber('60');
    const id = await house.call(await house.campaign({ max_retries: 3 }), to);
    await house.until('it rings', async () => (await house.readCall(id)).status === 'ringing');
    const { data } = await house.must('POST', `/calls/${id}/cancel`);
    const call = (await house.settled([id])).get(id);
    expect(data.in_flight).toEqual({ count: 1, attempt_ids: [call.attempts[0].id] });
    expect(data.stopped).toBe(0);
    expect(call).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
    // Asked again, it still counts as dialled, and not as stopped.
    expect((await house.must('POST', `/calls/${id}/cancel`)).data).toMatchObject({ stopped: 0 });
    const [end] = (await house.ledger()).filter((line) => line.kind === 'end' && line.to === to);
    expect(end?.status).toBe('canceled');
  });

  it('that has ended is a 409, and one that nobody made a 404', async () => {
    const id = await house.call(await house.campaign(), aNumber());
    await house.settled([id]);
    const { status, body } = await house.api('POST', `/calls/${id}/cancel`);
    expect([status, body.code]).toEqual([409, 'CALL_ALREADY_ENDED']);
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect((await house.api('POST', `/calls/${nobody}/cancel`)).status).toBe(404);
  });
});

describe('the calls of an agent', () => {
  it('are listed without it, found while one is under way, and ended', async () => {
    const campaignId = await house.campaign({ retry_on_no_conversion: true, max_retries: 2 });
    const { agent_id: agentId } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    const to = aNumber('60');
    const id = await house.call(campaignId, to);
    await house.until('it rings', async () => (await house.readCall(id)).status === 'ringing');
    const path = `/agents/${agentId}/active-call/${encodeURIComponent(to)}`;
    const { data: active } = await house.must('GET', path);
    expect(active).toEqual([
      {
        id,
        agent_id: agentId,
        to,
        status: 'ringing',
        started_at: expect.any(String),
        duration_seconds: 0,
      },
    ]);
    const { data } = await house.must('POST', `/agents/${agentId}/end-call`, { call_sid: id });
    expect(data).toEqual({
      id,
      status: 'completed',
      ended_at: expect.any(String),
      ended_reason: 'ended_by_api',
    });
    expect((await house.settled([id])).get(id)).toMatchObject({ status: 'cancelled' });
    expect((await house.api('GET', path)).status).toBe(404);
    const again = await house.api('POST', `/agents/${agentId}/end-call`, { call_sid: id });
    expect([again.status, again.body.code]).toEqual([409, 'CALL_NOT_ACTIVE']);

    const listed = await house.must('GET', `/agents/${agentId}/calls?status=cancelled`);
    expect(listed.data.map((call: { id: string }) => call.id)).toEqual([id]);
    expect(listed.data[0]).not.toHaveProperty('agent');
    expect(listed.pagination.total).toBe(1);
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect((await house.api('GET', `/agents/${nobody}/calls`)).body.code).toBe('AGENT_NOT_FOUND');
  });
});

describe('a call of unknown outcome', () => {
  it('is listed for operators, and given the outcome that one vouches for, retry included', async () => {
    const id = await anUnknownCall();
    const listed = await house.cli(['unknown', 'list', '--environment', house.environmentId]);
    expect((listed.calls as { callId: string }[]).map(({ callId }) => callId)).toContain(id);

    await house.cli(['unknown', 'resolve', id, '--outcome', 'busy', '--note', 'the carrier wrote back']);
    const second = await house.until('it is tried again', async () => (await house.readCall(id)).attempts[1]);
    expect((await house.readCall(id)).attempts[0]).toMatchObject({ status: 'ended', outcome: 'busy' });
    expect(second.id).not.toBe((await house.readCall(id)).attempts[0].id);
  });

  it('is resolved over the API too, by whoever holds the token, once', async () => {
    const id = await anUnknownCall();
    const { data } = await house.must('POST', `/calls/${id}/resolve`, { outcome: 'answered' });
    expect(data).toMatchObject({ id, status: 'completed', outcome: 'answered' });
    const again = await house.api('POST', `/calls/${id}/resolve`, { outcome: 'busy' });
    expect([again.status, again.body.code]).toEqual([409, 'OUTCOME_NOT_UNKNOWN']);
    const wrong = await house.api('POST', `/calls/${id}/resolve`, { outcome: 'unknown' });
    expect([wrong.status, Object.keys(wrong.body.errors)]).toEqual([422, ['outcome']]);
    const neighbour = await house.neighbour();
    expect((await neighbour('POST', `/calls/${id}/resolve`, { outcome: 'busy' })).status).toBe(404);
  });
});

describe('asking why', () => {
  /** Open on one day of the week, which is neither today nor tomorrow in UTC. */
  const closed = () => ({ days_of_week: [((new Date().getUTCDay() + 1) % 7) + 1] });

  it('a call waits names the rule that holds it, and when it may go', async () => {
    const id = await house.call(await house.campaign(closed()), aNumber());
    const { data } = await house.must('GET', `/calls/${id}/why`);
    expect(data).toMatchObject({
      id,
      status: 'scheduled',
      reason: 'outside_calling_window',
      rule: 'calling_window',
      next_at: (await house.readCall(id)).scheduled_at,
    });
    expect(data.evidence.rules.at(-1)).toMatchObject({ rule: 'calling_window', passed: false });
  });

  it('a campaign is idle names all that keeps it, and how many calls wait', async () => {
    const campaignId = await house.campaign(closed(), {}, 'paused');
    const { data } = await house.must('GET', `/campaigns/${campaignId}/why`);
    expect(data.is_idle).toBe(true);
    expect(data.reasons.map(({ reason }: { reason: string }) => reason)).toEqual([
      'campaign_not_active',
      'outside_calling_window',
      'nothing_waits',
    ]);
    expect(data.slots).toEqual({
      campaign: { in_use: 0, limit: null, reserved: 0 },
      environment: { in_use: expect.any(Number), limit: 100, reserved: 0 },
    });
  });

  it('is answered to nobody else', async () => {
    const campaignId = await house.campaign(closed());
    const callId = await house.call(campaignId, aNumber());
    const neighbour = await house.neighbour();
    for (const path of [`/calls/${callId}/why`, `/campaigns/${campaignId}/why`]) {
      expect((await neighbour('GET', path)).status).toBe(404);
    }
  });

  it('a call that has ended says what it came to', async () => {
    const id = await house.call(await house.campaign(), aNumber('70'));
    await house.settled([id]);
    const { data } = await house.must('GET', `/calls/${id}/why`);
    expect(data).toMatchObject({ status: 'busy', reason: 'retries_used', rule: 'retry', next_at: null });
    expect(data.evidence.rules).toMatchObject([
      { rule: 'retry', passed: false, inputs: { outcome: 'busy', because: 'retries_used' } },
    ]);
  });
});

describe('the zone data behind every decision', () => {
  it('is named by whether a process is ready, and kept with each attempt', async () => {
    const ready = await fetch(`http://127.0.0.1:${house.apiAdminPort}/ready`);
    expect(await ready.json()).toMatchObject({ status: 'ok', zone_data: zoneDataVersion });
    const id = await house.call(await house.campaign(), aNumber());
    const call = (await house.settled([id])).get(id);
    expect(call.attempts[0].evidence).toMatchObject({ zoneData: zoneDataVersion });
  });
});

describe('the queue', () => {
  it('can be thrown away by an operator, and everything is dialled all the same', async () => {
    const campaignId = await house.campaign({ max_concurrent_calls: 1 });
    const ids: string[] = [];
    for (let made = 0; made < 4; made += 1) ids.push(await house.call(campaignId, aNumber()));
    const rebuilt = await house.cli(['queue', 'rebuild']);
    expect(rebuilt).toEqual({ dropped: expect.any(Number), withdrawn: expect.any(Number) });
    for (const call of (await house.settled(ids)).values()) expect(call.status).toBe('completed');
  });
});

describe('stopping the environment', () => {
  it('answers with what is held and what is in flight, and nothing is dialled until it is lifted', async () => {
    const to = aNumber();
    const { data } = await house.must('POST', '/environment/stop');
    expect(data).toMatchObject({
      kill_switch: true,
      in_flight: { count: expect.any(Number), attempt_ids: expect.any(Array) },
      unknown: expect.any(Number),
      stopped: expect.any(Number),
    });
    const id = await house.call(await house.campaign(), to);
    expect(await requestsTo(to)).toBe(0);
    await house.must('PATCH', '/environment', { kill_switch: false });
    expect((await house.settled([id])).get(id).status).toBe('completed');
  });
});
