import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
const CONTEXT = { order: 'A-17', nested: { deep: [1, 2] } };

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house.close());

async function listen(
  campaignId: string,
  path: string,
  events: string[],
  more: Record<string, unknown> = {},
): Promise<void> {
  const endpoint = {
    name: path,
    webhook_url: house.receiver.url(path),
    events,
    webhook_secret: SECRET,
    ...more,
  };
  await house.must('POST', `/campaigns/${campaignId}/webhooks`, endpoint);
}

const told = (path: string) => house.receiver.deliveries.filter((delivery) => delivery.path === path);

describe('the webhooks of a campaign', () => {
  it('tell the life of a call, signed, with its context, in a sequence without gaps', async () => {
    const campaignId = await house.campaign({ max_retries: 1 });
    const events = [
      'campaign_call.queued',
      'campaign_call.started',
      'campaign_call.retry_scheduled',
      'campaign_call.completed',
    ];
    await listen(campaignId, '/life', events);
    const id = await house.call(campaignId, aNumber('96'), { context: CONTEXT });
    await house.until('all is told', async () => told('/life').length >= 5);

    const bodies = told('/life').map(
      ({ raw, headers }) => new Webhook(SECRET).verify(raw, headers as never) as any,
    );
    const inOrder = bodies.sort((a, b) => a.sequence - b.sequence);
    expect(inOrder.map(({ type }) => type)).toEqual([
      'campaign_call.queued',
      'campaign_call.started',
      'campaign_call.retry_scheduled',
      'campaign_call.started',
      'campaign_call.completed',
    ]);
    for (const body of inOrder) {
      expect(body).toMatchObject({
        event: body.type,
        campaign_id: campaignId,
        context: CONTEXT,
        call: { id },
      });
    }
    expect(inOrder[4].call).toMatchObject({ status: 'completed', outcome: 'answered', attempt: 2 });
    expect(inOrder[4].call.duration).toBeGreaterThan(0);
    expect(new Set(inOrder.map((body) => body.id)).size).toBe(5);
  });

  it('also tell the agent-level events where the endpoint asks for them', async () => {
    const campaignId = await house.campaign();
    await listen(campaignId, '/calls', ['campaign_call.completed'], { include_call_events: true });
    await house.call(campaignId, aNumber('80'));
    await house.until(
      'the end is told',
      async () =>
        told('/calls').some(({ body }) => body.type === 'campaign_call.completed') &&
        told('/calls').some(({ body }) => body.type === 'event_phone_call_ended'),
    );
    const types = told('/calls').map(({ body }) => body.type);
    expect(types).toEqual(
      expect.arrayContaining([
        'event_phone_call_started',
        'event_phone_call_connected',
        'event_voicemail_detected',
      ]),
    );
  });

  it('are delivered again after a failure, under the same id', async () => {
    const campaignId = await house.campaign();
    await listen(campaignId, '/again', ['campaign_call.queued']);
    house.receiver.nextStatuses.push(500);
    await house.call(campaignId, aNumber('70'));
    await house.until('it was tried twice', async () => told('/again').length >= 2);
    const [first, second] = told('/again');
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.raw).toBe(first?.raw);
  });
});

describe('the webhooks of an agent', () => {
  it('tell what becomes of its calls', async () => {
    const campaignId = await house.campaign();
    const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    await house.must('POST', `/agents/${agent.id}/webhooks`, {
      name: 'agent',
      webhook_url: house.receiver.url('/agent'),
      events: ['event_phone_call_did_not_connect'],
    });
    const id = await house.call(campaignId, aNumber('70'), { context: CONTEXT });
    await house.until('it is told', async () => told('/agent').length > 0);
    expect(told('/agent')[0]?.body).toMatchObject({
      agent_id: agent.id,
      call: { id, outcome: 'busy' },
      context: CONTEXT,
    });
    expect(told('/agent')[0]?.headers['webhook-signature']).toBeUndefined();
  });
});
