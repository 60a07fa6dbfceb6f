import { toE164 } from '#policy/phone-number.js';
import type { NewCampaign } from '#store/campaigns.store.js';
import type { CreateCampaignBody, UpdateCampaignBody } from './campaign.dto.js';

/** What a campaign is where its creator is silent. */
const DEFAULTS = {
  description: null,
  endDate: null,
  initialCallDelay: 0,
  maxRetries: 3,
  retryCooldownHours: 24,
  successCooldownHours: 24,
  voicemailCooldownHours: 24,
  noAnswerCooldownHours: 24,
  busyCooldownHours: 24,
  failedCooldownHours: 24,
  autoComplete: false,
  retryOnNoConversion: false,
  retryTimeOfDayRotation: false,
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
  holidays: [],
  legalGuard: null,
} satisfies Partial<NewCampaign>;

export function newCampaignOf(body: CreateCampaignBody): NewCampaign {
  return {
    ...DEFAULTS,
    name: body.name,
    campaignType: body.campaign_type,
    agentId: body.agent_id,
    startDate: body.start_date,
    daysOfWeek: body.days_of_week,
    callTimeRanges: body.call_time_ranges,
    timezone: body.timezone,
    ...changeOf(body),
  };
}

/** The fields that a body names, in the store's words. */
export function changeOf(body: UpdateCampaignBody): Partial<NewCampaign> {
  const change: Partial<NewCampaign> = {
    name: body.name,
    description: body.description,
    campaignType: body.campaign_type,
    agentId: body.agent_id,
    startDate: body.start_date,
    endDate: body.end_date,
    daysOfWeek: body.days_of_week,
    callTimeRanges: body.call_time_ranges,
    timezone: body.timezone,
    holidays: body.holidays,
    legalGuard: body.legal_guard,
    initialCallDelay: body.initial_call_delay,
    maxRetries: body.max_retries,
    retryCooldownHours: body.retry_cooldown_hours,
    successCooldownHours: body.success_cooldown_hours,
    voicemailCooldownHours: body.voicemail_cooldown_hours,
    noAnswerCooldownHours: body.no_answer_cooldown_hours,
    busyCooldownHours: body.busy_cooldown_hours,
    failedCooldownHours: body.failed_cooldown_hours,
    autoComplete: body.auto_complete,
    retryOnNoConversion: body.retry_on_no_conversion,
    retryTimeOfDayRotation: body.retry_time_of_day_rotation,
    enablePostCompletionCooldown: body.enable_post_completion_cooldown,
    postCompletionCooldownHours: body.post_completion_cooldown_hours,
    doNotCallEnabled: body.do_not_call_enabled,
    doNotCallListSource: body.do_not_call_list_source,
    doNotCallCustomList: body.do_not_call_custom_list?.map(normalised),
    autoAddToDncEnabled: body.auto_add_to_dnc_enabled,
    autoDncTriggerStatuses: body.auto_dnc_trigger_statuses,
    autoDncTriggerErrors: body.auto_dnc_trigger_errors,
    maxConcurrentCalls: body.max_concurrent_calls,
    maxCallsPerMinute: body.max_calls_per_minute,
    rampSeconds: body.ramp_seconds,
    totalBudget: body.total_budget,
    dailyBudget: body.daily_budget,
    priority: body.priority,
    callerIds: body.caller_ids?.map(normalised),
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function normalised(number: string): string {
  return toE164(number) ?? number;
}
