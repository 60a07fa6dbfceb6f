import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';
import { zoneWhereItIs } from '../zone-where-it-is.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 2, speed: 100 });
});

afterAll(() => house.close());

async function requestsTo(...numbers: string[]): Promise<number> {
  return (await house.ledger()).filter(({ kind, to }) => kind === 'request' && numbers.includes(to)).length;
}

/** A window of a day that is not today, in UTC. */
function closedNow(): Record<string, unknown> {
  const weekday = new Date().getUTCDay() === 0 ? 7 : new Date().getUTCDay();
  // Two days on, so that midnight during the test does not open it.
  return { days_of_week: [((weekday + 1) % 7) + 1] };
}

describe('the calling window', () => {
  it('holds a call until it opens, says when, and lets it go once the hours are widened', async () => {
    const campaignId = await house.campaign(closedNow());
    const to = aNumber();
    const made = await house.must('POST', `/campaigns/${campaignId}/call`, { to });
    expect(made.campaign_call.status).toBe('scheduled');
    expect(new Date(made.campaign_call.scheduled_at).getTime()).toBeGreaterThan(Date.now() + 3_600_000);

    // A call of another campaign that was made later has long been dialled: the first was passed over.
    const other = await house.call(await house.campaign(), aNumber());
    await house.settled([other]);
    expect(await requestsTo(to)).toBe(0);

    await house.must('PATCH', `/campaigns/${campaignId}/status`, { status: 'paused' });
    await house.must('PUT', `/campaigns/${campaignId}`, { days_of_week: [1, 2, 3, 4, 5, 6, 7] });
    await house.must('PATCH', `/campaigns/${campaignId}/status`, { status: 'active' });
    const call = (await house.settled([made.campaign_call.id])).get(made.campaign_call.id);
    expect(call.status).toBe('completed');
    expect(await requestsTo(to)).toBe(1);
  });
});

describe('the legal guard', () => {
  it('holds a call while it is night where the person may be, says why, and lets go when it is lifted', async () => {
    await house.must('PATCH', '/environment', { legal_guard: 'enforce' });
    const campaignId = await house.campaign();
    const to = '+12125550100';
    const made = await house.must('POST', `/campaigns/${campaignId}/call`, {
      to,
      timezone: zoneWhereItIs(3),
    });
    const { id, status, scheduled_at: scheduledAt } = made.campaign_call;
    expect(status).toBe('scheduled');
    expect(new Date(scheduledAt).getTime()).toBeGreaterThan(Date.now() + 3_600_000);
    const { data: why } = await house.must('GET', `/calls/${id}/why`);
    expect(why).toMatchObject({
      reason: 'outside_legal_hours',
      rule: 'legal_guard',
      next_at: scheduledAt,
    });
    const { inputs } = why.evidence.rules.at(-1);
    expect(inputs).toMatchObject({ mode: 'enforce', jurisdictions: ['US', 'US-NY'] });
    expect(inputs.rules[0]).toMatchObject({ rule: 'us-fcc', enforced: true, source: '47 CFR 64.1200(c)(1)' });

    const blocked = async (body: object) =>
      (await house.must('POST', `/campaigns/${campaignId}/call`, body)).campaign_call;
    expect(await blocked({ to: '+19995550100' })).toMatchObject({
      status: 'blocked',
      blocked_reason: 'callee_zone_unknown',
      scheduled_at: null,
    });
    expect(await blocked({ to: '+18005550100', timezone: 'Asia/Kolkata' })).toMatchObject({
      status: 'blocked',
      blocked_reason: 'no_lawful_opening',
    });
    expect(await requestsTo(to, '+19995550100', '+18005550100')).toBe(0);

    await house.must('PATCH', '/environment', { legal_guard: 'off' });
    expect((await house.settled([id])).get(id)).toMatchObject({ status: 'completed' });
  });

  it('is tightened by a campaign and loosened by none, and operators say what else it knows', async () => {
    const campaignId = await house.campaign({ legal_guard: 'enforce' });
    await house.must('PATCH', '/environment', { legal_guard: 'auto' });
    const loosened = await house.api('PUT', `/campaigns/${campaignId}`, { legal_guard: 'warn' });
    expect([loosened.status, Object.keys(loosened.body.errors)]).toEqual([422, ['legal_guard']]);
    const { data } = await house.must('GET', `/campaigns/${campaignId}`);
    expect(data.legal_guard).toBe('enforce');
    await house.must('PUT', `/campaigns/${campaignId}`, { legal_guard: null });

    const words = ['--trust-call-timezone', 'yes', '--legal-dates', 'holiday:FR:2026-07-14'];
    await house.cli(['environment', 'set', house.environmentId, ...words, '--legal-guard', 'off']);
    expect((await house.must('GET', '/environment')).data).toMatchObject({
      legal_guard: 'off',
      trust_call_timezone: true,
      legal_dates: ['holiday:FR:2026-07-14'],
    });
    const wrong = await house.api('POST', `/campaigns/${campaignId}/call`, {
      to: aNumber(),
      timezone: 'Mars',
    });
    expect([wrong.status, Object.keys(wrong.body.errors)]).toEqual([422, ['timezone']]);
  });
});

describe('the limits of a number', () => {
  it('hold a call of any campaign, say why and since when, and let it go once they are lifted', async () => {
    const limits = ['--max-attempts-per-day', '1', '--success-cooldown', 'none'];
    await house.cli(['environment', 'set', house.environmentId, ...limits]);
    const to = aNumber();
    const first = await house.call(await house.campaign(), to);
    await house.settled([first]);

    const campaignId = await house.campaign();
    const made = await house.must('POST', `/campaigns/${campaignId}/call`, { to });
    const { id, status, scheduled_at: scheduledAt, created_at: createdAt } = made.campaign_call;
    expect(status).toBe('scheduled');
    const hoursAhead = (new Date(scheduledAt).getTime() - Date.now()) / 3_600_000;
    expect(hoursAhead).toBeGreaterThan(23.9);
    expect(hoursAhead).toBeLessThan(24.1);
    const { data: why } = await house.must('GET', `/calls/${id}/why`);
    expect(why).toMatchObject({
      reason: 'number_cap_reached',
      rule: 'number_caps',
      sentence: expect.stringContaining(
        'called as often as is allowed (day: 1 in 24 hours). It may go from ',
      ),
      since: createdAt,
      next_at: scheduledAt,
    });
    expect(why.evidence.rules.at(-1)).toMatchObject({
      rule: 'number_caps',
      passed: false,
      inputs: { caps: [{ cap: 'day', calls: 1, hours: 24, used: 1, until: scheduledAt, enforced: true }] },
    });
    const { data: idle } = await house.must('GET', `/campaigns/${campaignId}/why`);
    expect(idle).toMatchObject({ is_idle: true, due: 0, later: 1 });
    expect(idle.reasons.map(({ reason }: { reason: string }) => reason)).toEqual([
      'nothing_is_due',
      'number_cap_reached',
    ]);
    expect(idle.held_by).toEqual([{ reason: 'number_cap_reached', count: 1, next_at: scheduledAt }]);

    const { data } = await house.must('PATCH', '/environment', { max_attempts_per_number_day: null });
    expect(data.max_attempts_per_number_day).toBeNull();
    expect((await house.settled([id])).get(id)).toMatchObject({ status: 'completed' });
    expect(await requestsTo(to)).toBe(2);
  });

  it.each([
    ['max_attempts_per_number_day', 0],
    ['max_attempts_per_number_week', 101],
    ['min_attempt_gap_minutes', 1.5],
    ['success_cooldown_hours', '3'],
  ])('are refused where they make no sense: %s %j', async (field, value) => {
    const { status, body } = await house.api('PATCH', '/environment', { [field]: value });
    expect([status, Object.keys(body.errors)]).toEqual([422, [field]]);
  });
});

describe('a stop', () => {
  it('by pause begins no new dial once it has answered, and names what is in flight', async () => {
    const campaignId = await house.campaign({ max_concurrent_calls: 4 });
    const numbers = Array.from({ length: 40 }, () => aNumber());
    for (const to of numbers) await house.call(campaignId, to);
    await house.until('some are dialled', async () => (await requestsTo(...numbers)) >= 4);
    const { data } = await house.must('PATCH', `/campaigns/${campaignId}/status`, { status: 'paused' });
    const answeredAt = new Date();

    await house.until('what was in flight has ended', async () => {
      const calls = (await house.must('GET', `/calls?campaign_id=${campaignId}&per_page=100`)).data;
      return calls.every(
        ({ status }: { status: string }) => !['initiated', 'ringing', 'answered'].includes(status),
      );
    });
    // The carrier's clock is this machine's: whatever it was asked for after the answer must have been in flight.
    const late = (await house.ledger()).filter(
      (line) => line.kind === 'request' && numbers.includes(line.to) && new Date(line.at) > answeredAt,
    );
    for (const { id } of late) expect(data.in_flight.attempt_ids).toContain(id);
    const dialled = await requestsTo(...numbers);
    expect(dialled).toBeLessThan(40);
    expect(data.stopped).toBe(40 - dialled);

    await house.must('PATCH', `/campaigns/${campaignId}/status`, { status: 'cancelled' });
    await house.until('the rest is cancelled', async () => {
      const { pagination } = await house.must('GET', `/calls?campaign_id=${campaignId}&status=cancelled`);
      return pagination.total === 40 - dialled;
    });
    expect(await requestsTo(...numbers)).toBe(dialled);
  });

  it('by a Do-Not-Call addition blocks the waiting call, and the number ever after', async () => {
    const campaignId = await house.campaign(closedNow());
    const to = aNumber();
    const id = await house.call(campaignId, to);
    const { data } = await house.must('POST', '/do-not-call', { to, reason: 'asked' });
    expect(data).toMatchObject({ added: 1, stopped: 1 });
    expect(await house.readCall(id)).toMatchObject({ status: 'blocked', reason: 'do_not_call' });

    const again = await house.must('POST', `/campaigns/${await house.campaign()}/call`, { to });
    expect(again.campaign_call).toMatchObject({
      status: 'blocked',
      scheduled_at: null,
      blocked_reason: 'do_not_call',
    });
    expect(await requestsTo(to)).toBe(0);
  });
});

describe('the concurrency of a campaign', () => {
  it('is never exceeded at the carrier, with two dialers', async () => {
    const campaignId = await house.campaign({ max_concurrent_calls: 3 });
    const numbers = Array.from({ length: 20 }, () => aNumber());
    const ids: string[] = [];
    for (const to of numbers) ids.push(await house.call(campaignId, to));
    await house.settled(ids);

    let running = 0;
    let most = 0;
    for (const line of (await house.ledger()).filter(({ to }) => numbers.includes(to))) {
      if (line.kind === 'request') running += 1;
      if (line.kind === 'end') running -= 1;
      most = Math.max(most, running);
    }
    expect(most).toBe(3);
  });
});

describe('two campaigns with one number', () => {
  it('never ring it at once', async () => {
    const to = aNumber();
    const ids = [
      await house.call(await house.campaign(), to),
      await house.call(await house.campaign(), to),
      await house.call(await house.campaign(), to),
    ];
    await house.settled(ids);
    const kinds = (await house.ledger()).filter(
      (line) => line.to === to && ['request', 'end'].includes(line.kind),
    );
    expect(kinds.map(({ kind }) => kind)).toEqual(['request', 'end', 'request', 'end', 'request', 'end']);
  });
});
