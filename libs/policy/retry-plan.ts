import type { CampaignState } from './call-lifecycle.js';
import { nextInFreshDaypart } from './dayparts.js';
import { evidenceOf, type Evidence } from './evidence.js';
import { nextAttemptAt, type TimingFacts } from './next-attempt.js';
import { OUTCOMES, type CooldownClass, type Outcome } from './outcomes.js';

/** The retry settings of a campaign. Cooldowns are whole hours of elapsed time, never wall-clock. */
export interface RetrySettings {
  /** Retries after the first attempt, 0–10. */
  maxRetries: number;
  retryCooldownHours: number;
  successCooldownHours: number | null;
  voicemailCooldownHours: number | null;
  noAnswerCooldownHours: number | null;
  busyCooldownHours: number | null;
  failedCooldownHours: number | null;
  retryOnNoConversion: boolean;
  /** Retries go into the part of the day that was tried least. */
  retryTimeOfDayRotation: boolean;
}

export type RetryFacts = TimingFacts & {
  call: {
    /** From then on no retry may start; null: no limit of the call's own. */
    expiresAt: Date | null;
    /** How often a try of it was given back so far, without one spent. */
    giveBacks: number;
    cancelRequestedAt: Date | null;
  };
  campaign: RetrySettings & { status: CampaignState };
};

export interface EndedAttempt {
  outcome: Outcome;
  endedAt: Date;
  /** Whether this or an earlier conversation of the call reached its goal: then it is settled, however this ended. */
  converted: boolean;
  /** Attempts that spent a try so far, this one included. */
  attemptsSpent: number;
  /** The end is that of a call which was only found by its likeness. */
  isSurmised: boolean;
  /** When the call's requests left, this one's included. */
  triedAt: readonly Date[];
}

export type RetryDecision =
  /** Ready at `readyAt`, when the cooldown is over; expected at `at`, the first time all allow from then on. */
  | { kind: 'retry'; readyAt: Date; at: Date; because: Outcome; evidence: Evidence }
  | { kind: 'stop'; because: StopReason; evidence: Evidence };

export type StopReason =
  | 'settled'
  | 'permanent'
  | 'retries_used'
  | 'end_surmised'
  | 'given_back_too_often'
  | 'no_lawful_opening'
  | 'expired'
  | 'campaign_closed'
  | 'call_cancelled';

/**
 * Decides whether a call whose attempt ended is tried again, and when: the outcome's own cooldown, else the campaign's,
 * spread by up to a tenth (at most half an hour); from then on the first time that hours, caps and cooldowns of the number
 * all allow, in the part of the day tried least where the campaign asks for that. An end that spends no try gives it back:
 * it follows within seconds, so many times and no more.
 * @param jitter 0 ≤ jitter < 1, seeded by the caller, so that a replay gives the same instant
 */
export function planRetry(attempt: EndedAttempt, facts: RetryFacts, jitter: number): RetryDecision {
  const { campaign, call, cooldownHourSeconds } = facts;
  const { retryClass, spendsAttempt } = OUTCOMES[attempt.outcome];
  const inputs = {
    outcome: attempt.outcome,
    converted: attempt.converted,
    attemptsSpent: attempt.attemptsSpent,
    maxRetries: campaign.maxRetries,
    cooldownHours: retryClass === null ? null : cooldownHours(retryClass, campaign),
  };
  const stop = (because: StopReason): RetryDecision => ({
    kind: 'stop',
    because,
    evidence: evidenceOf(attempt.endedAt, [{ rule: 'retry', passed: false, inputs: { ...inputs, because } }]),
  });

  if (campaign.status === 'cancelled' || campaign.status === 'completed') return stop('campaign_closed');
  if (call.cancelRequestedAt !== null) return stop('call_cancelled');
  if (spendsAttempt && retryClass === null) return stop('permanent');
  if (attempt.converted || (retryClass === 'success' && !campaign.retryOnNoConversion))
    return stop('settled');
  // The phone may be ringing for another call than the one that was found: nothing is dialled on a likeness.
  if (attempt.isSurmised) return stop('end_surmised');
  if (spendsAttempt && attempt.attemptsSpent > campaign.maxRetries) return stop('retries_used');
  if (!spendsAttempt && call.giveBacks >= MAX_GIVE_BACKS) return stop('given_back_too_often');

  const cooldownMs =
    retryClass === null
      ? giveBackDelaySeconds(call.giveBacks + 1, null) * 1000
      : cooldownHours(retryClass, campaign) * cooldownHourSeconds * 1000;
  const spreadMs = Math.min(cooldownMs / 10, MAX_SPREAD_MS) * jitter;
  const cooledAt = new Date(attempt.endedAt.getTime() + cooldownMs + spreadMs);
  const isRotated = spendsAttempt && campaign.retryTimeOfDayRotation;
  const at = isRotated
    ? nextInFreshDaypart(facts, cooledAt, attempt.triedAt, MAX_SPREAD_MS * jitter)
    : nextAttemptAt(facts, cooledAt);
  if (at === null) return stop('no_lawful_opening');
  if (call.expiresAt !== null && at >= call.expiresAt) return stop('expired');
  // No barrier but the cooldown: should hours or caps be widened, the call is due at once. A part of the day is one.
  const readyAt = isRotated ? at : cooledAt;
  const timed = { ...inputs, cooledAt, at, rotated: isRotated };
  const evidence = evidenceOf(attempt.endedAt, [{ rule: 'retry', passed: true, inputs: timed }]);
  return { kind: 'retry', readyAt, at, because: attempt.outcome, evidence };
}

const MAX_SPREAD_MS = 30 * 60_000;

function cooldownHours(retryClass: CooldownClass, settings: RetrySettings): number {
  const own = {
    success: settings.successCooldownHours,
    voicemail: settings.voicemailCooldownHours,
    no_answer: settings.noAnswerCooldownHours,
    busy: settings.busyCooldownHours,
    failed: settings.failedCooldownHours,
  }[retryClass];
  return own ?? settings.retryCooldownHours;
}

/** Tries given back (nothing was dialled) before a call is failed, so that a dead carrier cannot hold it for ever. */
export const MAX_GIVE_BACKS = 100;

/**
 * How long to wait after the n-th try was given back: what the carrier asked for, else doubling from one second,
 * never more than five minutes. At that pace MAX_GIVE_BACKS is about seven hours.
 */
export function giveBackDelaySeconds(giveBacks: number, carrierAskedSeconds: number | null): number {
  const ownSeconds = Math.min(2 ** Math.max(0, giveBacks - 1), 300);
  const askedSeconds = Math.min(carrierAskedSeconds ?? 0, 3600);
  return Math.max(ownSeconds, askedSeconds);
}
