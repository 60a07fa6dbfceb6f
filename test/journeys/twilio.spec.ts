import { randomBytes } from 'node:crypto';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
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
  houses = await CarrierHouses.open('twilio');
  ({ house, campaignId, slow, slowCampaignId } = houses);
});

afterAll(() => houses.close());

/** Twilio asks what to do with a call of an attempt. */
async function ask(
  of: House,
  attemptId: string,
  callSid: string,
  token = of.variables.TWILIO_AUTH_TOKEN ?? '',
) {
  const url = of.url(`/callbacks/twilio/answer?attempt=${attemptId}&environment=${of.environmentId}`);
  const form = { CallSid: callSid, CallStatus: 'in-progress' };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': getExpectedTwilioSignature(token, url, form),
    },
    body: new URLSearchParams(form),
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

const aCallSid = () => `CA${randomBytes(16).toString('hex')}`;

describe('a call through Twilio', () => {
  it.each([
    ['a conversation', '00', 'completed', 'answered'],
    ['no answer', '60', 'no-answer', 'no_answer'],
    ['a busy line', '70', 'busy', 'busy'],
    ['a machine, whose verdict comes apart', '80', 'voicemail', 'voicemail'],
    ['a failure of the network', '85', 'failed', 'carrier_failure'],
    ['a number that Twilio refuses', '88', 'failed', 'invalid_number'],
    ['a number that the network refuses', '99', 'failed', 'invalid_number'],
    ['a lost answer', '90', 'completed', 'answered'],
    ['a failure after it rang', '91', 'completed', 'answered'],
    ['callbacks that never come', '93', 'completed', 'answered'],
    ['callbacks three times, in any order', '94', 'completed', 'answered'],
    ['a limit, twice', '98', 'completed', 'answered'],
  ])('comes to its end over %s (…%s): %s', async (_, digits, status, outcome) => {
    await houses.expectEnd(digits, { status, outcome });
  });

  it('is connected to its agent, with the ids that the agent asks for the rest by', async () => {
    const id = await house.call(campaignId, aNumber('00'));
    const call = (await house.settled([id])).get(id);
    const question = (await house.ledger()).find(
      ({ type, id: of }) => type === 'question' && of === call.attempts[0].id,
    );
    expect(question?.document).toContain('<Stream url="wss://voice.example.com/agent">');
    expect(question?.document).toContain(`name="call_id" value="${id}"`);
  });
});

describe('the last gate', () => {
  it('lets the first call of an attempt through, as often as it is asked, and hangs up any other', async () => {
    const id = await slow.call(slowCampaignId, aNumber('60'));
    const attempt = await slow.until('the call rings', async () => {
      const { status, attempts } = await slow.readCall(id);
      return status === 'ringing' && attempts[0];
    });
    const real = attempt.provider_call_id as string;
    const connected = { status: 200, type: 'text/xml', text: expect.stringContaining('<Stream') };
    expect(await ask(slow, attempt.id, real)).toEqual(connected);
    expect(await ask(slow, attempt.id, real)).toEqual(connected);
    expect((await ask(slow, attempt.id, aCallSid())).text).toContain('<Response><Hangup/></Response>');
    expect((await slow.readCall(id)).attempts[0].provider_call_id).toBe(real);
    expect((await ask(slow, attempt.id, real, 'another token')).status).toBe(401);
  });

  it('hangs up a call of an attempt that is over, and one of an attempt that nobody made', async () => {
    const id = await house.call(campaignId, aNumber('70'));
    const [attempt] = (await house.settled([id])).get(id).attempts;
    expect((await ask(house, attempt.id, attempt.provider_call_id)).text).toContain('<Hangup/>');
    expect((await ask(house, id, aCallSid())).text).toContain('<Hangup/>');
  });

  it('takes forms from carriers alone', async () => {
    const answer = await house.raw(
      `/campaigns/${campaignId}/call`,
      'to=1',
      'application/x-www-form-urlencoded',
    );
    expect(answer.status).toBe(415);
  });
});

describe('a call that is cancelled while it rings', () => {
  it('is hung up at Twilio before anybody answers', async () => {
    const id = await slow.call(slowCampaignId, aNumber('60'));
    await slow.until('the call rings', async () => (await slow.readCall(id)).status === 'ringing');
    await slow.must('POST', `/calls/${id}/cancel`);
    const call = (await slow.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'cancelled' });
    const end = (await slow.ledger()).find(
      ({ kind, id: of }) => kind === 'end' && of === call.attempts[0].id,
    );
    expect(end).toMatchObject({ status: 'canceled' });
  });
});

describe('an agent that runs nowhere', () => {
  it('stops its campaign before anything is dialled, and says so', async () => {
    const placeless = await house.campaign({}, { connect_to: null });
    const id = await house.call(placeless, aNumber('00'));
    const { data } = await house.until('the campaign stops', async () => {
      const answer = await house.must('GET', `/campaigns/${placeless}`);
      return answer.data.status === 'paused' && answer;
    });
    expect(JSON.stringify(data)).toContain('agent_has_no_place');
    const { attempts } = await house.readCall(id);
    expect(await linesOf(house, 'request', attempts[0].id)).toHaveLength(0);
  });
});

describe('a call that left no trace but its likeness', () => {
  beforeAll(() => house.setFaults({ answer_lost: 1, drop_callbacks: 1 }));
  afterAll(() => house.setFaults({}));

  it('ends in the books as it ended, and is never dialled again on that, whatever the campaign wants', async () => {
    const eager = await house.campaign({
      max_retries: 3,
      retry_cooldown_hours: 1,
      no_answer_cooldown_hours: 1,
    });
    const id = await house.call(eager, aNumber('60'));
    const call = (await house.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'no-answer', reason: 'end_surmised' });
    expect(call.attempts).toMatchObject([{ status: 'ended', provider_call_id: null }]);
    expect(await linesOf(house, 'request', call.attempts[0].id)).toHaveLength(1);
  });

  it('is parked where there are two alike, and is not dialled again either', async () => {
    const to = aNumber('60');
    await aCallOfSomebodyElse(to);
    const eager = await house.campaign({
      max_retries: 3,
      retry_cooldown_hours: 1,
      no_answer_cooldown_hours: 1,
    });
    const id = await house.call(eager, to);
    const call = (await house.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'outcome_unknown', reason: 'look_up: several_calls_alike' });
    expect(await linesOf(house, 'request', call.attempts[0].id)).toHaveLength(1);
  });
});

/** The account is used by others too: one of them calls the same number from the same number. */
async function aCallOfSomebodyElse(to: string): Promise<void> {
  const { TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: token, TWILIO_FROM: from = '' } = house.variables;
  await fetch(`${house.variables.TWILIO_BASE_URL}/2010-04-01/Accounts/${account}/Calls.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}` },
    body: new URLSearchParams({ To: to, From: from, Url: 'https://elsewhere.example.com/' }),
  }).catch(() => undefined);
}
