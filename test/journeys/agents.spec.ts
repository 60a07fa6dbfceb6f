import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { A_BARE_AGENT, A_CAMPAIGN, A_WEBHOOK_ACTION, KNOWLEDGE, TRAINING, VOICE } from '../bodies.js';
import { House, type Answer } from '../running-house.js';

let house: House;
let neighbour: (method: string, path: string, body?: unknown) => Promise<Answer>;

beforeAll(async () => {
  house = await House.open();
  neighbour = await house.neighbour();
});

afterAll(() => house.close());

async function anAgent(overrides: Record<string, unknown> = {}): Promise<string> {
  const { data } = await house.must('POST', '/agents', { ...A_BARE_AGENT, ...overrides });
  return data.id as string;
}

async function aPublishedAgent(): Promise<string> {
  const id = await anAgent({ description: 'You sell fences.' });
  await house.must('POST', `/agents/${id}/publish`);
  return id;
}

async function read(id: string): Promise<any> {
  return (await house.must('GET', `/agents/${id}`)).data;
}

function fieldsOf({ status, body }: Answer): unknown {
  return [status, body.code, Object.keys(body.errors ?? {})];
}

const refused = (...fields: string[]) => [422, 'VALIDATION_ERROR', fields];

describe('an agent', () => {
  it('is created as a draft, with the ranges of create at their ends and the rest at its defaults', async () => {
    const created = await house.api('POST', '/agents', A_BARE_AGENT);
    expect(created.status).toBe(201);
    expect(created.body.data).toMatchObject({
      ...A_BARE_AGENT,
      ...{ description: null, initial_message: null, voice: null, max_call_duration_seconds: 600 },
      ...{ current_status: 'draft', is_sandbox: false, is_ready_to_publish: false },
      ...{ trainings: [], actions: [], phone_numbers: [] },
    });
    expect(await read(created.body.data.id)).toEqual(created.body.data);
  });

  it.each([
    ['conversation_speed', 3.1],
    ['conversation_speed', 0],
    ['initial_message_delay', 61],
    ['idle_time_seconds', 300],
    ['llm_temperature', 2.1],
    ['language', 'xx-XX'],
    ['user_inactivity_timeout_seconds', 4],
    ['initial_max_idle_check_count', 11],
    ['max_call_duration_seconds', 3601],
    ['phone_number_ids', 'all'],
    ['colour', 'red'],
  ])('is refused with %s %j', async (field, value) => {
    expect(fieldsOf(await house.api('POST', '/agents', { ...A_BARE_AGENT, [field]: value }))).toEqual(
      refused(field),
    );
  });

  it('is found by status, direction and words, in pages under meta', async () => {
    const word = 'Zanzibar';
    const ids = [await anAgent({ name: `${word} one` }), await anAgent({ label: `old ${word}` })];
    await anAgent({ name: `${word} in`, direction: 'inbound' });
    const path = `/agents?search=zanzibar&direction=outbound&status=draft&per_page=1`;
    const pages = [await house.must('GET', path), await house.must('GET', `${path}&page=2`)];
    expect(pages.map(({ data }) => data[0].id)).toEqual([...ids].reverse());
    expect(pages[1].meta).toEqual({ current_page: 2, per_page: 1, total: 2, last_page: 2 });
    expect((await house.must('GET', '/agents?search=zanzibar&status=published')).data).toEqual([]);
    expect(fieldsOf(await house.api('GET', '/agents?per_page=101'))).toEqual(refused('per_page'));
  });

  it('is published when it has something to say, and not before', async () => {
    const id = await anAgent();
    expect(fieldsOf(await house.api('POST', `/agents/${id}/publish`))).toEqual(refused('description'));
    await house.must('PUT', `/agents/${id}/knowledge`, KNOWLEDGE);
    expect(await read(id)).toMatchObject({ ...KNOWLEDGE, is_ready_to_publish: true });
    const published = await house.must('POST', `/agents/${id}/publish`);
    expect(published.data.current_status).toBe('published');
  });

  it('takes its voice as a whole, and keeps the language it has', async () => {
    const id = await anAgent();
    const whole = {
      ambient_background: 'office',
      ambient_volume: 2,
      similarity: 0.5,
      stability: 1,
      language: 'de-DE',
    };
    await house.must('PUT', `/agents/${id}/voice`, { ...VOICE, ...whole });
    expect(await read(id)).toMatchObject({
      ...{ conversation_speed: 1.5, who_speaks_first: 'agent', language: 'de-DE' },
      voice: {
        ...{ id: 'alloy', name: 'alloy', label: 'alloy', stability: 1, similarity_boost: 0.5 },
        ...{ ambient_background: 'office', ambient_volume: 2, template: { id: 'alloy', name: 'alloy' } },
      },
    });
    await house.must('PUT', `/agents/${id}/voice`, VOICE);
    const { voice, language } = await read(id);
    expect([voice.ambient_background, voice.ambient_volume, voice.stability]).toEqual([null, 1, null]);
    expect(language).toBe('de-DE');
  });

  it('keeps an initial message that is not named, and loses it to null', async () => {
    const id = await anAgent();
    const { initial_message, ...rest } = KNOWLEDGE;
    await house.must('PUT', `/agents/${id}/knowledge`, KNOWLEDGE);
    expect((await house.must('PUT', `/agents/${id}/knowledge`, rest)).data.initial_message).toBe(
      initial_message,
    );
    const cleared = await house.must('PUT', `/agents/${id}/knowledge`, { ...rest, initial_message: null });
    expect(cleared.data.initial_message).toBeNull();
  });

  it.each<[string, Record<string, unknown>, string, unknown]>([
    ['knowledge', KNOWLEDGE, 'description', 'Sell'],
    ['knowledge', KNOWLEDGE, 'description', undefined],
    ['knowledge', KNOWLEDGE, 'initial_message', 'Hi'],
    ['knowledge', KNOWLEDGE, 'initial_message_delay', 61],
    ['voice', VOICE, 'conversation_speed', 1],
    ['voice', VOICE, 'conversation_speed', 2],
    ['voice', VOICE, 'stability', 0.4],
    ['voice', VOICE, 'ambient_volume', 2.1],
    ['voice', VOICE, 'voice_id', ''],
    ['calling', { direction: 'outbound' }, 'direction', 'sideways'],
    ['calling', { direction: 'outbound' }, 'phone_number_ids', null],
  ])('refuses %s %o with %s %j, and stays published', async (part, body, field, value) => {
    const id = await aPublishedAgent();
    const answer = await house.api('PUT', `/agents/${id}/${part}`, { ...body, [field]: value });
    expect(fieldsOf(answer)).toEqual(refused(field));
    expect((await read(id)).current_status).toBe('published');
  });

  it('becomes a draft by every write, and none of its calls begins until it is published again', async () => {
    const writes: ((path: string, agent: any) => Promise<unknown>)[] = [
      (path) => house.must('PUT', `${path}/knowledge`, KNOWLEDGE),
      (path) => house.must('PUT', `${path}/voice`, VOICE),
      (path) => house.must('PUT', `${path}/calling`, { direction: 'outbound' }),
      (path) => house.must('POST', `${path}/trainings`, TRAINING),
      (path) => house.must('POST', `${path}/actions`, A_WEBHOOK_ACTION),
      (path, { trainings }) => house.must('DELETE', `${path}/trainings/${trainings[0].id}`),
      (path, { actions }) => house.must('DELETE', `${path}/actions/${actions[0].id}`),
      (path) => house.must('POST', `${path}/unpublish`),
    ];
    await house.must('POST', '/environment/stop');
    const held = [];
    for (const write of writes) {
      const campaignId = await house.campaign();
      const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
      const path = `/agents/${agent.id}`;
      await house.must('POST', `${path}/trainings`, TRAINING);
      await house.must('POST', `${path}/actions`, A_WEBHOOK_ACTION);
      await house.must('POST', `${path}/publish`);
      const callId = await house.call(campaignId, aNumber());
      await write(path, await read(agent.id));
      expect([write.toString(), (await read(agent.id)).current_status]).toEqual([write.toString(), 'draft']);
      held.push({ path, callId });
    }
    const bystander = await house.call(await house.campaign(), aNumber());
    await house.must('PATCH', '/environment', { kill_switch: false });
    await house.settled([bystander]);

    const publishedAt = new Date().toISOString();
    for (const { path, callId } of held) {
      const { data } = await house.must('GET', `/calls/${callId}/why`);
      expect(data.reason).toBe('agent_not_published');
      await house.must('POST', `${path}/publish`);
    }
    const calls = await house.settled(held.map(({ callId }) => callId));
    for (const { status, attempts } of calls.values()) {
      expect([status, attempts.length, attempts[0].started_at > publishedAt]).toEqual(['completed', 1, true]);
    }
  });
});

describe('the deletion of an agent', () => {
  it('is refused while it is published or used, and leaves its calls and campaigns as they are', async () => {
    const campaignId = await house.campaign();
    const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    const callId = await house.call(campaignId, aNumber());
    await house.settled([callId]);
    const path = `/agents/${agent.id}`;
    const codeOf = ({ status, body }: Answer) => [status, body.code];
    expect(codeOf(await house.api('DELETE', path))).toEqual([409, 'AGENT_IS_PUBLISHED']);
    await house.must('POST', `${path}/unpublish`);
    expect(codeOf(await house.api('DELETE', path))).toEqual([409, 'AGENT_HAS_ACTIVE_CALLS']);
    await house.must('PATCH', `/campaigns/${campaignId}/status`, { status: 'cancelled' });
    expect(await house.api('DELETE', path)).toMatchObject({ status: 200, body: { success: true } });

    const asked: [string, string, unknown?][] = [
      ['GET', path],
      ['DELETE', path],
      ['POST', `${path}/publish`],
      ['PUT', `${path}/knowledge`, KNOWLEDGE],
      ['GET', `${path}/calls`],
      ['GET', `${path}/trainings`],
      ['GET', `${path}/webhooks`],
    ];
    for (const [method, at, body] of asked) {
      expect([at, ...codeOf(await house.api(method, at, body))]).toEqual([at, 404, 'AGENT_NOT_FOUND']);
    }
    expect((await house.must('GET', '/agents?per_page=100')).data.map(({ id }: any) => id)).not.toContain(
      agent.id,
    );
    const call = await house.readCall(callId);
    expect([call.agent.name, call.attempts.length]).toEqual([agent.name, 1]);
    expect((await house.must('GET', `/campaigns/${campaignId}`)).data.agent).toEqual(agent);
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'Once upon a time' });
    const named = await house.api('POST', '/campaigns', { ...A_CAMPAIGN, agent_id: agent.id });
    expect(fieldsOf(named)).toEqual(refused('agent_id'));
  });
});

describe('a stranger', () => {
  it('of another environment finds none of it, by any route', async () => {
    const id = await aPublishedAgent();
    const path = `/agents/${id}`;
    const training = (await house.must('POST', `${path}/trainings`, TRAINING)).data;
    const action = (await house.must('POST', `${path}/actions`, A_WEBHOOK_ACTION)).data;
    const before = await read(id);
    const asked: [string, string, unknown?][] = [
      ['GET', path],
      ['DELETE', path],
      ['PUT', `${path}/knowledge`, KNOWLEDGE],
      ['PUT', `${path}/voice`, VOICE],
      ['PUT', `${path}/calling`, { direction: 'inbound' }],
      ['GET', `${path}/trainings`],
      ['POST', `${path}/trainings`, TRAINING],
      ['DELETE', `${path}/trainings/${training.id}`],
      ['GET', `${path}/actions`],
      ['POST', `${path}/actions`, A_WEBHOOK_ACTION],
      ['DELETE', `${path}/actions/${action.id}`],
    ];
    for (const [method, at, body] of asked) {
      expect([at, (await neighbour(method, at, body)).status]).toEqual([at, 404]);
    }
    const own = (await neighbour('POST', '/agents', A_BARE_AGENT)).body.data;
    expect((await neighbour('DELETE', `/agents/${own.id}/trainings/${training.id}`)).status).toBe(404);
    expect(await read(id)).toEqual(before);
  });

  it('with a token without the scope may do nothing with agents, numbers and integrations', async () => {
    const ask = await house.withScopes('calls');
    for (const path of ['/agents', '/phone-numbers', '/action-integrations', '/credits/balance']) {
      expect([path, (await ask('GET', path)).status]).toEqual([path, 403]);
    }
  });
});
