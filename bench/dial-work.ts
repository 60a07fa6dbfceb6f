import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { aCampaign, anEnvironment } from '../test/factories.js';

/** The same calls for everybody: over fifty campaigns, a fifth of which are closed, to numbers a twentieth of which are listed. */
export interface DialWork {
  calls: WorkCall[];
  /** How many may be dialled. */
  dialable: number;
}

export interface WorkCall {
  id: string;
  to: string;
  /** The place of its campaign. */
  campaign: number;
  isListed: boolean;
}

const CAMPAIGNS = 50;

/** Of as many campaigns one is closed; of as many numbers one is listed. */
const CLOSED_ONE_IN = 5;
const LISTED_ONE_IN = 20;

/** Most calls of a campaign open at once: asked of every dialer, and never reached, for these calls do not end. */
const MAX_CONCURRENT = 100_000;

/** @param round makes the numbers new: no number is called in two rounds */
export function dialWork(round: number, count: number): DialWork {
  const calls = Array.from({ length: count }, (_, nth): WorkCall => {
    const line = 2_000_000 + round * 100_000 + nth;
    return {
      id: randomUUID(),
      to: `+1201${line}`,
      campaign: nth % CAMPAIGNS,
      isListed: nth % LISTED_ONE_IN === 7,
    };
  });
  const dialable = calls.filter(({ campaign, isListed }) => isOpen(campaign) && !isListed).length;
  return { calls, dialable };
}

function isOpen(campaign: number): boolean {
  return campaign % CLOSED_ONE_IN !== 0;
}

/** An hour that is not now, and is not about to be. */
function closedHours(): { opens: string; closes: string } {
  const hour = ((new Date().getUTCHours() + 12) % 24).toString().padStart(2, '0');
  return { opens: `${hour}:00`, closes: `${hour}:59` };
}

/** The calls in Ringfence's tables, of campaigns that are paused. @returns lets them go */
export async function loadOurs(source: DataSource, { calls }: DialWork): Promise<() => Promise<void>> {
  const environment = await anEnvironment(source, { maxConcurrentCalls: MAX_CONCURRENT });
  const { opens: start, closes: end } = closedHours();
  const campaignIds: string[] = [];
  for (let place = 0; place < CAMPAIGNS; place += 1) {
    const { id } = await aCampaign(source, environment.id, {
      status: 'paused',
      maxRetries: 2,
      maxConcurrentCalls: MAX_CONCURRENT,
      doNotCallEnabled: true,
      ...(isOpen(place) ? {} : { callTimeRanges: [{ start, end }] }),
    });
    campaignIds.push(id);
  }
  await source.query(
    `INSERT INTO calls (id, environment_id, campaign_id, agent_id, to_number, status, ready_at, next_attempt_at, payload)
     SELECT call.id, $1, campaigns.id, campaigns.agent_id, call.number, 'waiting', clock_timestamp(), clock_timestamp(),
       '{"name": "Ana"}'
     FROM unnest($2::uuid[], $3::text[], $4::uuid[]) AS call (id, number, campaign_id)
       JOIN campaigns ON campaigns.id = call.campaign_id`,
    [
      environment.id,
      calls.map(({ id }) => id),
      calls.map(({ to }) => to),
      calls.map(({ campaign }) => campaignIds[campaign]),
    ],
  );
  await source.query(
    `INSERT INTO do_not_call_entries (environment_id, kind, to_number)
     SELECT $1, 'list', number FROM unnest($2::text[]) AS number`,
    [environment.id, listed(calls)],
  );
  await source.query('ANALYZE calls');
  return async () => {
    await source.query(`UPDATE campaigns SET status = 'active' WHERE id = ANY ($1)`, [campaignIds]);
  };
}

/** The same in the tables of the rivals, with the indexes that their queries ask for. */
export async function loadRival(client: pg.Client, { calls }: DialWork): Promise<void> {
  await client.query(RIVAL_TABLES);
  const campaignIds = Array.from({ length: CAMPAIGNS }, () => randomUUID());
  const { opens, closes } = closedHours();
  for (const [place, id] of campaignIds.entries()) {
    const hours = isOpen(place) ? ['00:00', '24:00'] : [opens, closes];
    await client.query(
      `INSERT INTO rival_campaigns (id, status, timezone, opens, closes, max_attempts, max_concurrent)
       VALUES ($1, 'active', 'UTC', $2, $3, 3, $4)`,
      [id, ...hours, MAX_CONCURRENT],
    );
  }
  await client.query(
    `INSERT INTO rival_calls (id, campaign_id, to_number, status)
     SELECT *, 'queued' FROM unnest($1::uuid[], $2::uuid[], $3::text[])`,
    [
      calls.map(({ id }) => id),
      calls.map(({ campaign }) => campaignIds[campaign]),
      calls.map(({ to }) => to),
    ],
  );
  await client.query(`INSERT INTO rival_do_not_call SELECT unnest($1::text[])`, [listed(calls)]);
  await client.query('ANALYZE rival_calls');
}

function listed(calls: WorkCall[]): string[] {
  return calls.filter(({ isListed }) => isListed).map(({ to }) => to);
}

/** New and empty, whatever was there. */
export const RIVAL_TABLES = `
  DROP TABLE IF EXISTS rival_calls, rival_campaigns, rival_attempts, rival_do_not_call;
  CREATE TABLE rival_campaigns (id uuid PRIMARY KEY, status text NOT NULL, timezone text NOT NULL, opens text NOT NULL,
    closes text NOT NULL, max_attempts integer NOT NULL, max_concurrent integer NOT NULL);
  CREATE TABLE rival_calls (id uuid PRIMARY KEY, campaign_id uuid NOT NULL, to_number text NOT NULL, status text NOT NULL,
    attempts integer NOT NULL DEFAULT 0, sid text);
  CREATE INDEX ON rival_calls (campaign_id) WHERE status = 'dialling';
  CREATE TABLE rival_attempts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, call_id uuid NOT NULL,
    to_number text NOT NULL, at timestamptz NOT NULL DEFAULT now());
  CREATE INDEX ON rival_attempts (to_number, at);
  CREATE TABLE rival_do_not_call (to_number text PRIMARY KEY)`;
