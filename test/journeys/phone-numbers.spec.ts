import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House, type Answer } from '../running-house.js';

let house: House;
let neighbour: (method: string, path: string, body?: unknown) => Promise<Answer>;

beforeAll(async () => {
  house = await House.open();
  neighbour = await house.neighbour();
});

afterAll(() => house.close());

const REASON = { reason: 'We moved to another office.' };

async function added(number = aNumber(), ...words: string[]): Promise<string> {
  const command = ['phone-number', 'add', '--environment', house.environmentId, '--number', number, ...words];
  return (await house.cli(command)).id as string;
}

/** A published agent with these numbers, and a campaign of it. */
async function aCampaignFrom(
  numberIds: string[],
  overrides = {},
): Promise<{ campaignId: string; agentId: string }> {
  const campaignId = await house.campaign(overrides);
  const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
  const calling = { direction: 'outbound', phone_number_ids: numberIds };
  await house.must('PUT', `/agents/${agent.id}/calling`, calling);
  await house.must('POST', `/agents/${agent.id}/publish`);
  return { campaignId, agentId: agent.id as string };
}

function codeOf({ status, body }: Answer): [number, string] {
  return [status, body.code];
}

describe('phone numbers', () => {
  it('are shown as the operator added them, and found by type, capability and digits', async () => {
    const voice = await added('+12015550101');
    const sms = await added('+442071838750', '--type', 'sms', '--capabilities', 'sms,whatsapp', '--sandbox');
    const { data } = await house.must('GET', '/phone-numbers');
    expect(data).toEqual([
      expect.objectContaining({
        id: sms,
        type: 'sms',
        has_voice: false,
        has_whatsapp: true,
        is_sandbox: true,
      }),
      {
        ...{ id: voice, number: '+12015550101', country_code: 'US', formatted_number: '(201) 555-0101' },
        ...{ international_number: '+1 201 555 0101', type: 'voice', current_status: 'active' },
        ...{ has_voice: true, has_sms: false, has_mms: false, has_fax: false, has_whatsapp: false },
        ...{
          is_sandbox: false,
          current_price: null,
          currency: null,
          renewal_date: null,
          auto_renewal: false,
        },
        ...{
          monthly_renewal_cost: null,
          days_until_monthly_renewal: null,
          is_due_for_monthly_renewal: false,
        },
        ...{ created_at: expect.any(String), updated_at: expect.any(String) },
      },
    ]);
    const found = async (query: string) =>
      (await house.must('GET', `/phone-numbers?${query}`)).data.map(({ id }: { id: string }) => id);
    expect(await found('type=voice')).toEqual([voice]);
    expect(await found('has_voice=false')).toEqual([sms]);
    expect(await found('has_voice=1&has_whatsapp=false')).toEqual([voice]);
    expect(await found(`search=${encodeURIComponent('(201) 555')}`)).toEqual([voice]);
    expect(await found('search=nobody')).toEqual([]);
    for (const query of ['type=fix', 'has_voice=perhaps', 'has_whatsapp=2']) {
      expect(codeOf(await house.api('GET', `/phone-numbers?${query}`))).toEqual([422, 'VALIDATION_ERROR']);
    }
    expect((await neighbour('GET', '/phone-numbers')).body.data).toEqual([]);
  });

  it('that are unknown, retired or a neighbour’s are refused to an agent, each by its place', async () => {
    const [known, retired] = [await added(), await added()];
    await house.cli(['phone-number', 'retire', retired]);
    const nobody = '00000000-0000-4000-8000-000000000000';
    const { agentId } = await aCampaignFrom([known]);
    const calling = { direction: 'outbound', phone_number_ids: [known, retired, nobody] };
    const answer = await house.api('PUT', `/agents/${agentId}/calling`, calling);
    expect([answer.status, Object.keys(answer.body.errors)]).toEqual([
      422,
      ['phone_number_ids.1', 'phone_number_ids.2'],
    ]);
    const agent = (await house.must('GET', `/agents/${agentId}`)).data;
    expect([agent.current_status, agent.phone_numbers.map(({ id }: any) => id)]).toEqual([
      'published',
      [known],
    ]);
    const { trainings, actions, phone_numbers, voice, id, ...body } = agent;
    for (const key of Object.keys(body)) if (/^(is_|current_|created|updated)/.test(key)) delete body[key];
    const theirs = await neighbour('POST', '/agents', { ...body, phone_number_ids: [known] });
    expect(Object.keys(theirs.body.errors)).toEqual(['phone_number_ids.0']);
    const ours = await house.must('POST', '/agents', { ...body, phone_number_ids: [known, known] });
    expect(ours.data.phone_numbers.map((number: any) => number.id)).toEqual([known]);
  });

  it('of the agent are what its calls come from, until they are retired; the campaign’s own go before', async () => {
    const [number, own] = [aNumber(), aNumber()];
    const numberId = await added(number);
    const { campaignId } = await aCampaignFrom([numberId]);
    const named = await aCampaignFrom([numberId], { caller_ids: [own] });
    const calls = [await house.call(campaignId, aNumber()), await house.call(named.campaignId, aNumber())];
    const settled = await house.settled(calls);
    expect(calls.map((id) => settled.get(id).from)).toEqual([number, own]);
    const requested = (await house.ledger()).filter(({ kind }) => kind === 'request');
    expect(requested.map(({ from }) => from)).toEqual(expect.arrayContaining([number, own]));

    expect(await house.cli(['phone-number', 'retire', numberId])).toMatchObject({ retired: true, agents: 2 });
    const later = await house.call(campaignId, aNumber());
    expect((await house.settled([later])).get(later).from).toBeNull();
  });
});

describe('a release request', () => {
  const path = (numberId: string) => `/phone-numbers/${numberId}/request-release`;

  it('waits for the operator, who grants it by retiring the number', async () => {
    const numberId = await added();
    const asked = await house.api('POST', path(numberId), REASON);
    expect(asked.status).toBe(201);
    expect(asked.body.data).toMatchObject({ phone_number_id: numberId, status: 'pending', ...REASON });
    expect(codeOf(await house.api('POST', path(numberId), REASON))).toEqual([409, 'RELEASE_ALREADY_PENDING']);
    const { phone_numbers } = await house.cli(['phone-number', 'list', '--environment', house.environmentId]);
    expect(phone_numbers).toContainEqual(
      expect.objectContaining({ id: numberId, release_request: { id: asked.body.data.id, ...REASON } }),
    );
    await house.cli(['phone-number', 'retire', numberId]);
    const [first] = (await house.must('GET', '/phone-numbers/release-requests')).data;
    expect(first).toMatchObject({
      id: asked.body.data.id,
      status: 'approved',
      resolved_at: expect.any(String),
    });
    const resolved = await house.api('DELETE', `/phone-numbers/release-requests/${first.id}`);
    expect(codeOf(resolved)).toEqual([409, 'RELEASE_ALREADY_RESOLVED']);
    expect(codeOf(await house.api('POST', path(numberId), REASON))).toEqual([422, 'VALIDATION_ERROR']);
  });

  it('may be cancelled or rejected, and made again', async () => {
    const numberId = await added();
    const first = (await house.must('POST', path(numberId), REASON)).data;
    await house.must('DELETE', `/phone-numbers/release-requests/${first.id}`);
    const second = (await house.must('POST', path(numberId), REASON)).data;
    await house.cli(['phone-number', 'reject-release', second.id]);
    await house.must('POST', path(numberId), REASON);
    const { data } = await house.must('GET', '/phone-numbers/release-requests');
    const ofNumber = data.filter(({ phone_number_id: id }: any) => id === numberId);
    expect(ofNumber.map(({ status }: any) => status)).toEqual(['pending', 'rejected', 'cancelled']);
  });

  it('is refused while an agent or a campaign that is not closed calls from the number', async () => {
    const [ofAgent, named] = [await added(), aNumber()];
    const ofCampaign = await added(named);
    const { agentId } = await aCampaignFrom([ofAgent]);
    const { campaignId } = await aCampaignFrom([], { caller_ids: [named] });
    for (const numberId of [ofAgent, ofCampaign]) {
      expect(codeOf(await house.api('POST', path(numberId), REASON))).toEqual([422, 'PHONE_NUMBER_IN_USE']);
    }
    await house.must('PUT', `/agents/${agentId}/calling`, { direction: 'outbound', phone_number_ids: [] });
    await house.must('PATCH', `/campaigns/${campaignId}/status`, { status: 'completed' });
    for (const numberId of [ofAgent, ofCampaign]) {
      expect((await house.api('POST', path(numberId), REASON)).status).toBe(201);
    }
  });

  it('needs a reason, and is a neighbour’s neither to make, to see nor to cancel', async () => {
    const numberId = await added();
    for (const reason of ['too short', 'x'.repeat(501), undefined]) {
      const answer = await house.api('POST', path(numberId), { reason });
      expect([answer.status, Object.keys(answer.body.errors)]).toEqual([422, ['reason']]);
    }
    expect(codeOf(await neighbour('POST', path(numberId), REASON))).toEqual([404, 'PHONE_NUMBER_NOT_FOUND']);
    const { data } = await house.must('POST', path(numberId), REASON);
    expect((await neighbour('GET', '/phone-numbers/release-requests')).body.data).toEqual([]);
    const cancelled = await neighbour('DELETE', `/phone-numbers/release-requests/${data.id}`);
    expect(codeOf(cancelled)).toEqual([404, 'RELEASE_REQUEST_NOT_FOUND']);
  });
});
