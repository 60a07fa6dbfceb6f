import type { EntityManager } from 'typeorm';
import { MAX_CLAIM_AGE_SECONDS, RING_TIMEOUT_SECONDS } from '#policy/deadlines.js';
import { doNotCallVerdict } from '#policy/do-not-call.js';
import type { Agent } from './agent.entity.js';
import type { Attempt } from './attempt.entity.js';
import { Campaign } from './campaign.entity.js';
import type { Call } from './call.entity.js';
import type { DialingSettings } from './dialing-settings.js';
import { doNotCallFactsOf } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { isHeardSql, toldBySocket } from './hearing.js';
import { byId, databaseClock, isIn, of } from './reading.js';
import { preparing, together } from './scoped-database.js';

/** An attempt ready to be sent, with what the carrier is to be told. */
export interface ClaimedAttempt {
  attempt: Attempt;
  call: Call;
  agent: Agent;
}

/** One that asks to pass the fence. */
export interface Fenced {
  claimed: ClaimedAttempt;
  /** Placeholders of the agent's texts that the call's payload leaves empty: noted for people to read. */
  missingPlaceholders: string[];
}

/**
 * Moves claimed attempts to sending, but those that a stop, a Do-Not-Call entry, a cancellation or an edit of the agent has come
 * between; whose claim is too old, whose window has closed, or whose provider asked for a pause. The locks of the fence are
 * held.
 * @returns in the order given, the instant after which the carrier must not start the call; null where the fence refused
 */
export async function passFence(
  manager: EntityManager,
  fenced: Fenced[],
  settings: DialingSettings,
): Promise<(Date | null)[]> {
  const allowed = await stillAllowed(
    manager,
    fenced.map(({ claimed }) => claimed),
  );
  const going = fenced.filter((_, place) => allowed[place]);
  if (going.length === 0) return fenced.map(() => null);
  await noteMissing(manager, going);
  const notAfter = await moveToSending(
    manager,
    going.map(({ claimed }) => claimed),
    settings,
  );
  return fenced.map(({ claimed }) => notAfter.get(claimed.attempt.id) ?? null);
}

/** Whether each may still go, as the rows stand now. */
async function stillAllowed(manager: EntityManager, claims: ClaimedAttempt[]): Promise<boolean[]> {
  const attempts = claims.map(({ attempt }) => attempt);
  const [campaigns, environments, doNotCall, unchanged, wanted, now] = await together([
    byId(
      manager,
      Campaign,
      attempts.map(({ campaignId }) => campaignId),
    ),
    byId(
      manager,
      Environment,
      attempts.map(({ environmentId }) => environmentId),
    ),
    doNotCallFactsOf(preparing(manager), attempts),
    unchangedAgents(manager, claims),
    wantedCalls(manager, claims),
    databaseClock(manager),
  ]);
  return claims.map(({ attempt, call, agent }, place) => {
    const campaign = of(campaigns, attempt.campaignId);
    return (
      campaign.status === 'active' &&
      campaign.rulesVersion === attempt.rulesVersion &&
      !of(environments, attempt.environmentId).killSwitch &&
      doNotCallVerdict(attempt.to, doNotCall[place]!, campaign, now).kind === 'clear' &&
      unchanged.has(versionOf(agent)) &&
      wanted.has(call.id)
    );
  });
}

/** The agents that are published, and say what they said when the calls were claimed. */
async function unchangedAgents(manager: EntityManager, claims: ClaimedAttempt[]): Promise<Set<string>> {
  const rows = await manager.query<Pick<Agent, 'id' | 'revision'>[]>(
    `SELECT id, revision FROM agents WHERE id = ANY ($1) AND current_status = 'published'`,
    [claims.map(({ agent }) => agent.id)],
  );
  return new Set(rows.map(versionOf));
}

function versionOf({ id, revision }: Pick<Agent, 'id' | 'revision'>): string {
  return `${id} ${revision}`;
}

/** The calls that nobody has cancelled since they were claimed. */
async function wantedCalls(manager: EntityManager, claims: ClaimedAttempt[]): Promise<Set<string>> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT id FROM calls WHERE id = ANY ($1) AND cancel_requested_at IS NULL`,
    [claims.map(({ call }) => call.id)],
  );
  return new Set(rows.map(({ id }) => id));
}

async function noteMissing(manager: EntityManager, fenced: Fenced[]): Promise<void> {
  const missing = fenced.filter(({ missingPlaceholders }) => missingPlaceholders.length > 0);
  if (missing.length === 0) return;
  await manager.query(
    `UPDATE calls SET missing_placeholders = ARRAY(SELECT jsonb_array_elements_text(noted.names))
     FROM unnest($1::uuid[], $2::jsonb[]) AS noted (id, names) WHERE calls.id = noted.id`,
    [
      missing.map(({ claimed }) => claimed.call.id),
      missing.map(({ missingPlaceholders }) => JSON.stringify(missingPlaceholders)),
    ],
  );
}

async function moveToSending(
  manager: EntityManager,
  claims: ClaimedAttempt[],
  settings: DialingSettings,
): Promise<Map<string, Date>> {
  const { trunks, deadlines } = settings;
  const [rows] = await manager.query<[{ id: string; notAfter: Date }[], number]>(
    `UPDATE attempts SET status = 'sending', sending_at = clock_timestamp(),
       check_at = clock_timestamp() + $3 * interval '1 second',
       slot_until = clock_timestamp() + fenced.longest_seconds * interval '1 second'
     FROM unnest($1::uuid[], $2::integer[]) AS fenced (id, longest_seconds)
     WHERE attempts.id = fenced.id AND ${isIn('attempts.status', 'claimed')} AND clock_timestamp() < open_until
       AND claimed_at > clock_timestamp() - $4 * interval '1 second'
       -- Claimed before the provider asked for a pause, or its trunk was laid to rest.
       AND NOT EXISTS (SELECT FROM trunks WHERE trunks.name = attempts.trunk
                         AND (resumes_at > clock_timestamp() OR rests_until > clock_timestamp()))
       AND ${isHeardSql('$6')}
     RETURNING attempts.id, least(open_until, sending_at + $5 * interval '1 second') AS "notAfter"`,
    [
      claims.map(({ attempt }) => attempt.id),
      claims.map(({ agent }) => longestCallSeconds(agent)),
      deadlines.silenceSeconds,
      MAX_CLAIM_AGE_SECONDS,
      REQUEST_VALID_SECONDS,
      toldBySocket(trunks),
    ],
  );
  return new Map(rows.map(({ id, notAfter }) => [id, notAfter]));
}

/** A carrier that honours `not_after` starts no call later than this after the fence. */
const REQUEST_VALID_SECONDS = 10;

/** Ringing and talking together: after that, an attempt of unknown fate is no running call. */
function longestCallSeconds(agent: Agent): number {
  return RING_TIMEOUT_SECONDS + agent.maxCallDurationSeconds;
}
