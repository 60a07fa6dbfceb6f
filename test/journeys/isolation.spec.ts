import { afterAll, beforeAll, expect, it } from 'vitest';
import { AN_AGENT, A_CAMPAIGN, KNOWLEDGE, VOICE } from '../bodies.js';
import { DataSource } from 'typeorm';
import { describedRoutes } from '../described-api.js';
import { aNumber } from '../factories.js';
import { registeredRoutes } from '../registered-routes.js';
import { House, type Answer } from '../running-house.js';

/** What one environment has, and another one knows the ids of. */
interface Theirs {
  agent: string;
  campaign: string;
  ended: string;
  waiting: string;
  waitingFor: string;
  listed: string;
  imported: string;
  contacts: string;
  agentWebhook: string;
  agentLog: string;
  campaignWebhook: string;
  campaignLog: string;
  training: string;
  action: string;
  number: string;
  asked: string;
  release: string;
  token: string;
}

interface Attack {
  path: string;
  body?: unknown;
  /** What the intruder is answered; a list of theirs has to be empty. */
  answer: number | 'empty';
}

/** Sent as it is. */
const A_FILE = `${aNumber()}\n`;

const NOWHERE = 'https://127.0.0.1:44444/theirs';
const AN_ACTION = {
  node_id: 'theirs',
  name: 'theirs',
  description: 'Theirs.',
  type: 'hold',
  hold_duration: 5,
};
const A_WEBHOOK = { name: 'ours', webhook_url: 'https://example.org/ours' };

let house: House;
let source: DataSource;
let theirs: Theirs;
let intruder: string;
/** Asks as the other environment. */
let intrude: (method: string, path: string, body?: unknown) => Promise<Answer>;
/** The other environment's own. */
let own: { agent: string; campaign: string };

beforeAll(async () => {
  house = await House.open();
  source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
  theirs = await everythingTheirs();
  const { id } = await house.cli(['environment', 'create', '--name', 'intruders', '--rate-limit', '1000000']);
  intruder = (await house.cli(['token', 'create', '--environment', id as string])).token as string;
  intrude = async (method, path, body) =>
    body === A_FILE
      ? house.upload(path, A_FILE, 'text/csv', intruder)
      : house.as(intruder)(method, path, body);
  own = await everythingOwn();
});

afterAll(async () => {
  await source.destroy();
  await house.close();
});

async function everythingTheirs(): Promise<Theirs> {
  const campaign = await house.campaign();
  const { agent_id: agent } = (await house.must('GET', `/campaigns/${campaign}`)).data;
  const ended = await house.call(campaign, aNumber());
  await house.settled([ended]);
  const waitingFor = aNumber();
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const waiting = await house.call(campaign, waitingFor, { not_before: tomorrow });
  const listed = aNumber();
  await house.must('POST', '/do-not-call', { to: listed });
  const imported = (await house.upload('/do-not-call/import', `${aNumber()}\n`)).body.data.id as string;
  await house.until('the import is over', async () => {
    const { data } = await house.must('GET', `/do-not-call/imports/${imported}`);
    return data.status === 'completed';
  });
  const rows = `to,not_before\n${aNumber()},${tomorrow}\n`;
  const contacts = (await house.upload(`/campaigns/${campaign}/contacts`, rows)).body.data.id as string;
  await house.until('the contacts are taken in', async () => {
    const { data } = await house.must('GET', `/campaigns/${campaign}/contacts/imports/${contacts}`);
    return data.status === 'processed';
  });
  const ofAgent = async (path: string, body: unknown) =>
    (await house.must('POST', `/agents/${agent}/${path}`, body)).data.id as string;
  const training = await ofAgent('trainings', { subject: 'theirs', instructions: 'Say so.' });
  const action = await ofAgent('actions', AN_ACTION);
  await house.must('POST', `/agents/${agent}/publish`);
  const addNumber = async () =>
    (await house.cli(['phone-number', 'add', '--environment', house.environmentId, '--number', aNumber()]))
      .id as string;
  const [number, asked] = [await addNumber(), await addNumber()];
  const reason = { reason: 'It is not needed any more.' };
  const release = (await house.must('POST', `/phone-numbers/${asked}/request-release`, reason)).data.id;
  const token = (await house.must('POST', '/tokens', {})).data.id;
  const make = async (path: string, events: string[]) =>
    (await house.must('POST', path, { name: 'theirs', webhook_url: NOWHERE, events })).data.id as string;
  const logOf = async (webhook: string) => {
    await house.must('POST', `${webhook}/test`);
    return (await house.must('GET', `${webhook}/logs`)).data[0].id as string;
  };
  const agentWebhook = await make(`/agents/${agent}/webhooks`, ['event_phone_call_ended']);
  const campaignWebhook = await make(`/campaigns/${campaign}/webhooks`, ['campaign_call.completed']);
  return {
    agent,
    campaign,
    ended,
    waiting,
    waitingFor,
    listed,
    imported,
    contacts,
    agentWebhook,
    agentLog: await logOf(`/agents/${agent}/webhooks/${agentWebhook}`),
    campaignWebhook,
    campaignLog: await logOf(`/campaigns/${campaign}/webhooks/${campaignWebhook}`),
    ...{ training, action, number, asked, release, token },
  };
}

async function everythingOwn(): Promise<{ agent: string; campaign: string }> {
  const must = async (path: string, body?: unknown) => {
    const { status, body: answer } = await intrude('POST', path, body);
    if (status >= 300) throw new Error(JSON.stringify(answer));
    return answer.data.id as string;
  };
  const agent = await must('/agents', AN_AGENT);
  return { agent, campaign: await must('/campaigns', { ...A_CAMPAIGN, agent_id: agent }) };
}

/** For every route: what an intruder may try there. A new route is to be added here with it. */
function attacks(): Record<string, Attack[]> {
  const { agent, campaign, ended, waiting, waitingFor, listed, imported } = theirs;
  const { contacts, agentWebhook, agentLog, campaignWebhook, campaignLog } = theirs;
  const { training, action, number: phone, asked, release, token } = theirs;
  const number = encodeURIComponent(listed);
  const missed = (path: string, body?: unknown): Attack => ({ path, body, answer: 404 });
  const calls = [ended, waiting];
  return {
    'GET /agents': [{ path: '/agents?search=theirs', answer: 'empty' }],
    'POST /agents': [{ path: '/agents', body: AN_AGENT, answer: 201 }],
    'GET /agents/{}': [missed(`/agents/${agent}`)],
    'DELETE /agents/{}': [missed(`/agents/${agent}`)],
    'PUT /agents/{}/knowledge': [missed(`/agents/${agent}/knowledge`, KNOWLEDGE)],
    'PUT /agents/{}/voice': [missed(`/agents/${agent}/voice`, VOICE)],
    'PUT /agents/{}/calling': [
      missed(`/agents/${agent}/calling`, { direction: 'outbound' }),
      {
        path: `/agents/${own.agent}/calling`,
        body: { direction: 'outbound', phone_number_ids: [phone] },
        answer: 422,
      },
    ],
    'GET /agents/{}/trainings': [missed(`/agents/${agent}/trainings`)],
    'POST /agents/{}/trainings': [
      missed(`/agents/${agent}/trainings`, { subject: 'ours', instructions: 'Ours.' }),
    ],
    'DELETE /agents/{}/trainings/{}': [
      missed(`/agents/${agent}/trainings/${training}`),
      missed(`/agents/${own.agent}/trainings/${training}`),
    ],
    'GET /agents/{}/actions': [missed(`/agents/${agent}/actions`)],
    'POST /agents/{}/actions': [missed(`/agents/${agent}/actions`, AN_ACTION)],
    'DELETE /agents/{}/actions/{}': [
      missed(`/agents/${agent}/actions/${action}`),
      missed(`/agents/${own.agent}/actions/${action}`),
    ],
    'GET /action-integrations': [{ path: '/action-integrations', answer: 200 }],
    'GET /phone-numbers': [{ path: '/phone-numbers', answer: 'empty' }],
    'POST /phone-numbers/{}/request-release': [phone, asked].map((id) =>
      missed(`/phone-numbers/${id}/request-release`, { reason: 'It is ours to give back.' }),
    ),
    'GET /phone-numbers/release-requests': [{ path: '/phone-numbers/release-requests', answer: 'empty' }],
    'DELETE /phone-numbers/release-requests/{}': [missed(`/phone-numbers/release-requests/${release}`)],
    'GET /credits/balance': [{ path: '/credits/balance', answer: 200 }],
    'GET /tokens': [{ path: '/tokens', answer: 200 }],
    'POST /tokens': [{ path: '/tokens', body: {}, answer: 201 }],
    'POST /tokens/{}/rotate': [missed(`/tokens/${token}/rotate`, {})],
    'DELETE /tokens/{}': [missed(`/tokens/${token}`)],
    'POST /agents/{}/publish': [missed(`/agents/${agent}/publish`)],
    'POST /agents/{}/unpublish': [missed(`/agents/${agent}/unpublish`)],
    'POST /agents/{}/call': [missed(`/agents/${agent}/call`, { to: aNumber() })],
    'GET /agents/{}/calls': [missed(`/agents/${agent}/calls`)],
    'GET /agents/{}/active-call/{}': [
      missed(`/agents/${agent}/active-call/${encodeURIComponent(waitingFor)}`),
      missed(`/agents/${own.agent}/active-call/${encodeURIComponent(waitingFor)}`),
    ],
    'POST /agents/{}/end-call': calls.flatMap((call) => [
      missed(`/agents/${agent}/end-call`, { call_sid: call }),
      missed(`/agents/${own.agent}/end-call`, { call_sid: call }),
    ]),
    ...webhooks('agents', agent, own.agent, { webhook: agentWebhook, log: agentLog }, [
      'event_phone_call_ended',
    ]),
    'GET /calls': [
      { path: '/calls', answer: 'empty' },
      { path: `/calls?agent_id=${agent}`, answer: 'empty' },
      { path: `/calls?search=${encodeURIComponent(waitingFor.slice(1))}`, answer: 'empty' },
    ],
    'POST /calls': [missed('/calls', { agent_id: agent, to: aNumber() })],
    'GET /calls/{}': calls.map((call) => missed(`/calls/${call}`)),
    'PATCH /calls/{}': calls.map((call) => missed(`/calls/${call}`, { converted: true })),
    'POST /calls/{}/cancel': calls.map((call) => missed(`/calls/${call}/cancel`)),
    'POST /calls/{}/resolve': calls.map((call) => missed(`/calls/${call}/resolve`, { outcome: 'busy' })),
    'GET /calls/{}/why': calls.map((call) => missed(`/calls/${call}/why`)),
    'GET /campaigns': [{ path: `/campaigns?agent_id=${agent}`, answer: 'empty' }],
    'POST /campaigns': [{ path: '/campaigns', body: { ...A_CAMPAIGN, agent_id: agent }, answer: 422 }],
    'GET /campaigns/{}': [missed(`/campaigns/${campaign}`)],
    'PUT /campaigns/{}': [
      missed(`/campaigns/${campaign}`, { name: 'ours' }),
      { path: `/campaigns/${own.campaign}`, body: { agent_id: agent }, answer: 422 },
    ],
    'DELETE /campaigns/{}': [missed(`/campaigns/${campaign}`)],
    'PATCH /campaigns/{}/status': [missed(`/campaigns/${campaign}/status`, { status: 'cancelled' })],
    'POST /campaigns/{}/call': [missed(`/campaigns/${campaign}/call`, { to: waitingFor })],
    'GET /campaigns/{}/why': [missed(`/campaigns/${campaign}/why`)],
    'GET /campaigns/{}/stats': [missed(`/campaigns/${campaign}/stats`)],
    'POST /campaigns/{}/contacts': [missed(`/campaigns/${campaign}/contacts`, A_FILE)],
    'GET /campaigns/{}/contacts/imports': [
      missed(`/campaigns/${campaign}/contacts/imports`),
      { path: `/campaigns/${own.campaign}/contacts/imports`, answer: 'empty' },
    ],
    ...Object.fromEntries(
      [
        ['GET', ''],
        ['GET', '/errors'],
        ['POST', '/cancel'],
        ['POST', '/undo'],
      ].map(([method, rest]) => [
        `${method} /campaigns/{}/contacts/imports/{}${rest}`,
        [campaign, own.campaign].map((of) => missed(`/campaigns/${of}/contacts/imports/${contacts}${rest}`)),
      ]),
    ),
    ...webhooks('campaigns', campaign, own.campaign, { webhook: campaignWebhook, log: campaignLog }, [
      'campaign_call.completed',
    ]),
    'GET /do-not-call': [{ path: '/do-not-call', answer: 'empty' }],
    'GET /do-not-call/{}': [missed(`/do-not-call/${number}`)],
    'DELETE /do-not-call/{}': [missed(`/do-not-call/${number}`)],
    // Numbers are everybody's: what is opted out here goes on being called there.
    'POST /do-not-call': [
      { path: '/do-not-call', body: { numbers: [waitingFor, listed] }, answer: 201 },
      missed('/do-not-call', { to: aNumber(), kind: 'list', campaign_id: campaign }),
    ],
    'GET /do-not-call/imports': [{ path: '/do-not-call/imports', answer: 'empty' }],
    'GET /do-not-call/imports/{}': [missed(`/do-not-call/imports/${imported}`)],
    'GET /do-not-call/registries': [{ path: '/do-not-call/registries', answer: 'empty' }],
    'POST /do-not-call/import': [missed(`/do-not-call/import?campaign_id=${campaign}`, A_FILE)],
    'POST /do-not-call/scrub': [missed(`/do-not-call/scrub?campaign_id=${campaign}`, A_FILE)],
    'GET /environment': [{ path: '/environment', answer: 200 }],
    'PATCH /environment': [{ path: '/environment', body: { max_concurrent_calls: 1 }, answer: 200 }],
    'POST /environment/stop': [{ path: '/environment/stop', answer: 200 }],
    'GET /openapi.json': [{ path: '/openapi.json', answer: 200 }],
    'GET /docs': [{ path: '/docs', answer: 200 }],
    'GET /docs/{}': [{ path: '/docs/start.js', answer: 200 }],
    'GET /health': [{ path: '/health', answer: 200 }],
    'POST /callbacks/{}': [{ path: '/callbacks/simulated', body: { attempt_id: ended }, answer: 401 }],
    'POST /callbacks/{}/answer': [
      { path: '/callbacks/simulated/answer', body: { attempt_id: ended }, answer: 404 },
    ],
  };
}

interface Webhook {
  webhook: string;
  /** Of a try to tell it something. */
  log: string;
}

function webhooks(
  owners: 'agents' | 'campaigns',
  owner: string,
  ownOwner: string,
  { webhook, log }: Webhook,
  events: string[],
): Record<string, Attack[]> {
  const path = `/${owners}/${owner}/webhooks`;
  const throughOwn = `/${owners}/${ownOwner}/webhooks/${webhook}`;
  return {
    [`GET /${owners}/{}/webhooks`]: [
      { path, answer: 404 },
      { path: `/${owners}/${ownOwner}/webhooks`, answer: 'empty' },
    ],
    [`POST /${owners}/{}/webhooks`]: [{ path, body: { ...A_WEBHOOK, events }, answer: 404 }],
    ...Object.fromEntries(
      (
        [
          ['GET', ''],
          ['PUT', '', { name: 'ours' }],
          ['DELETE', ''],
          ['PATCH', '/toggle'],
          ['POST', '/test'],
          ['GET', '/logs'],
          ['POST', '/replay', { since: '2026-01-01T00:00:00Z' }],
          ['POST', `/logs/${log}/retry`],
        ] as const
      ).map(([method, rest, body]) => [
        `${method} /${owners}/{}/webhooks/{}${rest.replace(log, '{}')}`,
        [`${path}/${webhook}`, throughOwn].map((at) => ({ path: at + rest, body, answer: 404 as const })),
      ]),
    ),
  };
}

/** Every row of every table that has to do with them, with the mark that any write to it changes. */
async function theirRows(): Promise<string[]> {
  const tables = await source.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1`,
  );
  const { waitingFor, listed, ...ids } = theirs;
  const found = await Promise.all(
    tables.map(({ name }) =>
      source.query<{ row: string }[]>(
        `SELECT '${name} ' || xmin || rows::text AS row FROM ${name} AS rows
         WHERE EXISTS (SELECT FROM unnest($1::text[]) AS id WHERE strpos(rows::text, id) > 0) ORDER BY 1`,
        [[house.environmentId, ...Object.values(ids)]],
      ),
    ),
  );
  return found.flat().map(({ row }) => row);
}

it('an environment comes near nothing of another, by any route, though it knows every id', async () => {
  const attempted = attacks();
  const registered = (await registeredRoutes(house.variables)).sort();
  expect(Object.keys(attempted).sort()).toEqual(registered);
  expect(describedRoutes.map(({ route }) => route).sort()).toEqual(registered);

  const before = await theirRows();
  expect(before.length).toBeGreaterThan(10);
  for (const [route, tries] of Object.entries(attempted)) {
    const [method = ''] = route.split(' ');
    for (const { path, body, answer } of tries) {
      const { status, body: told } = await (BESIDE_THE_API.test(path) ? askBeside : intrude)(
        method,
        path,
        body,
      );
      expect([`${method} ${path}`, status]).toEqual([`${method} ${path}`, answer === 'empty' ? 200 : answer]);
      if (answer === 'empty') expect(told.data.webhooks ?? told.data).toEqual([]);
      if (status < 300)
        expect(JSON.stringify(told)).not.toMatch(new RegExp(Object.values(theirs).map(escaped).join('|')));
    }
  }
  expect(await theirRows()).toEqual(before);
});

const BESIDE_THE_API = /^\/(callbacks|docs|openapi)\b/;

/** Asks without a token, and of the carrier's routes without its signature. */
async function askBeside(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: any }> {
  const sent =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(house.url(path), { method, ...sent });
  return { status: response.status, body: await response.text() };
}

function escaped(text: string): string {
  return text.replace('+', '\\+');
}
