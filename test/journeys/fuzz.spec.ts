import { afterAll, beforeAll, expect, it } from 'vitest';
import { A_CAMPAIGN, A_WEBHOOK_ACTION, AN_AGENT, TRAINING } from '../bodies.js';
import { aNumber } from '../factories.js';
import { Fuzz, type Ids } from '../fuzz/fuzz.js';
import { FUZZED_ROUTES } from '../fuzz/requests.js';
import { House, type Answer } from '../running-house.js';

/** `npm run fuzz` sends more. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 800);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

let house: House;

// No dialer: calls are taken in, and stay.
beforeAll(async () => {
  house = await House.open({ dialers: 0, settings: { WEBHOOK_ALLOW_PRIVATE: 'false' } });
});

afterAll(() => house.close());

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** One of everything that has an id. */
async function everything(ask: Ask): Promise<Ids> {
  const made = async (path: string, body: unknown) => {
    const { status, body: told } = await ask('POST', path, body);
    if (status >= 300) throw new Error(`${path} → ${status} ${JSON.stringify(told)}`);
    return (told.campaign_call?.id ?? told.data.id) as string;
  };
  const agent = await made('/agents', AN_AGENT);
  await ask('POST', `/agents/${agent}/publish`);
  const campaign = await made('/campaigns', { ...A_CAMPAIGN, agent_id: agent });
  await ask('PATCH', `/campaigns/${campaign}/status`, { status: 'active' });
  const other = await made('/agents', AN_AGENT);
  const webhook = { name: 'w', webhook_url: 'https://nowhere.invalid/', events: ['event_phone_call_ended'] };
  const ofAgent = await made(`/agents/${agent}/webhooks`, webhook);
  const ofCampaign = await made(`/campaigns/${campaign}/webhooks`, webhook);
  await ask('POST', `/agents/${agent}/webhooks/${ofAgent}/test`);
  const logs = (await ask('GET', `/agents/${agent}/webhooks/${ofAgent}/logs`)).body.data as { id: string }[];
  return {
    agent_id: [agent, other],
    campaign_id: [campaign, await made('/campaigns', { ...A_CAMPAIGN, agent_id: agent })],
    call_id: [await made(`/campaigns/${campaign}/call`, { to: aNumber() })],
    'agents webhook_id': [ofAgent],
    'campaigns webhook_id': [ofCampaign],
    'agents log_id': logs.map(({ id }) => id),
    training_id: [await made(`/agents/${other}/trainings`, TRAINING)],
    action_id: [await made(`/agents/${other}/actions`, A_WEBHOOK_ACTION)],
    token_id: [await made('/tokens', {})],
  };
}

it(
  `${REQUESTS} requests, right, nearly right and hostile, are answered as described`,
  { timeout: 900_000 },
  async () => {
    const { id, token } = await anEnvironmentOfItsOwn('theirs');
    const theirs = { ...(await everything(house.as(token))), phone_number_id: [await aNumberOf(id)] };
    const own = await anEnvironmentOfItsOwn('own');
    const phone_number_id = [await aNumberOf(own.id)];
    const fuzz = new Fuzz(house, own.token, theirs, async () => ({
      ...(await everything(house.as(own.token))),
      phone_number_id,
    }));
    const figures = await fuzz.run(REQUESTS, SEED);

    const { statuses, routesThatTook, requests } = figures;
    const untaken = FUZZED_ROUTES.map(({ route }) => route).filter(
      (route) => !routesThatTook.includes(route),
    );
    process.stdout.write(
      `${requests} requests to ${FUZZED_ROUTES.length} routes, seed ${SEED}: ${JSON.stringify(statuses)}; ${routesThatTook.length} routes took something, not ${untaken.join(', ')}\n`,
    );
    expect(figures.faults).toEqual([]);
    // Were most of it refused at the door, it would try little.
    expect(routesThatTook.length).toBeGreaterThan(FUZZED_ROUTES.length * (REQUESTS < 5_000 ? 0.5 : 0.85));
    expect(statuses['401']).toBeLessThan(requests / 20);
  },
);

async function aNumberOf(environmentId: string): Promise<string> {
  const words = ['phone-number', 'add', '--environment', environmentId, '--number', aNumber()];
  return (await house.cli(words)).id as string;
}

async function anEnvironmentOfItsOwn(name: string): Promise<{ id: string; token: string }> {
  const { id } = await house.cli(['environment', 'create', '--name', name, '--rate-limit', '1000000']);
  const { token } = await house.cli(['token', 'create', '--environment', id as string]);
  return { id: id as string, token: token as string };
}
