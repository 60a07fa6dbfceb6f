import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import type { House } from '../running-house.js';
import { CarrierHouses, linesOf } from './carrier-houses.js';

let houses: CarrierHouses;
let house: House;
let campaignId: string;
/** Where phones ring for as long as a test needs. */
let slow: House;
let slowCampaignId: string;

beforeAll(async () => {
  houses = await CarrierHouses.open('asterisk');
  ({ house, campaignId, slow, slowCampaignId } = houses);
});

afterAll(() => houses.close());

/** Breaks the twin's sockets, and takes none for a while. */
async function breakSocket(of: House, downMs: number): Promise<void> {
  await fetch(`${of.variables.ARI_URL}/socket`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ down_ms: downMs }),
  });
}

const why = async (of: House, campaign: string) =>
  JSON.stringify(await of.must('GET', `/campaigns/${campaign}/why`));

describe('a call through Asterisk', () => {
  it.each([
    ['a conversation', '00', 'completed', 'answered'],
    ['no answer', '60', 'no-answer', 'no_answer'],
    ['a busy line', '70', 'busy', 'busy'],
    ['a machine, which nobody tells from a person', '80', 'completed', 'answered'],
    ['a failure of the network', '85', 'failed', 'carrier_failure'],
    ['a number that the trunk refuses at once', '88', 'failed', 'invalid_number'],
    ['a call that was declined', '89', 'failed', 'rejected'],
    ['a lost answer to the dial', '90', 'completed', 'answered'],
    ['a failure after it rang', '91', 'completed', 'answered'],
    ['events three times, in any order', '94', 'completed', 'answered'],
    ['a limit, twice', '98', 'completed', 'answered'],
    ['a number that the network refuses', '99', 'failed', 'invalid_number'],
  ])('comes to its end over %s (…%s): %s', async (_, digits, status, outcome) => {
    await houses.expectEnd(digits, { status, outcome });
  });

  it('is parked where nothing was heard of its end, for Asterisk has forgotten it then', async () => {
    const id = await house.call(campaignId, aNumber('93'));
    const call = (await house.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'outcome_unknown', reason: 'not_found' });
    expect(await linesOf(house, 'request', call.attempts[0].id)).toHaveLength(1);
  });

  it.each([
    ['an application', 'stasis:voice-agent', { app: 'voice-agent' }],
    ['a context', 'dialplan:agents,reminder', { context: 'agents', extension: 'reminder' }],
    ['an AudioSocket server', 'audiosocket://10.0.0.7:9092', { context: 'ringfence-audiosocket' }],
  ])('is handed to its agent’s place, %s, by what it needs to know', async (_, place, expected) => {
    const placed = await slow.campaign({}, { connect_to: place, max_call_duration_seconds: 61 });
    const id = await slow.call(placed, aNumber('00'));
    const handover = await slow.until('the call is handed over', async () => {
      const [attempt] = (await slow.readCall(id)).attempts;
      if (attempt === undefined) return false;
      return (await linesOf(slow, 'callback', attempt.id)).find(({ type }) => type === 'handover');
    });
    expect(handover).toMatchObject(expected);
    expect(handover.variables).toMatchObject({
      RINGFENCE_CALL_ID: id,
      RINGFENCE_ATTEMPT_ID: handover.id,
      'TIMEOUT(absolute)': '61',
    });
    await slow.must('POST', `/calls/${id}/cancel`);
  });
});

describe('a call that is cancelled while it rings', () => {
  it('is hung up at Asterisk before anybody answers', async () => {
    const id = await slow.call(slowCampaignId, aNumber('60'));
    await slow.until('the call rings', async () => (await slow.readCall(id)).status === 'ringing');
    await slow.must('POST', `/calls/${id}/cancel`);
    const call = (await slow.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'cancelled' });
    expect(await linesOf(slow, 'end', call.attempts[0].id)).toMatchObject([{ status: 'canceled' }]);
  });
});

describe('an agent that another carrier reaches', () => {
  it('stops its campaign before anything is dialled, and says so', async () => {
    const placeless = await house.campaign({}, { connect_to: 'wss://voice.example.com/agent' });
    await house.call(placeless, aNumber('00'));
    await house.until('the campaign stops', async () =>
      (await why(house, placeless)).includes('agent_place_is_of_another_carrier'),
    );
  });
});

describe('while nobody hears Asterisk', () => {
  it('nothing is dialled, `why` says so, and then it goes on by itself', async () => {
    const waiting = await house.campaign();
    await breakSocket(house, 4_000);
    await house.until('the house has noticed', async () =>
      (await why(house, waiting)).includes('carrier_not_heard'),
    );
    const id = await house.call(waiting, aNumber('00'));
    expect(await house.readCall(id)).toMatchObject({ status: 'queued', attempts: [] });
    const call = (await house.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'completed' });
    expect(await linesOf(house, 'request', call.attempts[0].id)).toHaveLength(1);
  });

  it('whoever picks up is brought to the agent as soon as somebody hears again', async () => {
    const id = await slow.call(slowCampaignId, aNumber('00'));
    const attempt = await slow.until('the call rings', async () => {
      const { status, attempts } = await slow.readCall(id);
      return status === 'ringing' && attempts[0];
    });
    await breakSocket(slow, 1_500);
    await slow.until('it is answered', async () => (await linesOf(slow, 'answer', attempt.id)).length > 0);
    await slow.until('it is handed over', async () =>
      (await linesOf(slow, 'callback', attempt.id)).some(({ type }) => type === 'handover'),
    );
    await slow.must('POST', `/calls/${id}/cancel`);
  });
});
