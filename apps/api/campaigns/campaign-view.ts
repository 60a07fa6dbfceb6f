import type { Agent } from '#store/agent.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import type { Figures } from '#store/campaign-stats.store.js';
import type { ContactImport } from '#store/contact-imports.store.js';
import type { ReadCall } from '#store/call-reading.store.js';
import { agentSummary, agentSummarySchema } from '../agents/agent-view.js';
import { CAMPAIGN_STATES } from '#policy/call-lifecycle.js';
import { LEGAL_GUARDS } from '#policy/legal-guard.js';
import { TOLD_STATUSES } from '../calls/call-view.js';
import { campaignFileSchema, campaignFileView } from '../contacts/contact-import-view.js';
import {
  BOOLEAN,
  COUNT,
  DATE,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  NUMBER,
  object,
  oneOf,
  orNull,
  TEXT,
} from '../openapi/schema.js';
import { statsSchema, statsView, wholeStatsSchema, wholeStatsView } from './campaign-stats-view.js';
import { CAMPAIGN_TYPES, LIST_SOURCES, TRIGGER_ERRORS, TRIGGER_STATUSES } from './campaign.dto.js';

const HOURS = { ...INTEGER, minimum: 1, maximum: 168 };

const CAMPAIGN_FIELDS = {
  id: ID,
  name: TEXT,
  description: orNull(TEXT),
  campaign_type: oneOf(CAMPAIGN_TYPES),
  status: oneOf(CAMPAIGN_STATES),
  pause_reason: orNull(TEXT),
  agent_id: ID,
  start_date: DATE,
  end_date: orNull(DATE),
  days_of_week: list({ ...INTEGER, minimum: 1, maximum: 7 }),
  call_time_ranges: list(object({ start: TEXT, end: TEXT })),
  earliest_call_time: TEXT,
  latest_call_time: TEXT,
  timezone: TEXT,
  holidays: list(DATE),
  legal_guard: orNull(oneOf(LEGAL_GUARDS)),
  initial_call_delay: COUNT,
  max_retries: COUNT,
  retry_cooldown_hours: HOURS,
  success_cooldown_hours: orNull(HOURS),
  voicemail_cooldown_hours: orNull(HOURS),
  no_answer_cooldown_hours: orNull(HOURS),
  busy_cooldown_hours: orNull(HOURS),
  failed_cooldown_hours: orNull(HOURS),
  auto_complete: BOOLEAN,
  retry_on_no_conversion: BOOLEAN,
  retry_time_of_day_rotation: BOOLEAN,
  enable_post_completion_cooldown: BOOLEAN,
  post_completion_cooldown_hours: HOURS,
  do_not_call_enabled: BOOLEAN,
  do_not_call_list_source: oneOf(LIST_SOURCES),
  do_not_call_custom_list: list(TEXT),
  auto_add_to_dnc_enabled: BOOLEAN,
  auto_dnc_trigger_statuses: list(oneOf(TRIGGER_STATUSES)),
  auto_dnc_trigger_errors: list(oneOf(TRIGGER_ERRORS)),
  max_concurrent_calls: orNull(INTEGER),
  max_calls_per_minute: orNull(INTEGER),
  ramp_seconds: orNull(COUNT),
  total_budget: orNull({ ...NUMBER, minimum: 0 }),
  daily_budget: orNull({ ...NUMBER, minimum: 0 }),
  priority: INTEGER,
  caller_ids: list(TEXT),
  created_at: INSTANT,
  updated_at: INSTANT,
};

const AGENT_FIELD = { agent: orNull(agentSummarySchema) };

export const campaignSchema = named('Campaign', object(CAMPAIGN_FIELDS));

export const listedCampaignSchema = named(
  'ListedCampaign',
  object({ ...CAMPAIGN_FIELDS, ...AGENT_FIELD, stats: statsSchema }),
);

export const wholeCampaignSchema = named(
  'WholeCampaign',
  object({
    ...CAMPAIGN_FIELDS,
    ...AGENT_FIELD,
    calls: list(
      object({ id: ID, to: TEXT, status: oneOf(TOLD_STATUSES), retries: COUNT, created_at: INSTANT }),
    ),
    files: list(campaignFileSchema),
    stats: wholeStatsSchema,
  }),
);

export function campaignView(campaign: Campaign): Record<string, unknown> {
  return {
    id: campaign.id,
    name: campaign.name,
    description: campaign.description,
    campaign_type: campaign.campaignType,
    status: campaign.status,
    pause_reason: campaign.pauseReason,
    agent_id: campaign.agentId,
    start_date: campaign.startDate,
    end_date: campaign.endDate,
    days_of_week: campaign.daysOfWeek,
    call_time_ranges: campaign.callTimeRanges,
    // The two fields that windows superseded; old clients still read them.
    earliest_call_time: `${earliest(campaign)}:00`,
    latest_call_time: `${latest(campaign)}:00`,
    timezone: campaign.timezone,
    holidays: campaign.holidays,
    legal_guard: campaign.legalGuard,
    initial_call_delay: campaign.initialCallDelay,
    max_retries: campaign.maxRetries,
    retry_cooldown_hours: campaign.retryCooldownHours,
    success_cooldown_hours: campaign.successCooldownHours,
    voicemail_cooldown_hours: campaign.voicemailCooldownHours,
    no_answer_cooldown_hours: campaign.noAnswerCooldownHours,
    busy_cooldown_hours: campaign.busyCooldownHours,
    failed_cooldown_hours: campaign.failedCooldownHours,
    auto_complete: campaign.autoComplete,
    retry_on_no_conversion: campaign.retryOnNoConversion,
    retry_time_of_day_rotation: campaign.retryTimeOfDayRotation,
    enable_post_completion_cooldown: campaign.enablePostCompletionCooldown,
    post_completion_cooldown_hours: campaign.postCompletionCooldownHours,
    do_not_call_enabled: campaign.doNotCallEnabled,
    do_not_call_list_source: campaign.doNotCallListSource,
    do_not_call_custom_list: campaign.doNotCallCustomList,
    auto_add_to_dnc_enabled: campaign.autoAddToDncEnabled,
    auto_dnc_trigger_statuses: campaign.autoDncTriggerStatuses,
    auto_dnc_trigger_errors: campaign.autoDncTriggerErrors,
    max_concurrent_calls: campaign.maxConcurrentCalls,
    max_calls_per_minute: campaign.maxCallsPerMinute,
    ramp_seconds: campaign.rampSeconds,
    total_budget: campaign.totalBudget,
    daily_budget: campaign.dailyBudget,
    priority: campaign.priority,
    caller_ids: campaign.callerIds,
    created_at: campaign.createdAt.toISOString(),
    updated_at: campaign.updatedAt.toISOString(),
  };
}

export function listedCampaignView(
  campaign: Campaign,
  agent: Agent | undefined,
  stats: Figures | undefined,
): Record<string, unknown> {
  return { ...campaignView(campaign), agent: agentSummary(agent), stats: statsView(stats) };
}

/** With its latest calls and files, as `GET /campaigns/{id}` shows it. */
export function wholeCampaignView(
  campaign: Campaign,
  {
    agent,
    stats,
    calls,
    imports,
  }: {
    agent: Agent | undefined;
    stats: Figures | undefined;
    calls: ReadCall[];
    imports: ContactImport[];
  },
): Record<string, unknown> {
  return {
    ...campaignView(campaign),
    agent: agentSummary(agent),
    calls: calls.map(({ call, status }) => ({
      id: call.id,
      to: call.to,
      status,
      retries: Math.max(0, call.attemptsSpent - 1),
      created_at: call.createdAt.toISOString(),
    })),
    files: imports.map(campaignFileView),
    stats: wholeStatsView(stats),
  };
}

function earliest({ callTimeRanges }: Campaign): string {
  return callTimeRanges.map(({ start }) => start).sort()[0] ?? '00:00';
}

function latest({ callTimeRanges }: Campaign): string {
  return (
    callTimeRanges
      .map(({ end }) => end)
      .sort()
      .at(-1) ?? '24:00'
  );
}
