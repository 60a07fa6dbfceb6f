import type { EntityManager } from 'typeorm';
import {
  chooseCallerId,
  isLimited,
  UNUSED,
  useAfter,
  type CallerIdChoice,
  type CallerIdFacts,
  type CallerIdLimits,
  type CallerIdUse,
} from '#policy/caller-ids.js';
import { callerIdsOver, type TrunkRoute } from '#policy/trunk-routes.js';
import { callerIdsOfAgents } from './agent-numbers.js';
import type { Campaign } from './campaign.entity.js';

/** Whose calls are to come from somewhere: a campaign, or the agent's hidden one, and what its environment allows. */
export interface CallingFrom {
  campaign: Pick<Campaign, 'environmentId' | 'agentId' | 'callerIds'>;
  environment: CallerIdLimits;
}

/** One call that is to come from somewhere. */
export interface CallFrom extends CallingFrom {
  call: { id: string; to: string };
}

/** Of so many of the latest requests to a person it is known what they came from. */
const SEEN = 20;

/**
 * What limits the caller ids of campaigns, in the order given; null: nothing does. Not locked: for the rules, and for
 * offering. Exact only in a claim, see `CallerIdChoices`.
 */
export async function callerIdFacts(
  manager: EntityManager,
  asking: CallingFrom[],
): Promise<(CallerIdFacts | null)[]> {
  const limited = asking.filter(({ environment }) => isLimited(environment));
  if (limited.length === 0) return asking.map(() => null);
  const pools = await callerIdPools(manager, limited);
  const uses = await usesOf(manager, limited, pools);
  return asking.map((one) => {
    const { campaign, environment } = one;
    if (!isLimited(environment)) return null;
    return factsOf(pools.get(campaign)!, uses.of(campaign.environmentId), environment);
  });
}

/**
 * The caller ids for some calls that are about to be claimed. Read it behind the lock of their environments' limit rows:
 * whoever uses a caller id of an environment holds that, so that what is chosen here is exact until the transaction ends.
 * `write` is to be called before that.
 */
export class CallerIdChoices {
  private readonly taken = new Map<string, TakenCallerId>();

  private constructor(
    private readonly manager: EntityManager,
    private readonly pools: Pools,
    private readonly seen: ReadonlyMap<string, string[]>,
    private readonly uses: Uses,
  ) {}

  static async read(manager: EntityManager, calls: CallFrom[]): Promise<CallerIdChoices> {
    const pools = await callerIdPools(manager, calls);
    const withChoice = calls.filter(({ campaign }) => pools.get(campaign)!.length > 1);
    const seen = await seenBy(manager, withChoice);
    const limited = calls.filter(({ environment }) => isLimited(environment));
    return new CallerIdChoices(manager, pools, seen, await usesOf(manager, limited, pools));
  }

  /** As the rules look at them; null: nothing limits them. */
  facts({ campaign, environment }: CallingFrom): CallerIdFacts | null {
    if (!isLimited(environment)) return null;
    const { environmentId } = campaign;
    return factsOf(this.pools.get(campaign)!, this.uses.of(environmentId), environment);
  }

  /** Whether all that a trunk may show for a call have made their calls of the day. */
  areSpent(call: CallFrom, trunk: TrunkRoute, at: Date): boolean {
    return this.choose(call, trunk, at).kind === 'capped';
  }

  /** Whether there is one for a start over a trunk at this instant. */
  has(call: CallFrom, trunk: TrunkRoute, startAt: Date): boolean {
    return this.choose(call, trunk, startAt).kind === 'chosen';
  }

  /**
   * Takes one for a start. Ask `has` first; starts come in their order.
   * @returns it, null for the carrier account's own, and the day that it counts on; null: on none
   */
  take(call: CallFrom, trunk: TrunkRoute, startAt: Date): { callerId: string | null; day: string | null } {
    const choice = this.choose(call, trunk, startAt);
    const callerId = choice.kind === 'chosen' ? choice.callerId : null;
    const { campaign, environment } = call;
    if (callerId === null || !isLimited(environment)) return { callerId, day: null };
    const { environmentId } = campaign;
    const before = this.uses.of(environmentId).get(callerId) ?? UNUSED;
    const use = useAfter(before, environment, startAt);
    this.uses.put(environmentId, callerId, use);
    const key = `${environmentId} ${callerId}`;
    const taken = this.taken.get(key);
    const starts = taken?.use.day === use.day ? taken.starts + 1 : 1;
    this.taken.set(key, { environmentId, callerId, use, starts });
    return { callerId, day: use.day };
  }

  /** Writes what was taken. */
  async write(): Promise<void> {
    const taken = [...this.taken.values()];
    if (taken.length === 0) return;
    this.taken.clear();
    await this.manager.query(
      `INSERT INTO caller_id_uses AS own (environment_id, number, recent_starts_ms, day, starts_of_day)
       SELECT environment_id, number, ARRAY (SELECT jsonb_array_elements_text(recent)::double precision), day, starts
       FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::date[], $5::integer[])
         AS taken (environment_id, number, recent, day, starts)
       ORDER BY environment_id, number
       ON CONFLICT (environment_id, number) DO UPDATE SET recent_starts_ms = excluded.recent_starts_ms, day = excluded.day,
         -- Added: a try may be given back meanwhile.
         starts_of_day = CASE WHEN own.day = excluded.day THEN own.starts_of_day ELSE 0 END + excluded.starts_of_day`,
      [
        taken.map(({ environmentId }) => environmentId),
        taken.map(({ callerId }) => callerId),
        taken.map(({ use }) => JSON.stringify(use.recentStartsMs)),
        taken.map(({ use }) => use.day),
        taken.map(({ starts }) => starts),
      ],
    );
  }

  private choose(call: CallFrom, trunk: TrunkRoute, startAt: Date): CallerIdChoice {
    const pool = callerIdsOver(trunk, this.pools.get(call.campaign)!) ?? [];
    return chooseCallerId(call.call.to, pool, this.seen.get(call.call.id) ?? [], this.facts(call), startAt);
  }
}

/** Of a campaign: which of its caller ids a call's trunks may show, its trunks tell. */
function factsOf(
  pool: readonly string[],
  uses: CallerIdFacts['uses'],
  limits: CallerIdLimits,
): CallerIdFacts {
  return { pool, unshown: 0, uses, limits };
}

interface TakenCallerId {
  environmentId: string;
  callerId: string;
  use: CallerIdUse;
  /** Starts taken here on the day of the use. */
  starts: number;
}

/**
 * Gives back what attempts took of their caller ids' day, once: the attempt's own day is the state it moves from. For those
 * of which provably nothing was dialled. The limit rows of their environments are locked before, as everybody's locks go.
 */
export async function returnCallerIds(manager: EntityManager, attemptIds: string[]): Promise<void> {
  await manager.query(
    `WITH returned AS (
       UPDATE attempts SET caller_id_day = NULL
       FROM (SELECT id, caller_id_day AS day FROM attempts WHERE id = ANY ($1) AND caller_id_day IS NOT NULL) AS before
       WHERE attempts.id = before.id AND attempts.caller_id_day IS NOT NULL
       RETURNING attempts.environment_id, attempts.from_number AS number, before.day)
     UPDATE caller_id_uses AS own SET starts_of_day = own.starts_of_day - given.starts
     FROM (SELECT environment_id, number, day, count(*)::integer AS starts FROM returned GROUP BY 1, 2, 3) AS given
     WHERE own.environment_id = given.environment_id AND own.number = given.number AND own.day = given.day`,
    [attemptIds],
  );
}

type Pools = ReadonlyMap<CallingFrom['campaign'], readonly string[]>;

/** A campaign's own caller ids, else those of its agent. */
export async function callerIdPools(manager: EntityManager, asking: CallingFrom[]): Promise<Pools> {
  const agentIds = asking.flatMap(({ campaign }) =>
    campaign.callerIds.length > 0 ? [] : [campaign.agentId],
  );
  const ofAgents =
    agentIds.length === 0 ? new Map<string, string[]>() : await callerIdsOfAgents(manager, agentIds);
  return new Map(
    asking.map(({ campaign }) => [
      campaign,
      campaign.callerIds.length > 0 ? campaign.callerIds : (ofAgents.get(campaign.agentId) ?? []),
    ]),
  );
}

/** What people were called from, latest first, by the id of the call. */
async function seenBy(manager: EntityManager, calls: CallFrom[]): Promise<Map<string, string[]>> {
  if (calls.length === 0) return new Map();
  const rows = await manager.query<{ id: string; seen: string[] }[]>(
    `SELECT asked.id, latest.seen
     FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS asked (id, environment_id, to_number)
     CROSS JOIN LATERAL (
       SELECT array_agg(from_number ORDER BY sending_at DESC) AS seen
       FROM (SELECT from_number, sending_at FROM attempts
             WHERE environment_id = asked.environment_id AND to_number = asked.to_number AND sending_at IS NOT NULL
               AND status <> 'released' AND from_number IS NOT NULL
             ORDER BY sending_at DESC LIMIT ${SEEN}) AS sent) AS latest
     WHERE latest.seen IS NOT NULL`,
    [
      calls.map(({ call }) => call.id),
      calls.map(({ campaign }) => campaign.environmentId),
      calls.map(({ call }) => call.to),
    ],
  );
  return new Map(rows.map(({ id, seen }) => [id, seen]));
}

/** Uses by environment, and in it by caller id. */
class Uses {
  private readonly byEnvironment = new Map<string, Map<string, CallerIdUse>>();

  of(environmentId: string): ReadonlyMap<string, CallerIdUse> {
    return this.byEnvironment.get(environmentId) ?? new Map<string, CallerIdUse>();
  }

  put(environmentId: string, callerId: string, use: CallerIdUse): void {
    const own = this.byEnvironment.get(environmentId) ?? new Map<string, CallerIdUse>();
    this.byEnvironment.set(environmentId, own.set(callerId, use));
  }
}

async function usesOf(manager: EntityManager, limited: CallingFrom[], pools: Pools): Promise<Uses> {
  const uses = new Uses();
  const asked = limited.flatMap(({ campaign }) =>
    pools.get(campaign)!.map((callerId) => ({ environmentId: campaign.environmentId, callerId })),
  );
  if (asked.length === 0) return uses;
  const rows = await manager.query<(CallerIdUse & { environmentId: string; callerId: string })[]>(
    `SELECT environment_id AS "environmentId", number AS "callerId", recent_starts_ms AS "recentStartsMs",
            to_char(day, 'YYYY-MM-DD') AS day, starts_of_day AS "startsOfDay"
     FROM caller_id_uses WHERE (environment_id, number) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))`,
    [asked.map(({ environmentId }) => environmentId), asked.map(({ callerId }) => callerId)],
  );
  for (const { environmentId, callerId, ...use } of rows) uses.put(environmentId, callerId, use);
  return uses;
}
