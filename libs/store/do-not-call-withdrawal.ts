import type { EntityManager } from 'typeorm';
import { appliesTo, type DoNotCallMatch } from '#policy/do-not-call.js';
import { eventsOfUndialledEnd } from '#policy/webhook-events.js';
import { withdrawalEvidence } from '#policy/withdrawal.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import { BITS_OF, BLOCK_OF, IS_SET } from './do-not-call-facts.js';
import { oweEventsOfCalls } from './outbox.js';
import { databaseClock } from './reading.js';

/** What became of the waiting calls of numbers that were listed. */
export interface Withdrawal {
  /** Waiting calls that became blocked. */
  stopped: number;
  deliveryIds: string[];
}

/** A list that numbers were put on. */
export interface ListedOn {
  kind: DoNotCallMatch['kind'];
  list: DoNotCallMatch['list'];
  /** Whose own list it is, where it is a campaign's. */
  campaignId: string | null;
  /** What the calls' evidence is to say of it. */
  evidence: Record<string, unknown>;
}

/** Campaigns with calls that wait, and that a list stops: their ids, by their environments. */
export type StoppedCampaigns = Map<string, string[]>;

/** @param environmentId null: of every environment, for a global list */
export async function campaignsStopped(
  manager: EntityManager,
  environmentId: string | null,
  { campaignId, ...listedOn }: ListedOn,
): Promise<StoppedCampaigns> {
  const campaigns = await manager
    .createQueryBuilder(Campaign, 'campaign')
    .where(`EXISTS (SELECT FROM calls WHERE calls.campaign_id = campaign.id AND calls.status = 'waiting')`)
    .andWhere(environmentId === null ? 'true' : 'campaign.environmentId = :environmentId', { environmentId })
    .andWhere(campaignId === null ? 'true' : 'campaign.id = :campaignId', { campaignId })
    .getMany();
  const stopped: StoppedCampaigns = new Map();
  for (const campaign of campaigns.filter((one) => appliesTo(listedOn, one))) {
    stopped.set(campaign.environmentId, [...(stopped.get(campaign.environmentId) ?? []), campaign.id]);
  }
  return stopped;
}

/**
 * Blocks the waiting calls of campaigns to numbers that were put on a list, and writes what webhooks are owed. Commit the
 * list first: a call that is being claimed is the claim's to refuse.
 * @param asked a query with a column `to_number`; it may use parameters from $3 on
 */
export async function withdrawCalls(
  manager: EntityManager,
  stopped: StoppedCampaigns,
  listedOn: ListedOn,
  asked: string,
  parameters: unknown[],
): Promise<Withdrawal> {
  const listed = `SELECT calls.id FROM (${asked}) AS asked CROSS JOIN LATERAL (
      SELECT id FROM calls
      WHERE calls.environment_id = $1 AND calls.to_number = asked.to_number AND calls.campaign_id = ANY ($2)
        AND calls.status = 'waiting' OFFSET 0) AS calls`;
  return blockEach(manager, stopped, listedOn, listed, parameters);
}

/** The same for up to `limit` calls of each environment whose numbers stand in a version of a registry. */
export async function withdrawCallsInRegistry(
  manager: EntityManager,
  stopped: StoppedCampaigns,
  listedOn: ListedOn,
  versionId: string,
  limit: number,
): Promise<Withdrawal> {
  const listed = `SELECT call.id FROM (
      SELECT ${BLOCK_OF('to_number')} AS block, array_agg(id) AS ids, array_agg(to_number) AS numbers FROM calls
      WHERE environment_id = $1 AND campaign_id = ANY ($2) AND status = 'waiting' GROUP BY 1) AS places
    CROSS JOIN LATERAL (${BITS_OF('$3')}) AS blocks
    CROSS JOIN LATERAL unnest(ids, numbers) AS call (id, number)
    WHERE ${IS_SET('call.number')} LIMIT $4`;
  return blockEach(manager, stopped, listedOn, listed, [versionId, limit]);
}

async function blockEach(
  manager: EntityManager,
  campaigns: StoppedCampaigns,
  listedOn: ListedOn,
  listed: string,
  parameters: unknown[],
): Promise<Withdrawal> {
  const all: Withdrawal = { stopped: 0, deliveryIds: [] };
  for (const [environmentId, campaignIds] of campaigns) {
    const one = await block(manager, environmentId, listedOn, listed, [
      environmentId,
      campaignIds,
      ...parameters,
    ]);
    all.stopped += one.stopped;
    all.deliveryIds.push(...one.deliveryIds);
  }
  return all;
}

async function block(
  manager: EntityManager,
  environmentId: string,
  { kind, list, evidence }: ListedOn,
  listed: string,
  parameters: unknown[],
): Promise<Withdrawal> {
  const now = await databaseClock(manager);
  const [at, why] = [parameters.length + 1, parameters.length + 2];
  const [rows] = await manager.query<[{ id: string }[], number]>(
    // Two such withdrawals take the rows in one order, so that neither waits for the other.
    `WITH listed AS MATERIALIZED (
       SELECT id FROM calls WHERE id = ANY (ARRAY(${listed})) AND status = 'waiting' ORDER BY id FOR UPDATE)
     UPDATE calls SET status = 'blocked', reason = 'do_not_call', evidence = $${why}, next_attempt_at = NULL,
       offered_at = NULL, updated_at = $${at}, finished_at = $${at}
     FROM listed WHERE calls.id = listed.id AND calls.status = 'waiting' RETURNING calls.id`,
    [...parameters, now, withdrawalEvidence({ kind, list, ...evidence }, now)],
  );
  if (rows.length === 0) return { stopped: 0, deliveryIds: [] };
  // As one parameter: a number may wait in many campaigns, and PostgreSQL takes 65,535 parameters.
  const calls = await manager
    .createQueryBuilder(Call, 'call')
    .where('call.id = ANY (:ids)', { ids: rows.map(({ id }) => id) })
    .getMany();
  const changes = calls.map((call) => ({
    call,
    types: eventsOfUndialledEnd('blocked', call.isDirect),
    attempt: null,
  }));
  const deliveryIds = await oweEventsOfCalls(manager, environmentId, changes, now);
  return { stopped: rows.length, deliveryIds };
}
