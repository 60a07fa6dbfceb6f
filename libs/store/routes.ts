import type { EntityManager } from 'typeorm';
import type { CallerIdFacts } from '#policy/caller-ids.js';
import { isAwake, type TrunkChoice } from '#policy/decide-dial.js';
import { callerIdsOver, trunksFor } from '#policy/trunk-routes.js';
import { callerIdPools, type CallFrom } from './caller-ids.js';
import type { Campaign } from './campaign.entity.js';
import { trunksWithin, type Trunk } from './dialing-settings.js';
import { readTrunks } from './trunks.js';

/** A trunk that takes a call, and until when it rests. */
export type Route = Trunk & TrunkChoice;

/** One call that is to go over some trunk. */
export interface CallToSend extends CallFrom {
  campaign: CallFrom['campaign'] & Pick<Campaign, 'trunks'>;
  call: CallFrom['call'] & { giveBacks: number };
}

/**
 * The trunks that take some calls, the first choice of each first, in the order given. One that has just turned a call away,
 * so that provably nothing was dialled, is the last choice for it.
 */
export async function routesOf(
  manager: EntityManager,
  calls: CallToSend[],
  trunks: readonly Trunk[],
): Promise<Route[][]> {
  const known = await readTrunks(manager, trunks);
  const routes = trunks.map((trunk): Route => {
    const until = known.get(trunk.name)?.health.restsUntilMs ?? null;
    return { ...trunk, restsUntil: until === null ? null : new Date(until) };
  });
  if (routes.length === 1 && takesAll(routes[0]!))
    return calls.map(({ campaign }) => trunksWithin(routes, campaign));
  const pools = routes.some(({ callerIds }) => callerIds.length > 0)
    ? await callerIdPools(manager, calls)
    : new Map<CallFrom['campaign'], readonly string[]>();
  const turnedAwayBy = await trunksThatTurnedAway(manager, calls);
  return calls.map(({ call, campaign }) => {
    const taking = trunksFor(routes, {
      to: call.to,
      callerIds: pools.get(campaign) ?? [],
      campaignTrunks: campaign.trunks,
    });
    const last = turnedAwayBy.get(call.id);
    const isLast = ({ name }: Route) => name === last;
    return [...taking.filter((route) => !isLast(route)), ...taking.filter(isLast)];
  });
}

/** What limits a call's caller ids, of those that one of its trunks may show now; where all of them rest, that is what holds it. */
export function callerIdsOfRoutes(
  facts: CallerIdFacts | null,
  routes: Route[],
  now: Date,
): CallerIdFacts | null {
  const awake = routes.filter((route) => isAwake(route, now));
  if (facts === null || awake.length === 0) return facts;
  const shown = new Set(awake.flatMap((route) => callerIdsOver(route, facts.pool) ?? []));
  const pool = facts.pool.filter((callerId) => shown.has(callerId));
  return { ...facts, pool, unshown: facts.pool.length - pool.length };
}

function takesAll({ prefixes, callerIds }: Trunk): boolean {
  return prefixes.length === 0 && callerIds.length === 0;
}

/** By the id of the call; of those alone that were given back. */
async function trunksThatTurnedAway(
  manager: EntityManager,
  calls: CallToSend[],
): Promise<Map<string, string>> {
  const returned = calls.filter(({ call }) => call.giveBacks > 0);
  if (returned.length === 0) return new Map();
  const rows = await manager.query<{ callId: string; trunk: string }[]>(
    `SELECT DISTINCT ON (call_id) call_id AS "callId", trunk FROM attempts
     WHERE call_id = ANY ($1) AND status = 'released' AND sending_at IS NOT NULL AND trunk IS NOT NULL
     ORDER BY call_id, number DESC, claimed_at DESC`,
    [returned.map(({ call }) => call.id)],
  );
  return new Map(rows.map(({ callId, trunk }) => [callId, trunk]));
}
