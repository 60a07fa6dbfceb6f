import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { eventsOfUndialledEnd } from '#policy/webhook-events.js';
import { audit } from './audit.js';
import { Call } from './call.entity.js';
import { DoNotCallEntry } from './do-not-call-entry.entity.js';
import { attemptsInFlight, type InFlight } from './in-flight.js';
import { barrier, confirming, numberKey } from './locks.js';
import { oweCallEvents } from './outbox.js';
import type { Page, PageOf } from './page.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface OptOut {
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

/** The environment's Do-Not-Call entries. */
@Injectable()
export class DoNotCallStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Adds opt-outs: commits them, waits out every dial to these numbers that began before, and blocks the calls that
   * wait. A number listed before takes the new reason, source and expiry.
   * @throws StopNotConfirmed when the entries stand, but a dial that had begun could not be waited out
   */
  async optOut(
    environmentId: string,
    actor: string,
    numbers: string[],
    entry: OptOut,
  ): Promise<DoNotCallReceipt> {
    const added = await this.database.within(environmentId, (manager) =>
      this.add(manager, environmentId, actor, numbers, entry),
    );
    return { added, ...(await this.confirmStop(environmentId, numbers, entry.expiresAt)) };
  }

  private async add(
    manager: EntityManager,
    environmentId: string,
    actor: string,
    numbers: string[],
    entry: OptOut,
  ): Promise<number> {
    const rows = await manager.query<{ id: string; added: boolean }[]>(
      `INSERT INTO do_not_call_entries (environment_id, kind, to_number, reason, source, expires_at)
       SELECT $1, 'opt_out', number, $3, $4, $5 FROM unnest($2::text[]) AS number ORDER BY number
       ON CONFLICT ON CONSTRAINT do_not_call_once
         DO UPDATE SET reason = excluded.reason, source = excluded.source, expires_at = excluded.expires_at
       RETURNING id, xmax = 0 AS added`,
      [environmentId, numbers, entry.reason, entry.source, entry.expiresAt],
    );
    const added = rows.filter((row) => row.added).length;
    const detail = { entryIds: rows.map(({ id }) => id), added, source: entry.source };
    const action = 'do_not_call.added';
    await audit(manager, { environmentId, actor, action, subjectId: rows[0]?.id ?? null, detail });
    return added;
  }

  async list(environmentId: string, page: Page): Promise<PageOf<DoNotCallEntry>> {
    const [items, total] = await this.database.within(environmentId, (manager) =>
      manager.findAndCount(DoNotCallEntry, {
        where: { environmentId },
        order: { createdAt: 'DESC', id: 'DESC' },
        skip: (page.number - 1) * page.size,
        take: page.size,
      }),
    );
    return { items, total, page };
  }

  async entriesOf(environmentId: string, to: string): Promise<DoNotCallEntry[]> {
    return this.database.within(environmentId, (manager) =>
      manager.findBy(DoNotCallEntry, { environmentId, to }),
    );
  }

  /** Removes what the environment lists of a number, campaign lists apart. Returns how many entries that were. */
  async remove(environmentId: string, actor: string, to: string): Promise<number> {
    return this.database.within(environmentId, async (manager) => {
      const [removed] = await manager.query<[{ id: string; kind: string }[], number]>(
        `DELETE FROM do_not_call_entries
         WHERE environment_id = $1 AND to_number = $2 AND campaign_id IS NULL RETURNING id, kind`,
        [environmentId, to],
      );
      for (const { id, kind } of removed) {
        const action = 'do_not_call.removed';
        await audit(manager, { environmentId, actor, action, subjectId: id, detail: { kind } });
      }
      return removed.length;
    });
  }

  private async confirmStop(
    environmentId: string,
    numbers: string[],
    expiresAt: Date | null,
  ): Promise<Omit<DoNotCallReceipt, 'added'>> {
    return confirming(this.database, environmentId, async (manager) => {
      await barrier(
        manager,
        numbers.map((to) => numberKey(environmentId, to)),
      );
      const now = await databaseClock(manager);
      const [blocked] = await manager.query<[{ id: string }[], number]>(
        `UPDATE calls SET status = 'blocked', reason = 'do_not_call', next_attempt_at = NULL, offered_at = NULL,
           updated_at = $3, finished_at = $3
         WHERE environment_id = $1 AND to_number = ANY ($2) AND status = 'waiting'
           AND ($4::timestamptz IS NULL OR $4 > $3) RETURNING id`,
        [environmentId, numbers, now, expiresAt],
      );
      const deliveryIds: string[] = [];
      for (const { id } of blocked) {
        const call = await manager.findOneByOrFail(Call, { id });
        const told = eventsOfUndialledEnd('blocked', call.isDirect);
        deliveryIds.push(...(await oweCallEvents(manager, call, told, now, null)));
      }
      const inFlight = await attemptsInFlight(manager, 'environment_id = $1 AND to_number = ANY ($2)', [
        environmentId,
        numbers,
      ]);
      return { stopped: blocked.length, inFlight, deliveryIds };
    });
  }
}
