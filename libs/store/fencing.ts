import type { EntityManager } from 'typeorm';
import { MAX_CLAIM_AGE_SECONDS, RING_TIMEOUT_SECONDS } from '#policy/deadlines.js';
import { doNotCallVerdict } from '#policy/do-not-call.js';
import type { Agent } from './agent.entity.js';
import type { Attempt } from './attempt.entity.js';
import { Campaign } from './campaign.entity.js';
import type { Call } from './call.entity.js';
import type { DialingSettings, Trunk } from './dialing-settings.js';
import { doNotCallFactsOf } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { LockedFence } from './fenced-starts.js';
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

/** What the fence says of one. */
export type FenceResult =
  /** It is sending. `notAfter`: the carrier must not start the call later. */
  | { kind: 'passed'; notAfter: Date }
  /** Over its trunk, as many as it may start in a second have just passed. Still claimed: to ask again by then. */
  | { kind: 'early'; passesInMs: number }
  /** Something has come between. The claim is the caller's to release. */
  | { kind: 'refused' };

/**
 * Moves claimed attempts to sending, but those that a stop, a Do-Not-Call entry, a cancellation or an edit of the agent has come
 * between; whose claim is too old, or would be by its turn; whose window has closed, or whose provider asked for a pause. One that
 * would be more than its trunk may start in a second is left as it is. The locks of the fence are held.
 * @returns in the order given
 */
export async function passFence(
  manager: EntityManager,
  fenced: Fenced[],
  settings: DialingSettings,
): Promise<FenceResult[]> {
  const allowed = await stillAllowed(
    manager,
    fenced.map(({ claimed }) => claimed),
  );
  const over = fenced.flatMap((one, place) => {
    const trunk = settings.trunkNamed(one.claimed.attempt.trunk);
    return allowed[place] && trunk !== undefined ? [{ one, trunk }] : [];
  });
  if (over.length === 0) return fenced.map(() => REFUSED);
  const fence = await LockedFence.lock(
    manager,
    over.map(({ trunk }) => trunk),
  );
  const { going, early } = inTurn(over, fence);
  await noteMissing(manager, going);
  const notAfter = await moveToSending(manager, going, fence, settings);
  return fenced.map((one): FenceResult => {
    const passed = notAfter.get(one.claimed.attempt.id);
    return passed === undefined ? (early.get(one) ?? REFUSED) : { kind: 'passed', notAfter: passed };
  });
}

const REFUSED = { kind: 'refused' } as const;

/** Over each trunk, those whose starts were reserved first go first. */
function inTurn(
  over: { one: Fenced; trunk: Trunk }[],
  fence: LockedFence,
): { going: Fenced[]; early: Map<Fenced, FenceResult> } {
  const going: Fenced[] = [];
  const early = new Map<Fenced, FenceResult>();
  for (const trunk of new Set(over.map((each) => each.trunk))) {
    const asking = over.flatMap(({ one, ...its }) => (its.trunk === trunk ? [one] : [])).toSorted(byStart);
    const { passing, passAtMs } = fence.pass(trunk, asking.length);
    going.push(...asking.slice(0, passing));
    for (const [nth, one] of asking.slice(passing).entries()) {
      const at = passAtMs[nth]!;
      // Refused now, it is offered again sooner than if it waited to be too old.
      const isTooLate = at >= one.claimed.attempt.claimedAt.getTime() + MAX_CLAIM_AGE_SECONDS * 1000;
      if (!isTooLate) early.set(one, { kind: 'early', passesInMs: at - fence.nowMs });
    }
  }
  return { going, early };
}

function byStart(a: Fenced, b: Fenced): number {
  return a.claimed.attempt.startAt.getTime() - b.claimed.attempt.startAt.getTime();
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

/** As of the instant that they were counted at, so that what is written of them keeps to the limit too. */
async function moveToSending(
  manager: EntityManager,
  going: Fenced[],
  fence: LockedFence,
  { trunks, deadlines }: DialingSettings,
): Promise<Map<string, Date>> {
  if (going.length === 0) return new Map();
  const [rows] = await manager.query<[{ id: string; notAfter: Date }[], number]>(
    `WITH counted AS (
       UPDATE fenced_starts SET passed = lately.passed
       FROM unnest($8::text[], $9::jsonb[]) AS lately (trunk, passed) WHERE fenced_starts.trunk = lately.trunk
     )
     UPDATE attempts SET status = 'sending', sending_at = to_timestamp($7::double precision / 1000),
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
      going.map(({ claimed }) => claimed.attempt.id),
      going.map(({ claimed }) => longestCallSeconds(claimed.agent)),
      deadlines.silenceSeconds,
      MAX_CLAIM_AGE_SECONDS,
      REQUEST_VALID_SECONDS,
      toldBySocket(trunks),
      fence.nowMs,
      ...fence.counted(),
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
