import type { DataSource } from 'typeorm';
import { deadlines } from '#policy/deadlines.js';
import { fenceLimit } from '#policy/fence-window.js';
import { verdictOf } from '#policy/webhook-health.js';
import { Agent } from '#store/agent.entity.js';
import { Call } from '#store/call.entity.js';
import { Campaign } from '#store/campaign.entity.js';
import { DialingSettings, type Trunk } from '#store/dialing-settings.js';
import { Environment } from '#store/environment.entity.js';
import { ScopedDatabase } from '#store/scoped-database.js';
import type { Caller } from '#store/tokens.store.js';
import { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import type { EndedTry, TakenDelivery } from '#store/webhook-try.js';

/** The database as each process has it: in its own role. */
export const asApi = (source: DataSource) => new ScopedDatabase(source, 'ringfence_api');
export const asDialer = (source: DataSource) => new ScopedDatabase(source, 'ringfence_dialer');
export const asMetrics = (source: DataSource) => new ScopedDatabase(source, 'ringfence_metrics');
export const asConsole = (source: DataSource) => new ScopedDatabase(source, 'ringfence_console');
export const asOperator = (source: DataSource) => new ScopedDatabase(source, 'ringfence_operator');

/** Rows that are consistent with one another, made straight in the database: for tests of the stores. */

let phones = 0;

/** A number nobody owns, new at every call; its last two digits tell the simulated carrier what to do. */
export function aNumber(lastTwoDigits = '00'): string {
  phones += 1;
  const area = 201 + Math.floor(phones / 90);
  return `+1${area}555${(10 + (phones % 90)).toString()}${lastTwoDigits}`;
}

export async function anEnvironment(
  source: DataSource,
  overrides: Partial<Environment> = {},
): Promise<Environment> {
  const environment = source.manager.create(Environment, {
    name: 'test',
    legalGuard: 'off',
    killSwitch: false,
    rateLimitPerMinute: 1000,
    maxConcurrentCalls: 100,
    weight: 1,
    ...overrides,
  });
  await source.manager.save(environment);
  await source.query(`INSERT INTO slots (scope) VALUES ($1)`, [`environment:${environment.id}`]);
  return environment;
}

export async function anAgent(
  source: DataSource,
  environmentId: string,
  overrides: Partial<Agent> = {},
): Promise<Agent> {
  const agent = source.manager.create(Agent, {
    environmentId,
    label: 'test',
    name: 'Test',
    description: 'You are calling {{name}}.',
    initialMessage: null,
    language: 'en-US',
    interruptSensitivity: 'medium',
    endpointingSensitivity: 'auto',
    ivrNavigationMode: 'off',
    conversationSpeed: 1,
    initialMessageDelay: 0,
    askIfHumanPresentOnIdle: false,
    idleTimeSeconds: 10,
    llmTemperature: 0.5,
    enableRecording: false,
    direction: 'outbound',
    whoSpeaksFirst: 'agent',
    maxCallDurationSeconds: 600,
    currentStatus: 'published',
    ...overrides,
  });
  return source.manager.save(agent);
}

/** An active campaign, open around the clock. */
export async function aCampaign(
  source: DataSource,
  environmentId: string,
  overrides: Partial<Campaign> = {},
): Promise<Campaign> {
  const agentId = overrides.agentId ?? (await anAgent(source, environmentId)).id;
  const campaign = source.manager.create(Campaign, {
    environmentId,
    agentId,
    name: 'test',
    description: null,
    campaignType: 'custom',
    status: 'active',
    startDate: '2020-01-01',
    endDate: null,
    daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
    callTimeRanges: [{ start: '00:00', end: '24:00' }],
    timezone: 'UTC',
    holidays: [],
    initialCallDelay: 0,
    maxRetries: 0,
    retryCooldownHours: 1,
    autoComplete: false,
    retryOnNoConversion: false,
    enablePostCompletionCooldown: false,
    postCompletionCooldownHours: 168,
    doNotCallEnabled: false,
    doNotCallListSource: 'environment',
    doNotCallCustomList: [],
    autoAddToDncEnabled: false,
    autoDncTriggerStatuses: [],
    autoDncTriggerErrors: [],
    maxConcurrentCalls: null,
    maxCallsPerMinute: null,
    rampSeconds: null,
    totalBudget: null,
    dailyBudget: null,
    priority: 0,
    callerIds: [],
    rulesVersion: 1,
    ...overrides,
  });
  await source.manager.save(campaign);
  await source.query(`INSERT INTO slots (scope) VALUES ($1)`, [`campaign:${campaign.id}`]);
  return campaign;
}

/** A webhook endpoint of a campaign, as a client makes one. */
export async function aWebhook(
  source: DataSource,
  { id: campaignId, environmentId }: Campaign,
  overrides: Partial<WebhookEndpoint> = {},
): Promise<WebhookEndpoint> {
  const endpoint = source.manager.create(WebhookEndpoint, {
    environmentId,
    campaignId,
    name: 'test',
    webhookUrl: 'https://example.org/told',
    events: ['campaign.updated'],
    sealedSecret: null,
    timeoutSeconds: 5,
    maxRetries: 3,
    maxConcurrentDeliveries: 10,
    enabled: true,
    httpMethod: 'POST',
    authorizationScheme: 'none',
    sealedAuthorizationCredential: null,
    customHeaders: [],
    payloadTemplates: {},
    includeCallEvents: false,
    ...overrides,
  });
  return source.manager.save(endpoint);
}

/** Somebody who may do anything in an environment. */
export function aCaller(environmentId: string): Caller {
  return {
    tokenId: 't',
    actor: 'token:t',
    environmentId,
    scopes: [],
    expiresAt: null,
    rateLimitPerMinute: 1,
    rateKey: 't',
  };
}

/** A try that is over, with the plan's word for when it is made again. */
export function ended(
  taken: TakenDelivery,
  httpStatus: number | null,
  retrySeconds: number | null = null,
  retryAfterSeconds: number | null = null,
): EndedTry {
  const { id, attempt, endpointId, webhookUrl } = taken;
  const result = {
    httpStatus,
    responseBody: httpStatus === null ? null : 'answered',
    responseHeaders: httpStatus === null ? null : {},
    error: httpStatus === null ? 'timeout' : null,
    durationMs: 3,
  };
  return {
    id,
    attempt,
    endpointId,
    webhookUrl,
    retrySeconds,
    result,
    verdict: verdictOf(httpStatus, retryAfterSeconds),
  };
}

/** A call that is due. */
export async function aCall(
  source: DataSource,
  campaign: Campaign,
  overrides: Partial<Call> = {},
): Promise<Call> {
  const longAgo = new Date('2026-01-01T00:00:00Z');
  const call = source.manager.create(Call, {
    environmentId: campaign.environmentId,
    campaignId: campaign.id,
    agentId: campaign.agentId,
    to: aNumber(),
    payload: {},
    context: {},
    isTesting: false,
    allowDuplicates: false,
    status: 'waiting',
    priority: 0,
    readyAt: longAgo,
    nextAttemptAt: longAgo,
    attemptCount: 0,
    attemptsSpent: 0,
    giveBacks: 0,
    offers: 0,
    durationSeconds: 0,
    converted: false,
    missingPlaceholders: [],
    eventSequence: 0,
    ...overrides,
  });
  return source.manager.save(call);
}

/** Settings under which the stores dial in tests: as in production, but for what a test names. */
export function dialingSettings({
  trunk = 'test',
  trunkCallsPerSecond = 10_000,
  hearsBySocket = false,
  ...overrides
}: DialingOverrides = {}): DialingSettings {
  return new DialingSettings({
    cooldownHourSeconds: 3600,
    deadlines: deadlines(600),
    trunks: [trunkOf({ name: trunk, callsPerSecond: trunkCallsPerSecond, hearsBySocket })],
    reservedShare: 0,
    rampSeconds: 60,
    ...overrides,
  });
}

/** What a test names of the settings; of the only trunk, one by one. */
export type DialingOverrides = Partial<Omit<DialingSettings, 'trunkNamed' | 'trunksOf' | 'houseOf'>> & {
  trunk?: string;
  trunkCallsPerSecond?: number;
  hearsBySocket?: boolean;
};

/** A trunk that takes every call, and so many that its pace slows nothing, but for what a test names. */
export function trunkOf(trunk: Partial<Trunk> & { name: string }): Trunk {
  const callsPerSecond = trunk.callsPerSecond ?? 10_000;
  return {
    prefixes: [],
    callerIds: [],
    callsPerSecond,
    limitPerSecond: callsPerSecond,
    fence: fenceLimit(callsPerSecond, 0),
    hearsBySocket: false,
    ...trunk,
  };
}
