import { setImmediate as turn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { intakePlanner, type IntakePlan } from '#policy/plan-intake.js';
import { eventsOfUndialledEnd } from '#policy/webhook-events.js';
import { holdAgent } from './agent-rows.js';
import { Call } from './call.entity.js';
import { IS_NO_DUPLICATE, ONE_LIVE_PER_NUMBER } from './new-calls.js';
import { Campaign } from './campaign.entity.js';
import {
  CALL_OF_ROW,
  keepErrors,
  RANGE_OF_CALLS,
  rowOfCall,
  type ContactError,
} from './contact-import-rows.js';
import { contactImport, type ContactImport } from './contact-imports.store.js';
import { DialingSettings, type RetryTempo } from './dialing-settings.js';
import { listedAmong, registriesOf, type ListedNumber } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { lockForIntake } from './locks.js';
import { isAnyHeard, oweEventsOfCalls } from './outbox.js';
import { databaseClock, historiesByNumber } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface ContactStep {
  /** The import after the step. */
  state: ContactImport;
  /** Nothing can be done now: the campaign is paused. */
  isWaiting: boolean;
  deliveryIds: string[];
}

/** Longer than any step should take, and shorter than a step that hangs. */
const STEP_TIMEOUT_MS = 20_000;

/** Calls withdrawn in one step: each is a row written anew. */
const WITHDRAWN_TOGETHER = 2_000;

/** Rows planned before others have their turn. */
const ROWS_A_TURN = 500;

/**
 * Carries imports on, a step in a transaction: each may be the last that this process makes, and the next process goes on
 * from there. Two that carry on the same one take turns by its row.
 */
@Injectable()
export class ContactImportStepsStore {
  constructor(
    private readonly database: ScopedDatabase,
    @Inject(DialingSettings) private readonly settings: RetryTempo,
  ) {}

  /** Imports whose file was read, and that are not over. Oldest first. */
  async unfinished(): Promise<string[]> {
    const rows = await this.database.everywhere((manager) =>
      manager.query<{ id: string }[]>(
        `SELECT id FROM contact_imports WHERE status IN ('processing', 'undoing') ORDER BY id`,
      ),
    );
    return rows.map(({ id }) => id);
  }

  /** One step of an import: a batch is taken in, or the calls of some rows are withdrawn. */
  async advance(id: string): Promise<ContactStep> {
    return this.database.patiently(STEP_TIMEOUT_MS, async (manager) => {
      const known = await contactImport(manager, null, id);
      if (known === null) throw new Error('There is no such import.');
      // The campaign's lock before the import's row, as whoever undoes it takes them.
      await lockForIntake(manager, known.campaignId);
      const state = (await contactImport(manager, null, id, undefined, 'FOR UPDATE'))!;
      const done = await this.step(manager, state);
      return { ...done, state: (await contactImport(manager, null, id))! };
    });
  }

  private async step(manager: EntityManager, state: ContactImport): Promise<Omit<ContactStep, 'state'>> {
    switch (state.status) {
      case 'processing':
        return this.takeIn(manager, state);
      case 'undoing':
        return { isWaiting: false, deliveryIds: await withdrawSome(manager, state) };
      case 'uploading':
      case 'processed':
      case 'failed':
      case 'cancelled':
      case 'undone':
        return { isWaiting: false, deliveryIds: [] };
    }
  }

  private async takeIn(manager: EntityManager, state: ContactImport): Promise<Omit<ContactStep, 'state'>> {
    const { id, environmentId, campaignId } = state;
    const campaign = await manager.findOneByOrFail(Campaign, { id: campaignId });
    switch (campaign.status) {
      case 'draft':
      case 'paused':
        return { isWaiting: true, deliveryIds: [] };
      case 'completed':
      case 'cancelled':
        await failHalfway(manager, id, `The campaign is ${campaign.status}.`);
        return { isWaiting: false, deliveryIds: [] };
      case 'active':
        break;
    }
    if (!(await holdAgent(manager, environmentId, campaign.agentId))) {
      await failHalfway(manager, id, 'The agent of the campaign is deleted.');
      return { isWaiting: false, deliveryIds: [] };
    }
    const batch = state.batchesTaken + 1;
    const contacts = await contactsOf(manager, id, batch);
    const now = await databaseClock(manager);
    const plans = await this.plan(manager, campaign, contacts, now);
    const taken = await insertCalls(manager, state, batch, campaign, contacts, plans, now);
    await keepErrors(manager, id, taken.errors);
    await manager.query(`DELETE FROM contact_import_batches WHERE import_id = $1 AND batch = $2`, [
      id,
      batch,
    ]);
    const isLast = batch >= state.batches;
    await manager.query(
      `UPDATE contact_imports SET batches_taken = least($2, batches), accepted = accepted + $3, blocked = blocked + $4,
         duplicates = duplicates + $5, updated_at = clock_timestamp(), status = CASE WHEN $6 THEN 'processed' ELSE status END,
         completed_at = CASE WHEN $6 THEN clock_timestamp() END
       WHERE id = $1 AND status = 'processing'`,
      [id, batch, taken.accepted, taken.blocked, taken.errors.length, isLast],
    );
    return { isWaiting: false, deliveryIds: await tell(manager, state, campaign, contacts, now) };
  }

  /** What becomes of each contact, by the rules of a single call, from facts that are read for all of them at once. */
  private async plan(
    manager: EntityManager,
    campaign: Campaign,
    contacts: StagedContacts,
    now: Date,
  ): Promise<PlannedContacts> {
    const { environmentId, id: campaignId } = campaign;
    const { cooldownHourSeconds } = this.settings;
    const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
    // In their order, so that each page of the lists is read once.
    const numbers = [...new Set(contacts.numbers)].sort();
    const asking = { environmentId, campaignId };
    const asked = `SELECT unnest($3::text[]) AS to_number`;
    const listed = byNumber(await listedAmong(manager, asking, asked, [numbers]));
    const histories = await historiesByNumber(manager, asking, numbers, cooldownHourSeconds);
    const registries = await registriesOf(manager, environmentId);
    const planned = intakePlanner({ now, campaign, environment, registries, cooldownHourSeconds });
    const places = new Map<IntakePlan, number>();
    const placeOf: number[] = [];
    for (const [index, to] of contacts.numbers.entries()) {
      const plan = planned({
        to,
        timezone: contacts.timezones?.[index] ?? null,
        notBefore: contacts.notBefores?.[index] ?? null,
        matches: listed.get(to) ?? [],
        history: histories.get(to) ?? null,
      });
      const place = places.get(plan) ?? places.size + 1;
      places.set(plan, place);
      placeOf.push(place);
      if (index % ROWS_A_TURN === ROWS_A_TURN - 1) await turn();
    }
    return { plans: [...places.keys()], placeOf };
  }
}

function byNumber(rows: ListedNumber[]): Map<string, ListedNumber[]> {
  const listed = new Map<string, ListedNumber[]>();
  for (const row of rows) listed.set(row.to, [...(listed.get(row.to) ?? []), row]);
  return listed;
}

/** What planning reads of a batch, by places. Null: none of the contacts says anything. */
interface StagedContacts {
  numbers: string[];
  timezones: (string | null)[] | null;
  notBefores: (Date | null)[] | null;
}

interface PlannedContacts {
  /** Each different one once. */
  plans: IntakePlan[];
  /** The place of each contact's plan among them, from 1. */
  placeOf: number[];
}

const NOBODY: StagedContacts = { numbers: [], timezones: null, notBefores: null };

async function contactsOf(manager: EntityManager, id: string, batch: number): Promise<StagedContacts> {
  const [found] = await manager.query<StagedContacts[]>(
    `SELECT numbers, timezones, not_befores AS "notBefores" FROM contact_import_batches
     WHERE import_id = $1 AND batch = $2`,
    [id, batch],
  );
  return found ?? NOBODY;
}

/** The contacts of batch $2 of import $1, a row each, with the places of their plans in $3. */
const CONTACTS = `contact_import_batches AS batch,
  unnest(batch.rows, batch.numbers, batch.timezones, batch.payloads, batch.contexts, batch.testing, batch.duplicable,
    batch.not_befores, batch.expiries, batch.priorities, $3::integer[])
    AS contact (row, to_number, timezone, payload, context, is_testing, may_repeat, not_before, expires_at, priority, plan)
  WHERE batch.import_id = $1 AND batch.batch = $2`;

async function insertCalls(
  manager: EntityManager,
  { id, environmentId, campaignId }: ContactImport,
  batch: number,
  campaign: Campaign,
  contacts: StagedContacts,
  { plans, placeOf }: PlannedContacts,
  now: Date,
): Promise<{ accepted: number; blocked: number; errors: ContactError[] }> {
  if (contacts.numbers.length === 0) return { accepted: 0, blocked: 0, errors: [] };
  const isBlocked = (plan: IntakePlan) => plan.kind === 'block';
  const [{ accepted, blocked }] = await manager.query<[{ accepted: number; blocked: number }]>(
    `WITH made AS (
       INSERT INTO calls (id, environment_id, campaign_id, agent_id, to_number, payload, context, is_testing,
         allow_duplicates, status, reason, priority, next_attempt_at, not_before, expires_at, created_at, updated_at,
         finished_at, ready_at, timezone, evidence, held_since)
       SELECT ${CALL_OF_ROW('$1', 'contact.row')}, $4, $5, $6, contact.to_number, coalesce(contact.payload, '{}')::jsonb,
         coalesce(contact.context, '{}')::jsonb, coalesce(contact.is_testing, false), coalesce(contact.may_repeat, false),
         CASE WHEN plan.is_blocked THEN 'blocked' ELSE 'waiting' END, plan.reason, coalesce(contact.priority, $7),
         plan.expected_at, contact.not_before, contact.expires_at, $8, $8, CASE WHEN plan.is_blocked THEN $8::timestamptz END,
         coalesce(plan.ready_at, $8), contact.timezone, plan.evidence, CASE WHEN NOT plan.is_blocked AND plan.reason IS NOT NULL
           THEN $8::timestamptz END
       FROM (SELECT contact.* FROM ${CONTACTS}) AS contact
       JOIN unnest($9::boolean[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::jsonb[]) WITH ORDINALITY
         AS plan (is_blocked, reason, expected_at, ready_at, evidence, place) ON plan.place = contact.plan
       WHERE coalesce(contact.may_repeat, false) OR ${IS_NO_DUPLICATE('$4', '$5', 'contact.to_number')}
       ORDER BY contact.to_number
       ON CONFLICT ${ONE_LIVE_PER_NUMBER} DO NOTHING
       RETURNING status)
     SELECT count(*)::integer AS accepted, count(*) FILTER (WHERE status = 'blocked')::integer AS blocked FROM made`,
    [
      ...[id, batch, placeOf, environmentId, campaignId, campaign.agentId, campaign.priority, now],
      plans.map(isBlocked),
      plans.map(({ because }) => because),
      plans.map((plan) => (plan.kind === 'block' ? null : plan.at)),
      plans.map((plan) => (plan.kind === 'block' ? null : plan.readyAt)),
      plans.map(({ because, evidence }) => (because === null ? null : JSON.stringify(evidence))),
    ],
  );
  const isWhole = accepted === contacts.numbers.length;
  return { accepted, blocked, errors: isWhole ? [] : await duplicatesOf(manager, id, batch, placeOf) };
}

const LIVE_ALREADY = 'This number already has a live call in this campaign.';

/** Whoever was not made ran into a live call: there is no other reason. */
async function duplicatesOf(
  manager: EntityManager,
  id: string,
  batch: number,
  placeOf: number[],
): Promise<ContactError[]> {
  const rows = await manager.query<{ row: number; value: string }[]>(
    `SELECT contact.row, contact.to_number AS value FROM ${CONTACTS}
       AND NOT EXISTS (SELECT FROM calls WHERE calls.id = ${CALL_OF_ROW('$1', 'contact.row')} OFFSET 0)
     ORDER BY contact.row`,
    [id, batch, placeOf],
  );
  return rows.map(({ row, value }) => ({
    row,
    column: 'to',
    code: 'DUPLICATE',
    message: LIVE_ALREADY,
    value,
  }));
}

/** What a single intake tells, of every call of a batch that anybody hears of. */
async function tell(
  manager: EntityManager,
  { id, environmentId }: ContactImport,
  campaign: Campaign,
  contacts: StagedContacts,
  now: Date,
): Promise<string[]> {
  const owner = { campaignId: campaign.id, agentId: campaign.agentId };
  const types = ['campaign_call.queued', ...eventsOfUndialledEnd('blocked', false)] as const;
  if (contacts.numbers.length === 0) return [];
  if (!(await isAnyHeard(manager, environmentId, owner, [...types]))) return [];
  const calls = await manager
    .createQueryBuilder(Call, 'call')
    .where(`call.id ${RANGE_OF_CALLS(':id')} AND call.createdAt = :now AND call.to = ANY (:numbers)`, {
      id,
      now,
      numbers: contacts.numbers,
    })
    .orderBy('call.id')
    .getMany();
  const changes = calls.map((call) => ({
    call,
    types:
      call.status === 'blocked'
        ? eventsOfUndialledEnd('blocked', false)
        : (['campaign_call.queued'] as ['campaign_call.queued']),
    attempt: null,
  }));
  return oweEventsOfCalls(manager, environmentId, changes, now);
}

/** The rows that have become calls stay; what becomes of them is the campaign's end. */
async function failHalfway(manager: EntityManager, id: string, because: string): Promise<void> {
  await manager.query(
    `UPDATE contact_imports SET status = 'failed', failure = $2, updated_at = clock_timestamp(),
       completed_at = clock_timestamp()
     WHERE id = $1 AND status = 'processing'`,
    [id, because],
  );
  await manager.query(`DELETE FROM contact_import_batches WHERE import_id = $1`, [id]);
}

/** Cancels the calls of the next rows that wait. Since the import is being undone, no claim takes one of them. */
async function withdrawSome(
  manager: EntityManager,
  { id, environmentId, undoneThrough }: ContactImport,
): Promise<string[]> {
  const now = await databaseClock(manager);
  const [rows] = await manager.query<[{ id: string }[], number]>(
    `WITH taken_back AS MATERIALIZED (
       SELECT id FROM calls WHERE id ${RANGE_OF_CALLS('$1', '$2')} AND status = 'waiting'
       ORDER BY id LIMIT ${WITHDRAWN_TOGETHER} FOR UPDATE)
     UPDATE calls SET status = 'cancelled', reason = 'import_undone', offered_at = NULL, updated_at = $3, finished_at = $3
     FROM taken_back WHERE calls.id = taken_back.id AND calls.status = 'waiting' RETURNING calls.id`,
    [id, undoneThrough, now],
  );
  const ids = rows.map((row) => row.id);
  const isLast = ids.length < WITHDRAWN_TOGETHER;
  await manager.query(
    `UPDATE contact_imports SET withdrawn = withdrawn + $2, undone_through = greatest(undone_through, $3),
       updated_at = clock_timestamp(), status = CASE WHEN $4 THEN 'undone' ELSE status END,
       completed_at = CASE WHEN $4 THEN clock_timestamp() END
     WHERE id = $1 AND status = 'undoing'`,
    [id, ids.length, Math.max(0, ...ids.map(rowOfCall)), isLast],
  );
  if (ids.length === 0) return [];
  const calls = await manager
    .createQueryBuilder(Call, 'call')
    .where('call.id = ANY (:ids)', { ids })
    .orderBy('call.id')
    .getMany();
  const types = eventsOfUndialledEnd('cancelled', false);
  return oweEventsOfCalls(
    manager,
    environmentId,
    calls.map((call) => ({ call, types, attempt: null })),
    now,
  );
}
