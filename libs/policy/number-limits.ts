import { guardOf, legalCaps, type GuardFacts } from './legal-guard.js';

/** What an environment allows to be done to one number, over all of its campaigns. Null: no such limit. */
export interface NumberLimits {
  /** Requests in any 24 hours. */
  maxAttemptsPerNumberDay: number | null;
  /** Requests in any seven times 24 hours. */
  maxAttemptsPerNumberWeek: number | null;
  /** From one request to the next. */
  minAttemptGapMinutes: number | null;
  /** From the end of a conversation to the next request, whichever campaign makes it. */
  successCooldownHours: number | null;
}

/** What was done to a number by all campaigns of its environment. All instants are the database clock's. */
export interface NumberHistory {
  /** When each request left, newest first: those of HISTORY_DAYS days, at most MAX_LIMIT_CALLS of them. */
  sentAt: readonly Date[];
  /** The end of the latest conversation; null: there was none. */
  answeredAt: Date | null;
  /** Of the campaigns that called it, completed and asked for a cooldown: the one whose cooldown ends last. */
  completion: { campaignId: string; completedAt: Date; cooldownHours: number } | null;
}

/** Of a number that nobody has called. */
export const NEVER_CALLED: NumberHistory = { sentAt: [], answeredAt: null, completion: null };

/** As far back as any limit looks: the longest period of a law's cap. */
export const HISTORY_DAYS = 30;

/** The largest limit that may be set: so many requests are looked back at. */
export const MAX_LIMIT_CALLS = 100;

export type NumberFacts = GuardFacts & {
  environment: NumberLimits;
  history: NumberHistory;
  /** Length of a cooldown hour; 3600 but in demos and tests. Caps count real hours. */
  cooldownHourSeconds: number;
};

/** At most `calls` requests in any `hours`: elapsed time, never wall-clock. */
export interface NumberCap {
  /** `day`, `week` or `gap` of the environment's, or the id of a legal rule. */
  cap: string;
  enforced: boolean;
  calls: number;
  hours: number;
  /** Requests within the period that ends at the instant asked about. */
  used: number;
  /** When the next request is allowed; null: now. */
  until: Date | null;
}

/**
 * Every cap on requests to the number as it stands at `at`: the environment's own, then those of the law. A cap in a law is
 * read strictly: whether it speaks of a person, a number or a debt, every request to the number counts.
 */
export function numberCaps(facts: NumberFacts, at: Date): NumberCap[] {
  const { environment, history } = facts;
  const own = [
    { cap: 'day', calls: environment.maxAttemptsPerNumberDay, hours: 24 },
    { cap: 'week', calls: environment.maxAttemptsPerNumberWeek, hours: 7 * 24 },
    environment.minAttemptGapMinutes === null
      ? { cap: 'gap', calls: null, hours: 0 }
      : { cap: 'gap', calls: 1, hours: environment.minAttemptGapMinutes / 60 },
  ].flatMap(({ calls, ...rest }) => (calls === null ? [] : [{ ...rest, calls, enforced: true }]));
  const lawful = legalCaps(guardOf(facts, at)).map(({ rule, enforced, cap: { calls, hours } }) => ({
    cap: rule,
    calls,
    hours,
    enforced,
  }));
  return [...own, ...lawful].map((cap) => ({ ...cap, ...usageOf(cap, history.sentAt, at) }));
}

/** What cools the number down at `at`, and until when. */
export function numberCooldowns(
  { environment, history, cooldownHourSeconds }: NumberFacts,
  at: Date,
): { cooldown: 'success' | 'post_completion'; hours: number; since: Date; until: Date }[] {
  const { answeredAt, completion } = history;
  const cooldowns = [
    { cooldown: 'success' as const, hours: environment.successCooldownHours, since: answeredAt },
    {
      cooldown: 'post_completion' as const,
      hours: completion?.cooldownHours ?? null,
      since: completion?.completedAt ?? null,
    },
  ];
  return cooldowns.flatMap(({ cooldown, hours, since }) => {
    if (hours === null || since === null) return [];
    const until = new Date(since.getTime() + hours * cooldownHourSeconds * 1000);
    return until > at ? [{ cooldown, hours, since, until }] : [];
  });
}

/** From when on no enforced cap and no cooldown holds the number, as things stand at `at`; `at` itself where none does. */
export function numberFreeFrom(facts: NumberFacts, at: Date): Date {
  const caps = numberCaps(facts, at).filter(({ enforced }) => enforced);
  return [...caps, ...numberCooldowns(facts, at)].reduce(
    (last, { until }) => (until !== null && until > last ? until : last),
    at,
  );
}

const HOUR_MS = 3_600_000;

/** A cap of n is free again when the n-th request before the next one is as old as its period. */
function usageOf(
  { calls, hours }: { calls: number; hours: number },
  sentAt: readonly Date[],
  at: Date,
): { used: number; until: Date | null } {
  // Rounded: a gap of 481 minutes is no whole number of hours.
  const periodMs = Math.round(hours * HOUR_MS);
  const used = sentAt.filter((sent) => sent.getTime() > at.getTime() - periodMs).length;
  const oldest = sentAt[calls - 1];
  return { used, until: used < calls || oldest === undefined ? null : new Date(oldest.getTime() + periodMs) };
}
