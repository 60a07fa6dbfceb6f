import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import {
  standsAt,
  staleness,
  stopsCallsReading,
  type Reading,
  type RegistryState,
} from '#policy/do-not-call.js';
import { audit } from './audit.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { DoNotCallEntry } from './do-not-call-entry.entity.js';
import { doNotCallFacts } from './do-not-call-facts.js';
import { campaignsStopped, withdrawCalls, type ListedOn } from './do-not-call-withdrawal.js';
import { attemptsInFlight, type InFlight } from './in-flight.js';
import { barrier, confirming, numberKey } from './locks.js';
import type { Page, PageOf } from './page.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface Addition {
  kind: DoNotCallEntry['kind'];
  /** Onto this campaign's own list; null: onto the environment's. */
  campaignId: string | null;
  reason: string | null;
  source: string | null;
  expiresAt: Date | null;
}

export interface DoNotCallReceipt {
  added: number;
  /** Waiting calls that became blocked. */
  stopped: number;
  inFlight: InFlight;
  deliveryIds: string[];
}

export interface EntryFilter {
  kind?: DoNotCallEntry['kind'] | undefined;
  /** Of the environment's own list, or of its campaigns' lists. */
  list?: 'environment' | 'campaign' | undefined;
  campaignId?: string | undefined;
  source?: string | undefined;
}

/** An entry about a number, with which campaigns' calls it stops. */
export interface StandingEntry {
  entry: DoNotCallEntry;
  list: 'environment' | 'campaign' | 'global';
  isExpired: boolean;
  stops: Reading[];
}

/** What a registry says of a number. */
export interface RegistryFinding {
  registry: RegistryState;
  isListed: boolean;
  /** Why it cannot be believed, where it is out of date: calls that read it wait then, listed or not. */
  staleness: string | null;
  stops: Reading[];
}

export interface NumberStanding {
  now: Date;
  entries: StandingEntry[];
  registries: RegistryFinding[];
}

/** Entries that a list counts, at most. */
const MOST_COUNTED = 100_000;

/** No campaign has this id: its own lists are asked for otherwise. */
const NO_CAMPAIGN = '00000000-0000-0000-0000-000000000000';

/** The Do-Not-Call entries of an environment, and what stands beside them. */
@Injectable()
export class DoNotCallStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Adds entries: commits them, waits out every dial to these numbers that began before, and blocks the calls that
   * wait. A number listed before takes the new reason, source and expiry.
   * @throws StopNotConfirmed when the entries stand, but a dial that had begun could not be waited out
   * @returns null when there is no such campaign
   */
  async add(
    environmentId: string,
    actor: string,
    numbers: string[],
    addition: Addition,
  ): Promise<DoNotCallReceipt | null> {
    const added = await this.database.within(environmentId, async (manager) => {
      const { campaignId: id } = addition;
      const isKnown = id === null || (await manager.existsBy(Campaign, { id, environmentId, ...SHOWN }));
      return isKnown ? this.insert(manager, environmentId, actor, numbers, addition) : null;
    });
    if (added === null) return null;
    return { added, ...(await this.confirmStop(environmentId, numbers, addition)) };
  }

  private async insert(
    manager: EntityManager,
    environmentId: string,
    actor: string,
    numbers: string[],
    { kind, campaignId, reason, source, expiresAt }: Addition,
  ): Promise<number> {
    const rows = await manager.query<{ id: string; added: boolean }[]>(
      `INSERT INTO do_not_call_entries (environment_id, campaign_id, kind, to_number, reason, source, expires_at)
       SELECT $1, $6, $7, number, $3, $4, $5 FROM unnest($2::text[]) AS number ORDER BY number
       ON CONFLICT ON CONSTRAINT do_not_call_once
         DO UPDATE SET reason = excluded.reason, source = excluded.source, expires_at = excluded.expires_at
       RETURNING id, xmax = 0 AS added`,
      [environmentId, numbers, reason, source, expiresAt, campaignId, kind],
    );
    const added = rows.filter((row) => row.added).length;
    const detail = { kind, campaignId, entryIds: rows.map(({ id }) => id), added, source };
    const action = 'do_not_call.added';
    await audit(manager, { environmentId, actor, action, subjectId: rows[0]?.id ?? null, detail });
    return added;
  }

  /** Entries of the environment, newest first; those of its campaigns' own lists included. Of very many, MOST_COUNTED. */
  async list(environmentId: string, filter: EntryFilter, page: Page): Promise<PageOf<DoNotCallEntry>> {
    return this.database.within(environmentId, async (manager) => {
      const query = manager.createQueryBuilder(DoNotCallEntry, 'entry').where({ environmentId });
      const { kind, list, campaignId, source } = filter;
      if (kind !== undefined) query.andWhere('entry.kind = :kind', { kind });
      if (list !== undefined)
        query.andWhere(`entry.campaignId IS ${list === 'campaign' ? 'NOT NULL' : 'NULL'}`);
      if (campaignId !== undefined) query.andWhere('entry.campaignId = :campaignId', { campaignId });
      if (source !== undefined) query.andWhere('entry.source = :source', { source });
      const total = await countUpTo(MOST_COUNTED, manager, query);
      if (page.after === undefined) query.skip((page.number - 1) * page.size);
      else query.andWhere('entry.id < :after', { after: page.after });
      const items = await query.orderBy('entry.id', 'DESC').take(page.size).getMany();
      return { items, total, page };
    });
  }

  /** Where a number stands: entries of every list that could concern the environment, and its registries. */
  async lookUp(environmentId: string, to: string): Promise<NumberStanding> {
    return this.database.within(environmentId, (manager) => standingOf(manager, environmentId, to));
  }

  /**
   * Removes what the environment lists of a number: from its own list, or from that of one campaign. Audited.
   * @returns what was removed, and where the number stands all the same
   */
  async remove(
    environmentId: string,
    actor: string,
    to: string,
    { kind, campaignId }: { kind?: DoNotCallEntry['kind'] | undefined; campaignId?: string | undefined },
  ): Promise<{ removed: DoNotCallEntry[]; left: NumberStanding }> {
    return this.database.within(environmentId, async (manager) => {
      const removed = await manager.find(DoNotCallEntry, {
        where: {
          environmentId,
          to,
          campaignId: campaignId ?? IsNull(),
          ...(kind === undefined ? {} : { kind }),
        },
        order: { id: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      });
      for (const entry of removed) {
        await manager.query(`DELETE FROM do_not_call_entries WHERE id = $1 AND environment_id = $2`, [
          entry.id,
          environmentId,
        ]);
        const { source, expiresAt, importId } = entry;
        const detail = { kind: entry.kind, campaignId: entry.campaignId, source, expiresAt, importId };
        const action = 'do_not_call.removed';
        await audit(manager, { environmentId, actor, action, subjectId: entry.id, detail });
      }
      return { removed, left: await standingOf(manager, environmentId, to) };
    });
  }

  /** Takes a number off the operator's global list. For operators; audited. Returns how many entries that was. */
  async removeGlobal(actor: string, to: string): Promise<number> {
    return this.database.everywhere(async (manager) => {
      const [removed] = await manager.query<[{ id: string; kind: string; source: string | null }[], number]>(
        `DELETE FROM do_not_call_entries WHERE environment_id IS NULL AND to_number = $1 RETURNING id, kind, source`,
        [to],
      );
      for (const { id, ...detail } of removed) {
        const action = 'do_not_call.removed';
        await audit(manager, { environmentId: null, actor, action, subjectId: id, detail });
      }
      return removed.length;
    });
  }

  private async confirmStop(
    environmentId: string,
    numbers: string[],
    { kind, campaignId, expiresAt, source }: Addition,
  ): Promise<Omit<DoNotCallReceipt, 'added'>> {
    return confirming(this.database, environmentId, async (manager) => {
      await barrier(
        manager,
        numbers.map((to) => numberKey(environmentId, to)),
      );
      const list = campaignId === null ? 'environment' : 'campaign';
      const listedOn: ListedOn = { kind, list, campaignId, evidence: { source } };
      const stands = standsAt({ expiresAt }, await databaseClock(manager));
      const asked = `SELECT unnest($3::text[]) AS to_number`;
      const campaigns = stands
        ? await campaignsStopped(manager, environmentId, listedOn)
        : new Map<string, string[]>();
      const withdrawal = await withdrawCalls(manager, campaigns, listedOn, asked, [numbers]);
      const inFlight = await attemptsInFlight(manager, 'environment_id = $1 AND to_number = ANY ($2)', [
        environmentId,
        numbers,
      ]);
      return { ...withdrawal, inFlight };
    });
  }
}

/** To count ten million entries for a page of twenty would take longer than an answer may. */
async function countUpTo(
  most: number,
  manager: EntityManager,
  query: SelectQueryBuilder<DoNotCallEntry>,
): Promise<number> {
  const some = query.clone().select('1').limit(most);
  const counted = await manager
    .createQueryBuilder()
    .select('count(*)::integer', 'total')
    .from(`(${some.getQuery()})`, 'some')
    .setParameters(some.getParameters())
    .getRawOne<{ total: number }>();
  return counted?.total ?? 0;
}

async function standingOf(
  manager: EntityManager,
  environmentId: string,
  to: string,
): Promise<NumberStanding> {
  const now = await databaseClock(manager);
  const entries = await manager.find(DoNotCallEntry, {
    where: [
      { to, environmentId },
      { to, environmentId: IsNull() },
    ],
    order: { id: 'DESC' },
  });
  const { matches, registries } = await doNotCallFacts(manager, {
    environmentId,
    campaignId: NO_CAMPAIGN,
    to,
  });
  return {
    now,
    entries: entries.map((entry) => {
      const list = listOf(entry);
      const match = { ...entry, list, registryId: null };
      return { entry, list, isExpired: !standsAt(entry, now), stops: stopsCallsReading(match, now) };
    }),
    registries: registries.map((registry) => {
      const match = matches.find(({ registryId }) => registryId === registry.id);
      const stale = staleness(registry, now);
      const isStopping = match !== undefined && stale === null;
      return {
        registry,
        isListed: match !== undefined,
        staleness: stale,
        stops: isStopping ? stopsCallsReading(match, now) : [],
      };
    }),
  };
}

function listOf({ environmentId, campaignId }: DoNotCallEntry): StandingEntry['list'] {
  if (environmentId === null) return 'global';
  return campaignId === null ? 'environment' : 'campaign';
}
