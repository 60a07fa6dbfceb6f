import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Campaign } from '#store/campaign.entity.js';
import { aCampaign, anEnvironment } from '../test/factories.js';
import { RIVAL_TABLES } from './dial-work.js';

/** Calls that wait, made in the database itself: a number tells its campaign by its area code. */
export interface WaitingCampaign {
  /** Of this many calls. */
  calls: number;
  /** Ringfence's; the rival knows no such thing. */
  settings?: Partial<Campaign>;
}

export interface Wishes {
  /** Of the environment; without it nothing is limited. */
  slots?: number;
  /** When the calls are due, where not at once. */
  readyAt?: Date;
  /** One that is there, with the slots it has; else a new one. */
  environmentId?: string;
}

const FIRST_AREA = 201;
const FIRST_LINE = 2_000_000;

/** Most calls at once of a campaign where nothing is to be limited. */
const NO_LIMIT = 100_000;

/** The place of a number's campaign among those that were made together. */
export function campaignOf(to: string): number {
  return Number(to.slice(2, 5)) - FIRST_AREA;
}

/** A number that no waiting call is for, of a campaign's area. */
export function numberAfter(place: number, calls: number, nth: number): string {
  return `+1${FIRST_AREA + place}${FIRST_LINE + calls + nth}`;
}

/** Campaigns of one environment with their calls, due unless told otherwise. @returns their ids, in order */
export async function loadWaiting(
  source: DataSource,
  campaigns: readonly WaitingCampaign[],
  { slots = NO_LIMIT, readyAt, environmentId }: Wishes = {},
): Promise<string[]> {
  environmentId ??= (await anEnvironment(source, { maxConcurrentCalls: slots })).id;
  const ids: string[] = [];
  for (const [place, { calls, settings }] of campaigns.entries()) {
    const campaign = await aCampaign(source, environmentId, {
      status: 'paused',
      doNotCallEnabled: true,
      ...settings,
    });
    ids.push(campaign.id);
    await source.query(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, ready_at, next_attempt_at)
       SELECT $1, $2, $3, '+1' || $4::integer || ${FIRST_LINE} + nth, 'waiting', due, due
       FROM generate_series(0, $5::integer - 1) AS nth, coalesce($6, clock_timestamp()) AS due`,
      [environmentId, campaign.id, campaign.agentId, FIRST_AREA + place, calls, readyAt ?? null],
    );
  }
  await source.query('VACUUM ANALYZE calls');
  return ids;
}

/** The same calls in the tables of the rival. @returns the ids of the calls, a campaign after the other */
export async function loadWaitingRival(
  client: pg.Client,
  campaigns: readonly WaitingCampaign[],
): Promise<{ callIds: string[]; campaignIds: string[] }> {
  await client.query(RIVAL_TABLES);
  const campaignIds = campaigns.map(() => randomUUID());
  for (const [place, { calls }] of campaigns.entries()) {
    await client.query(
      `INSERT INTO rival_campaigns (id, status, timezone, opens, closes, max_attempts, max_concurrent)
       VALUES ($1, 'active', 'UTC', '00:00', '24:00', 3, $2)`,
      [campaignIds[place], NO_LIMIT],
    );
    await client.query(
      `INSERT INTO rival_calls (id, campaign_id, to_number, status)
       SELECT gen_random_uuid(), $1, '+1' || $2::integer || ${FIRST_LINE} + nth, 'queued'
       FROM generate_series(0, $3::integer - 1) AS nth`,
      [campaignIds[place], FIRST_AREA + place, calls],
    );
  }
  await client.query('VACUUM ANALYZE rival_calls');
  const { rows } = await client.query<{ id: string }>('SELECT id FROM rival_calls ORDER BY to_number');
  return { callIds: rows.map(({ id }) => id), campaignIds };
}
