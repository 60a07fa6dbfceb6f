import type { Agent } from '#store/agent.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import type { CampaignStats } from '#store/campaigns.store.js';
import type { ReadCall } from '#store/call-reading.store.js';
import { agentSummary } from '../agents/agent-view.js';

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
    enable_post_completion_cooldown: campaign.enablePostCompletionCooldown,
    post_completion_cooldown_hours: campaign.postCompletionCooldownHours,
    do_not_call_enabled: campaign.doNotCallEnabled,
    do_not_call_list_source: campaign.doNotCallListSource,
    do_not_call_custom_list: campaign.doNotCallCustomList,
    auto_add_to_dnc_enabled: campaign.autoAddToDncEnabled,
    auto_dnc_trigger_statuses: campaign.autoDncTriggerStatuses,
    auto_dnc_trigger_errors: campaign.autoDncTriggerErrors,
    max_concurrent_calls: campaign.maxConcurrentCalls,
    priority: campaign.priority,
    caller_ids: campaign.callerIds,
    created_at: campaign.createdAt.toISOString(),
    updated_at: campaign.updatedAt.toISOString(),
  };
}

export function listedCampaignView(
  campaign: Campaign,
  agent: Agent | undefined,
  stats: CampaignStats | undefined,
): Record<string, unknown> {
  return { ...campaignView(campaign), agent: agentSummary(agent), stats: statsView(stats) };
}

/** With its latest calls, as `GET /campaigns/{id}` shows it. */
export function wholeCampaignView(
  campaign: Campaign,
  agent: Agent | undefined,
  stats: CampaignStats | undefined,
  calls: ReadCall[],
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
    files: [],
    stats: { ...statsView(stats), average_duration: stats?.averageDurationSeconds ?? 0 },
  };
}

function statsView(stats: CampaignStats | undefined): Record<string, number> {
  const { totalCalls, completedCalls, failedCalls } = stats ?? {
    totalCalls: 0,
    completedCalls: 0,
    failedCalls: 0,
  };
  return {
    total_calls: totalCalls,
    completed_calls: completedCalls,
    failed_calls: failedCalls,
    success_rate: totalCalls === 0 ? 0 : Math.round((completedCalls / totalCalls) * 10_000) / 100,
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
