import { createHash, randomUUID } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
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
  houses = await CarrierHouses.open('livekit');
  ({ house, campaignId, slow, slowCampaignId } = houses);
});

afterAll(() => houses.close());

/** A webhook of LiveKit, signed by a secret. */
async function tell(
  body: object,
  secret = house.variables.LIVEKIT_API_SECRET,
  type = 'application/webhook+json',
) {
  const text = JSON.stringify(body);
  const token = new AccessToken(house.variables.LIVEKIT_API_KEY, secret, { ttl: '5m' });
  token.sha256 = createHash('sha256').update(text).digest('base64');
  const headers = { 'content-type': type, authorization: await token.toJwt() };
  return (await fetch(house.url('/callbacks/livekit'), { method: 'POST', headers, body: text })).status;
}

describe('a call through LiveKit', () => {
  it.each([
    ['a conversation', '00', 'completed', 'answered'],
    ['no answer', '60', 'no-answer', 'no_answer'],
    ['a busy line, which LiveKit calls rejected', '70', 'failed', 'rejected'],
    ['a machine, which LiveKit takes for a person', '80', 'completed', 'answered'],
    ['a failure of the network', '85', 'failed', 'carrier_failure'],
    ['a number that the network refuses, which LiveKit calls unavailable', '99', 'no-answer', 'no_answer'],
    ['a lost answer', '90', 'completed', 'answered'],
    ['a failure after it rang', '91', 'completed', 'answered'],
    ['webhooks three times, in any order', '94', 'completed', 'answered'],
    ['a limit, twice', '98', 'completed', 'answered'],
  ])('comes to its end over %s (…%s): %s', async (_, digits, status, outcome) => {
    await houses.expectEnd(digits, { status, outcome });
  });

  it('brings its agent along, the texts filled in', async () => {
    const talkative = await house.campaign(
      {},
      { description: 'You remind {{name}}.', initial_message: 'Hello {{name}}' },
    );
    const id = await house.call(talkative, aNumber('00'), { payload: { name: 'Ada' } });
    const call = (await house.settled([id])).get(id);
    const dispatch = (await house.ledger()).find(
      ({ type, id: of }) => type === 'dispatch' && of === call.attempts[0].id,
    );
    expect(dispatch?.agent).toBe('reminder');
    expect(JSON.parse(dispatch?.metadata as string)).toMatchObject({
      call_id: id,
      agent: { prompt: 'You remind Ada.', initial_message: 'Hello Ada' },
      variables: { name: 'Ada' },
    });
  });

  it('whose end is never told is parked soon, and not dialled again: LiveKit has forgotten it', async () => {
    const eager = await house.campaign({ max_retries: 3, retry_cooldown_hours: 1 });
    const id = await house.call(eager, aNumber('93'));
    const call = (await house.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'outcome_unknown', reason: 'not_found' });
    expect(await linesOf(house, 'request', call.attempts[0].id)).toHaveLength(1);
  });
});

describe('a call that is cancelled while it rings', () => {
  it('is over with its room, before anybody answers', async () => {
    const id = await slow.call(slowCampaignId, aNumber('60'));
    await slow.until('the carrier rings', async () =>
      (await slow.ledger()).some(({ kind }) => kind === 'ring'),
    );
    await slow.must('POST', `/calls/${id}/cancel`);
    const call = (await slow.settled([id])).get(id);
    expect(call).toMatchObject({ status: 'cancelled' });
    const end = (await slow.ledger()).find(
      ({ kind, id: of }) => kind === 'end' && of === call.attempts[0].id,
    );
    expect(end).toMatchObject({ status: 'canceled' });
  });
});

describe('the way in for LiveKit', () => {
  const ofSomebodyElse = {
    event: 'participant_left',
    id: 'EV_1',
    room: { name: 'support' },
    participant: { identity: 'sip_1', kind: 'SIP', disconnectReason: 'USER_REJECTED' },
  };

  it('takes what is signed, also of rooms of somebody else, and nothing that is not', async () => {
    expect(await tell(ofSomebodyElse)).toBe(204);
    expect(await tell(ofSomebodyElse, 'another secret')).toBe(401);
    const ours = { ...ofSomebodyElse, id: '', room: { name: randomUUID() } };
    const { name } = ours.room;
    expect(await tell({ ...ours, participant: { identity: name, kind: 'SIP' } })).toBe(422);
  });

  it('is for LiveKit’s content type alone', async () => {
    const answer = await house.raw(`/campaigns/${campaignId}/call`, '{}', 'application/webhook+json');
    expect(answer.status).toBe(415);
    expect(await tell(ofSomebodyElse, undefined, 'application/x-www-form-urlencoded')).toBe(415);
  });
});
