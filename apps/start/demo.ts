import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DemoApi, Refused } from './demo-api.js';
import { receiveWebhooks, type Arrival, type WebhookReceiver } from './webhook-receiver.js';

/** The seeded demo. */
export interface Demo {
  /** For people: shown, and its rate limit is theirs alone. */
  api: DemoApi;
  /** Of the same environment, for watching the calls. */
  watcher: DemoApi;
  campaignId: string;
  receiver: WebhookReceiver;
}

export interface DemoOptions {
  apiUrl: string;
  /** Kept between starts. */
  file: string;
  /** Runs a command of apps/cli with --json, and returns what it printed. */
  cli: (words: string[]) => Promise<string>;
  onWebhook: (arrival: Arrival) => void;
}

/** What is remembered from start to start. */
interface Kept {
  token: string;
  watcherToken: string;
  campaignId: string;
  webhookId: string;
  webhookSecret: string;
  receiverPort: number;
}

const ENVIRONMENT = 'demo';

/** Fictional numbers; the last two digits tell the simulated carrier what to do. */
const NUMBERS = {
  answered: '+12025550100',
  busy: '+12025550170',
  voicemail: '+12025550180',
  converted: '+12025550195',
};

/**
 * Seeds the demo through the public API and the command line, as a customer would: an environment, a token, a published
 * agent, an active campaign open around the clock, a webhook endpoint in this process, and a few calls. What an earlier
 * start has seeded is used again.
 */
export async function seedDemo(options: DemoOptions): Promise<Demo> {
  const before = await keptAndWorking(options);
  const webhookSecret = before?.webhookSecret ?? randomBytes(24).toString('hex');
  const receiver = await receiveWebhooks({
    wantedPort: before?.receiverPort ?? 0,
    secret: webhookSecret,
    onArrival: options.onWebhook,
  });
  try {
    const kept = before ?? (await seedAnew(options, receiver, webhookSecret));
    const api = new DemoApi(options.apiUrl, kept.token);
    if (kept.receiverPort !== receiver.port) {
      await api.ask('DELETE', `/campaigns/${kept.campaignId}/webhooks/${kept.webhookId}`);
      kept.webhookId = await createWebhook(api, kept.campaignId, receiver, webhookSecret);
      kept.receiverPort = receiver.port;
    }
    keep(options.file, kept);
    await placeCalls(api, kept.campaignId);
    const watcher = new DemoApi(options.apiUrl, kept.watcherToken);
    return { api, watcher, campaignId: kept.campaignId, receiver };
  } catch (error) {
    await receiver.close();
    throw error;
  }
}

/** Null where there is nothing to use again: no file, another database, a revoked token, a campaign that is over. */
async function keptAndWorking({ file, apiUrl }: DemoOptions): Promise<Kept | null> {
  let kept: Kept;
  try {
    kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    return null;
  }
  try {
    const path = `/campaigns/${kept.campaignId}`;
    await new DemoApi(apiUrl, kept.watcherToken).ask('GET', path);
    const { data } = await new DemoApi(apiUrl, kept.token).ask<{ data: { status: string } }>('GET', path);
    return data.status === 'active' ? kept : null;
  } catch (error) {
    if (error instanceof Refused && error.status < 500) return null;
    throw error;
  }
}

async function seedAnew(
  options: DemoOptions,
  receiver: WebhookReceiver,
  webhookSecret: string,
): Promise<Kept> {
  // The environment may be there from a start whose file was lost: then it cannot be made, and a token in it can.
  const refusal = await createEnvironment(options).catch((error: unknown) => error);
  const token = await createToken(options).catch((error: unknown) => {
    throw refusal ?? error;
  });
  const watcherToken = await createToken(options);
  const api = new DemoApi(options.apiUrl, token);
  const campaignId = await createCampaign(api, await createAgent(api));
  const webhookId = await createWebhook(api, campaignId, receiver, webhookSecret);
  return { token, watcherToken, campaignId, webhookId, webhookSecret, receiverPort: receiver.port };
}

async function createEnvironment({ cli }: DemoOptions): Promise<undefined> {
  await cli(['environment', 'create', '--name', ENVIRONMENT, '--legal-guard', 'off']);
}

async function createToken({ cli }: DemoOptions): Promise<string> {
  const printed = await cli(['token', 'create', '--environment', ENVIRONMENT]);
  return (JSON.parse(printed) as { token: string }).token;
}

async function createAgent(api: DemoApi): Promise<string> {
  const { data } = await api.ask<{ data: { id: string } }>('POST', '/agents', {
    label: 'Reminder',
    name: 'Reminder',
    description: 'You remind {{name}} of an appointment and ask whether they will come.',
    initial_message: 'Hello {{name}}, this is the surgery.',
    language: 'en-US',
    interrupt_sensitivity: 'medium',
    endpointing_sensitivity: 'auto',
    ivr_navigation_mode: 'off',
    conversation_speed: 1,
    initial_message_delay: 0,
    ask_if_human_present_on_idle: true,
    idle_time_seconds: 10,
    llm_temperature: 0.3,
    enable_recording: false,
    direction: 'outbound',
    who_speaks_first: 'agent',
  });
  await api.ask('POST', `/agents/${data.id}/publish`);
  return data.id;
}

async function createCampaign(api: DemoApi, agentId: string): Promise<string> {
  const { data } = await api.ask<{ data: { id: string } }>('POST', '/campaigns', {
    name: 'Demo',
    campaign_type: 'reminder',
    agent_id: agentId,
    start_date: new Date().toISOString().slice(0, 10),
    days_of_week: [1, 2, 3, 4, 5, 6, 7],
    call_time_ranges: [{ start: '00:00', end: '24:00' }],
    timezone: 'UTC',
    max_retries: 1,
    retry_cooldown_hours: 1,
    busy_cooldown_hours: 1,
    no_answer_cooldown_hours: 1,
    voicemail_cooldown_hours: 1,
    failed_cooldown_hours: 1,
  });
  await api.ask('PATCH', `/campaigns/${data.id}/status`, { status: 'active' });
  return data.id;
}

async function createWebhook(
  api: DemoApi,
  campaignId: string,
  receiver: WebhookReceiver,
  secret: string,
): Promise<string> {
  const { data } = await api.ask<{ data: { id: string } }>('POST', `/campaigns/${campaignId}/webhooks`, {
    name: 'The terminal of npm start',
    webhook_url: receiver.url,
    events: [
      'campaign_call.queued',
      'campaign_call.started',
      'campaign_call.completed',
      'campaign_call.retry_scheduled',
      'campaign_call.failed',
      'campaign_call.blocked',
      'campaign_call.cancelled',
      'campaign_call.expired',
    ],
    webhook_secret: secret,
    include_call_events: true,
  });
  return data.id;
}

/** Again at every start, though calls of an earlier one may still wait for their retries: a demo has to move. */
async function placeCalls(api: DemoApi, campaignId: string): Promise<void> {
  for (const [story, to] of Object.entries(NUMBERS)) {
    const call = { to, payload: { name: 'Ana' }, context: { story }, allow_duplicates: true };
    await api.ask('POST', `/campaigns/${campaignId}/call`, call);
  }
}

function keep(file: string, kept: Kept): void {
  // A file that exists would keep its mode.
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
}
