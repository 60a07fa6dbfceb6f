import { FINAL_STATES } from '#policy/call-lifecycle.js';
import type { Forecast } from '#policy/campaign-forecast.js';
import { closesAt, isOpen, nextOpening, type CallingSchedule } from '#policy/calling-window.js';
import { OUTCOME_NAMES } from '#policy/outcomes.js';
import type {
  CampaignLookedOn,
  EnvironmentLookedOn,
  HoursOfCampaign,
  LookedOn,
} from '#store/console.store.js';
import { RESOLUTIONS, type UnknownCall } from '#store/operator-calls.store.js';
import type { CampaignGlance } from '#store/why.store.js';

const DAY_MS = 86_400_000;

export function houseView(
  { isLed, trunks, campaignsLeftOut, environmentsLeftOut }: LookedOn,
  mayChange: boolean,
): Record<string, unknown> {
  return {
    is_led: isLed,
    trunks: trunks.map(({ name, callsPerSecond, limit, rests, isHeard }) => ({
      ...{ name, calls_per_second: Number(callsPerSecond.toPrecision(3)), limit, rests },
      is_heard: isHeard,
    })),
    campaigns_left_out: campaignsLeftOut,
    environments_left_out: environmentsLeftOut,
    may_change: mayChange,
    resolutions: RESOLUTIONS,
  };
}

export function environmentView({
  id,
  name,
  killSwitch,
  slots,
}: EnvironmentLookedOn): Record<string, unknown> {
  return { id, name, kill_switch: killSwitch, slots: { in_use: slots.inUse, limit: slots.limit } };
}

export interface CampaignShown {
  campaign: CampaignLookedOn;
  now: Date;
  /** By the minute, the oldest first. */
  starts: number[];
  perMinute: number;
  forecast: Forecast | null;
  glance: CampaignGlance | null;
}

export function campaignView(shown: CampaignShown): Record<string, unknown> {
  const { campaign, now, starts, perMinute, glance } = shown;
  const { id, environmentId, name, status, figures, waiting, underWay, schedule } = campaign;
  return {
    ...{ id, environment_id: environmentId, name, status },
    ...{ total: figures.calls, waiting, under_way: underWay, unknown: figures.attempts('unknown') },
    finished: counted(FINAL_STATES, (state) => figures.finished(state)),
    outcomes: counted(OUTCOME_NAMES, (outcome) => figures.attempts(outcome)),
    ...{ starts, per_minute: Math.round(perMinute * 10) / 10 },
    hours: openingView(schedule, now),
    forecast: forecastView(shown.forecast),
    due: glance === null ? null : { count: glance.due, is_all: glance.isAllDue },
    next_due_at: glance?.nextDueAt ?? null,
    why: glance?.reasons.map(({ effect, sentence, until }) => ({ effect, sentence, until })) ?? [],
  };
}

/** Those words that there is any of. */
function counted<Word extends string>(
  words: readonly Word[],
  of: (word: Word) => number,
): Record<string, number> {
  const counts = words.map((word) => [word, of(word)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

/** Null in `until`: for a day and more, or for good. */
function openingView(schedule: CallingSchedule, now: Date): Record<string, unknown> {
  const open = isOpen(schedule, now);
  const closes = open ? closesAt(schedule, now) : null;
  const isForLong = closes !== null && closes.getTime() - now.getTime() >= DAY_MS;
  const until = open ? (isForLong ? null : closes) : nextOpening(schedule, now);
  return { open, until, timezone: schedule.timezone };
}

function forecastView(forecast: Forecast | null): Record<string, unknown> | null {
  if (forecast?.kind !== 'reckoned') return forecast;
  const { kind, dials, openMinutes, endsAt, left } = forecast;
  return { kind, dials, open_minutes: Math.ceil(openMinutes), ends_at: endsAt, left };
}

export function hoursView({ outcomes }: HoursOfCampaign): Record<string, Record<string, number>> {
  const hours: Record<string, Record<string, number>> = {};
  for (const { hour, outcome, count } of outcomes) (hours[hour.toISOString()] ??= {})[outcome] = count;
  return hours;
}

export function unknownView(calls: UnknownCall[], isMore: boolean): Record<string, unknown> {
  return {
    is_more: isMore,
    calls: calls.map((call) => ({
      call_id: call.callId,
      attempt_id: call.attemptId,
      environment_id: call.environmentId,
      campaign_id: call.campaignId,
      sent_at: call.sentAt,
      reason: call.reason,
    })),
  };
}
