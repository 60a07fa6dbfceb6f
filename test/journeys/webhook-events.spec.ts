import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AGENT_EVENTS,
  CAMPAIGN_EVENTS,
  SILENT_AGENT_EVENTS,
  SILENT_CAMPAIGN_EVENTS,
} from '#policy/webhook-events.js';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

const CONTEXT = { order: 'A-17' };
const TOLD = [...Object.keys(CAMPAIGN_EVENTS), ...Object.keys(AGENT_EVENTS)];
const SILENT = [...Object.keys(SILENT_AGENT_EVENTS), ...Object.keys(SILENT_CAMPAIGN_EVENTS)];

let house: House;
let begunAt: string;

beforeAll(async () => {
  begunAt = new Date(Date.now() - 60_000).toISOString();
  house = await House.open();
});

afterAll(() => house.close());

const status = (id: string, to: string) => house.must('PATCH', `/campaigns/${id}/status`, { status: to });
const told = (path: string): any[] =>
  house.receiver.deliveries.filter((delivery) => delivery.path === path).map(({ body }) => body);

/** Who hears everything of a campaign, by every name that may be asked for. */
async function hearAll(campaignId: string, path: string): Promise<string> {
  const { data } = await house.must('POST', `/campaigns/${campaignId}/webhooks`, {
    name: path,
    webhook_url: house.receiver.url(path),
    events: [...TOLD, ...SILENT],
  });
  return `/campaigns/${campaignId}/webhooks/${data.id as string}`;
}

/** A draft campaign, after which everything that a campaign and its calls can come to has come about. */
async function everything(): Promise<{ webhook: string; calls: string[] }> {
  const id = await house.campaign({ max_retries: 1 }, {}, 'draft');
  const webhook = await hearAll(id, '/everything');
  await house.must('PUT', `/campaigns/${id}`, { name: 'Renamed' });
  await status(id, 'active');
  await status(id, 'paused');
  await status(id, 'active');
  const about = { context: CONTEXT };
  // A conversation, a machine, an engaged line twice, a failing network, and a number that must not be called.
  const dialled = ['00', '80', '70', '85'].map((digits) => aNumber(digits));
  const listed = aNumber('44');
  await house.must('POST', '/do-not-call', { to: listed });
  const calls = [await house.call(id, listed, about)];
  for (const to of dialled) calls.push(await house.call(id, to, about));
  await house.settled(calls);
  const later = { ...about, not_before: new Date(Date.now() + 3_600_000).toISOString() };
  const cancelled = await house.call(id, aNumber('45'), later);
  await house.must('POST', `/calls/${cancelled}/cancel`);
  const outlived = await house.call(id, aNumber('45'), later);
  await status(id, 'completed');

  const unwanted = await house.campaign({}, {}, 'draft');
  await hearAll(unwanted, '/unwanted');
  await status(unwanted, 'cancelled');
  await house.must('POST', `${webhook}/replay`, { since: begunAt });
  return { webhook, calls: [...calls, cancelled, outlived] };
}

describe('webhooks', () => {
  it('tell every event that can be known, and no other, each once, with context and a sequence without gaps', async () => {
    const { calls } = await everything();
    const all = () => [...told('/everything'), ...told('/unwanted')];
    const missing = () => {
      const types = new Set(all().map(({ type }) => type as string));
      return TOLD.filter((type) => !types.has(type));
    };
    await house.until('everything is told', async () => missing().length === 0).catch(() => undefined);
    expect(missing()).toEqual([]);
    expect(all().filter(({ type }) => SILENT.includes(type as string))).toEqual([]);
    expect(new Set(all().map(({ id }) => id)).size).toBe(all().length);

    for (const id of calls) {
      const ofCall = told('/everything').filter((body) => body.call?.id === id);
      expect(ofCall.length).toBeGreaterThan(0);
      for (const body of ofCall) expect(body.context).toEqual(CONTEXT);
      const numbers = ofCall.map(({ sequence }) => sequence as number).sort((a, b) => a - b);
      expect(numbers).toEqual(numbers.map((_, nth) => nth + 1));
    }
    const ofCampaign = told('/everything').filter(({ type }) => (type as string).startsWith('campaign.'));
    const inOrder = ofCampaign.sort((a, b) => a.sequence - b.sequence).map(({ type }) => type as string);
    expect(inOrder).toEqual(
      ['created', 'updated', 'started', 'paused', 'resumed', 'completed'].map((word) => `campaign.${word}`),
    );
  });

  it('tell a machine as soon as it is heard, and a conversation where a person was', async () => {
    const types = (to: string) =>
      told('/everything')
        .filter((body) => body.call?.to === to)
        .sort((a, b) => a.sequence - b.sequence)
        .map(({ type }) => (type as string).replace('event_', ''));
    const toOf = (digits: string) =>
      told('/everything').find((body) => body.call?.to.endsWith(digits))?.call.to as string;
    const [person, machine] = [types(toOf('00')), types(toOf('80'))];
    expect(person).toEqual([
      'campaign_call.queued',
      'campaign_call.started',
      'phone_call_started',
      'phone_call_connected',
      'conversation_started',
      'conversation_ended',
      'phone_call_disconnected',
      'phone_call_ended',
      'campaign_call.completed',
    ]);
    expect(machine.slice(3, 5)).toEqual(['phone_call_connected', 'voicemail_detected']);
    expect(machine).not.toContain('conversation_started');
  });

  it('tell the cancellation of a campaign that is deleted, and of the calls that waited in it', async () => {
    const id = await house.campaign();
    await hearAll(id, '/deleted');
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    await house.call(id, aNumber(), { not_before: notBefore });
    await status(id, 'paused');
    await house.must('DELETE', `/campaigns/${id}`);
    await house.until('it is told', async () => told('/deleted').length >= 4);
    expect(
      told('/deleted')
        .map(({ type }) => type as string)
        .sort(),
    ).toEqual(['campaign.cancelled', 'campaign.paused', 'campaign_call.cancelled', 'campaign_call.queued']);
  });

  it('tell an agent of a call outside campaigns that ends without a dial', async () => {
    const agent = await house.agent();
    await house.must('POST', `/agents/${agent}/webhooks`, {
      name: 'direct',
      webhook_url: house.receiver.url('/direct'),
      events: ['event_phone_call_did_not_connect'],
    });
    const made = await house.must('POST', `/agents/${agent}/call`, { to: aNumber(), delay_seconds: 3600 });
    await house.must('POST', `/calls/${made.data.id}/cancel`);
    await house.until('it is told', async () => told('/direct').length > 0);
    expect(told('/direct')).toMatchObject([
      {
        type: 'event_phone_call_did_not_connect',
        call: { id: made.data.id, status: 'cancelled', attempt: 0 },
      },
    ]);
  });
});
