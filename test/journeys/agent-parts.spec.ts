import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { A_BARE_AGENT, A_WEBHOOK_ACTION, TRAINING } from '../bodies.js';
import { House, type Answer } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 0 });
});

afterAll(() => house.close());

async function anAgent(): Promise<string> {
  const { data } = await house.must('POST', '/agents', A_BARE_AGENT);
  return data.id as string;
}

async function read(id: string): Promise<any> {
  return (await house.must('GET', `/agents/${id}`)).data;
}

function fieldsOf({ status, body }: Answer): unknown {
  return [status, body.code, Object.keys(body.errors ?? {})];
}

const refused = (...fields: string[]) => [422, 'VALIDATION_ERROR', fields];

describe('a training', () => {
  it('is written over by its node, or without one by its subject, and is shown with the agent', async () => {
    const id = await anAgent();
    const path = `/agents/${id}/trainings`;
    const put = async (body: unknown) => (await house.must('POST', path, body)).data;
    const first = await put(TRAINING);
    expect(first).toMatchObject({ ...TRAINING, node_id: null, current_status: 'active', agent_id: id });
    const again = await put({ ...TRAINING, instructions: 'Ten to four.', current_status: 'inactive' });
    const ofNode = await put({ ...TRAINING, node_id: 'n1' });
    const renamed = await put({ ...TRAINING, node_id: 'n1', subject: 'Opening hours' });
    expect([again.id, renamed.id]).toEqual([first.id, ofNode.id]);
    expect(again).toMatchObject({ instructions: 'Ten to four.', current_status: 'inactive' });
    expect((await house.must('GET', path)).data).toEqual([again, renamed]);
    expect((await read(id)).trainings).toEqual([again, renamed]);

    await house.must('DELETE', `${path}/${first.id}`);
    const gone = await house.api('DELETE', `${path}/${first.id}`);
    expect([gone.status, gone.body.code]).toEqual([404, 'TRAINING_NOT_FOUND']);
    expect((await house.must('GET', path)).data).toEqual([renamed]);
  });

  it.each([
    ['subject', undefined],
    ['subject', 'x'.repeat(256)],
    ['instructions', ''],
    ['current_status', 'asleep'],
  ])('is refused with %s %j', async (field, value) => {
    const path = `/agents/${await anAgent()}/trainings`;
    expect(fieldsOf(await house.api('POST', path, { ...TRAINING, [field]: value }))).toEqual(refused(field));
  });

  it('is one of at most a hundred', async () => {
    const path = `/agents/${await anAgent()}/trainings`;
    for (let n = 0; n < 100; n += 1) await house.must('POST', path, { ...TRAINING, subject: `Subject ${n}` });
    expect(fieldsOf(await house.api('POST', path, TRAINING))).toEqual(refused('subject'));
    await house.must('POST', path, { ...TRAINING, subject: 'Subject 7' });
  });
});

describe('an action', () => {
  const TRANSFER = { ...A_WEBHOOK_ACTION, type: 'transfer', url: null, transfer_to: '+12015550123' };
  const HOLD = { ...A_WEBHOOK_ACTION, type: 'hold', url: null, hold_duration: 30 };
  const EXTERNAL = { ...A_WEBHOOK_ACTION, type: 'external', execution_mode: 'post_call' };

  it.each([
    ['webhook', A_WEBHOOK_ACTION, {}],
    ['transfer', { ...TRANSFER, transfer_to: '+1 (201) 555-0123' }, { transfer_to: '+12015550123' }],
    ['hold', HOLD, { hold_duration: 30 }],
    ['external', EXTERNAL, { execution_mode: 'post_call' }],
  ])('of type %s is stored with its defaults, and written over by its node', async (_, body, shown) => {
    const id = await anAgent();
    const { data } = await house.must('POST', `/agents/${id}/actions`, body);
    const defaults = {
      ...{ inputs: [], integration: null, authorization_url: null, authorization_scheme: 'none' },
      ...{ has_authorization_credential: false, custom_headers: [], speak_on_send: false },
      ...{ speak_on_receive: false, execution_mode: 'during_call', current_status: 'active' },
    };
    expect(data).toMatchObject({ ...defaults, ...body, ...shown });
    const again = await house.must('POST', `/agents/${id}/actions`, { ...HOLD, name: 'Wait' });
    expect([again.data.id, again.data.type, again.data.url]).toEqual([data.id, 'hold', null]);
    expect((await read(id)).actions).toEqual([again.data]);
  });

  it.each<[Record<string, unknown>, ...string[]]>([
    [{ ...A_WEBHOOK_ACTION, url: undefined }, 'url'],
    [{ ...A_WEBHOOK_ACTION, url: 'ftp://example.com' }, 'url'],
    [{ ...A_WEBHOOK_ACTION, url: 'https://user:word@example.com' }, 'url'],
    [{ ...A_WEBHOOK_ACTION, execution_mode: 'post_call' }, 'execution_mode'],
    [{ ...A_WEBHOOK_ACTION, transfer_to: '+12015550123' }, 'transfer_to'],
    [{ ...A_WEBHOOK_ACTION, hold_duration: 5 }, 'hold_duration'],
    [{ ...A_WEBHOOK_ACTION, node_id: undefined }, 'node_id'],
    [{ ...A_WEBHOOK_ACTION, type: 'dance' }, 'type'],
    [{ ...A_WEBHOOK_ACTION, inputs: [{}, 'name'] }, 'inputs.1'],
    [{ ...A_WEBHOOK_ACTION, integration: { id: 'crm' } }, 'integration.id'],
    [{ ...A_WEBHOOK_ACTION, custom_headers: [{ key: 'X-Key', value: 'a\r\nb' }] }, 'custom_headers.0.value'],
    [{ ...A_WEBHOOK_ACTION, custom_headers: [{ key: 'a b', value: 'c' }] }, 'custom_headers.0.key'],
    [
      { ...A_WEBHOOK_ACTION, custom_headers: [{ key: 'a', value: 'c' }, { key: 'A' }] },
      'custom_headers.1.key',
    ],
    [{ ...A_WEBHOOK_ACTION, custom_headers: [{ key: 'a' }] }, 'custom_headers.0.value'],
    [{ ...A_WEBHOOK_ACTION, custom_headers: ['a: b'] }, 'custom_headers.0'],
    [{ ...A_WEBHOOK_ACTION, custom_headers: [[]] }, 'custom_headers.0'],
    [{ ...A_WEBHOOK_ACTION, integration: [] }, 'integration'],
    [{ ...A_WEBHOOK_ACTION, authorization_credential: 'secret' }, 'authorization_credential'],
    [{ ...TRANSFER, transfer_to: null }, 'transfer_to'],
    [{ ...TRANSFER, transfer_to: '2015550123' }, 'transfer_to'],
    [{ ...TRANSFER, url: 'https://example.com' }, 'url'],
    [{ ...HOLD, hold_duration: null }, 'hold_duration'],
    [{ ...HOLD, hold_duration: 0 }, 'hold_duration'],
  ])('is refused when it does not fit: %o', async (body, ...fields) => {
    const answer = await house.api('POST', `/agents/${await anAgent()}/actions`, body);
    expect(fieldsOf(answer)).toEqual(refused(...fields));
  });

  it('keeps its secrets sealed, shows none of them, and keeps those that are not sent again', async () => {
    const id = await anAgent();
    const put = async (body: unknown) => (await house.must('POST', `/agents/${id}/actions`, body)).data;
    const rows = () => storedActions(id);
    const secret = { authorization_scheme: 'bearer', authorization_credential: 'credential-Quetzalcoatl' };
    const headers = [{ key: 'X-Api-Key', value: 'header-Quetzalcoatl' }];
    const shown = await put({ ...A_WEBHOOK_ACTION, ...secret, custom_headers: headers });
    expect(shown).toMatchObject({
      has_authorization_credential: true,
      custom_headers: [{ key: 'X-Api-Key', value: null }],
    });
    const [first] = await rows();
    expect(JSON.stringify([first, shown, await read(id)])).not.toContain('Quetzalcoatl');
    expect(house.log).not.toContain('Quetzalcoatl');

    const { id: _, agent_id, has_authorization_credential, created_at, updated_at, ...sentBack } = shown;
    expect(await put(sentBack)).toMatchObject({ has_authorization_credential: true });
    expect((await rows())[0]).toMatchObject({
      sealed_authorization_credential: first.sealed_authorization_credential,
      custom_headers: first.custom_headers,
    });
    const moved = await put({ ...A_WEBHOOK_ACTION, authorization_scheme: 'basic', custom_headers: [] });
    expect(moved).toMatchObject({ has_authorization_credential: false, custom_headers: [] });
    expect((await rows())[0].sealed_authorization_credential).toBeNull();
  });

  async function storedActions(agentId: string): Promise<any[]> {
    const source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
    const rows = await source.query<any[]>(`SELECT * FROM agent_actions WHERE agent_id = $1`, [agentId]);
    await source.destroy();
    return rows;
  }

  it('has nothing to be integrated with', async () => {
    expect(await house.must('GET', '/action-integrations')).toEqual({ success: true, data: [] });
  });
});
