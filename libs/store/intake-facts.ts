import type { EntityManager } from 'typeorm';
import { Campaign } from './campaign.entity.js';
import { Environment } from './environment.entity.js';
import { IS_LED } from './leases.store.js';
import { campaignKey, environmentKey } from './locks.js';
import { preparing } from './scoped-database.js';

/** What a campaign's calls are taken in by, in one snapshot. */
export interface IntakeFacts {
  /** The database clock. */
  now: Date;
  campaign: Campaign;
  environment: Environment;
  /** Its agent is there, and is held so until the transaction ends. */
  isAgentHeld: boolean;
  /** How many slots seem to be in use: a hint for offering, not a right to dial. */
  inUse: { environment: number; campaign: number };
  /** A dialer leads. Where none does there may be none, and tickets would heap up: for the feeder of the next, then. */
  isLed: boolean;
}

interface Row {
  now: Date;
  stamp: string;
  heldAgentId: string | null;
  environmentInUse: number | null;
  campaignInUse: number | null;
  isLed: boolean;
}

interface Known {
  stamp: string;
  campaign: Campaign;
  environment: Environment;
}

/** Campaigns remembered; beyond them the first is forgotten. */
const MOST_KNOWN = 1_000;

/**
 * Reads what takes the calls of a campaign in, with one statement where nothing has changed since it was last read: that
 * statement says which version of the rows is there, and only another one is read. So what is known is never out of date.
 */
export class IntakeFactsReader {
  private readonly known = new Map<string, Known>();

  /** @throws Error where the environment has no such campaign */
  async read(
    manager: EntityManager,
    { environmentId, campaignId }: { environmentId: string; campaignId: string },
  ): Promise<IntakeFacts> {
    const [row] = await preparing(manager).query<Row[]>(FACTS, [
      environmentId,
      campaignId,
      environmentKey(environmentId),
      campaignKey(campaignId),
    ]);
    if (row === undefined) throw new Error('The environment has no such campaign.');
    const { campaign, environment } = await this.versionOf(manager, row.stamp, environmentId, campaignId);
    return {
      now: row.now,
      campaign,
      environment,
      isAgentHeld: row.heldAgentId === campaign.agentId,
      // A missing limit row means nobody counts: no room, rather than no limit.
      inUse: { environment: row.environmentInUse ?? Infinity, campaign: row.campaignInUse ?? Infinity },
      isLed: row.isLed,
    };
  }

  private async versionOf(
    manager: EntityManager,
    stamp: string,
    environmentId: string,
    campaignId: string,
  ): Promise<Known> {
    const known = this.known.get(campaignId);
    if (known?.stamp === stamp) return known;
    const campaign = await manager.findOneByOrFail(Campaign, { id: campaignId, environmentId });
    const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
    // What was read may be newer than its stamp, and is then read again the next time: the stamp is another one.
    const read = { stamp, campaign, environment };
    this.known.delete(campaignId);
    this.known.set(campaignId, read);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
    return read;
  }
}

/** The place and the writer of a row's version: any change of the row changes them. */
const VERSION = (row: string) => `${row}.ctid::text || ' ' || ${row}.xmin::text`;

const FACTS = `
  WITH held AS MATERIALIZED (
    SELECT id FROM agents WHERE environment_id = $1 AND deleted_at IS NULL
      AND id = (SELECT agent_id FROM campaigns WHERE environment_id = $1 AND id = $2) FOR KEY SHARE)
  SELECT clock_timestamp() AS now, (SELECT id FROM held) AS "heldAgentId",
    ${VERSION('campaigns')} || ' ' || ${VERSION('environments')} AS stamp,
    (SELECT in_use FROM slots WHERE scope = $3) AS "environmentInUse",
    (SELECT in_use FROM slots WHERE scope = $4) AS "campaignInUse", ${IS_LED} AS "isLed"
  FROM campaigns JOIN environments ON environments.id = campaigns.environment_id
  WHERE campaigns.environment_id = $1 AND campaigns.id = $2`;
