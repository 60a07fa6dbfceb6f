import type { EntityManager } from 'typeorm';
import { audit } from './audit.js';
import type { Addition, DoNotCallStore } from './do-not-call.store.js';
import { eraseCalls, takeNumbers } from './erased-calls.js';
import { eraseFromImportErrors, eraseFromStagedContacts } from './erased-imports.js';
import { eraseFromWebhooks } from './erased-webhooks.js';
import { LIVE } from './new-calls.js';
import type { OperatorCallsStore } from './operator-calls.store.js';
import { databaseClock } from './reading.js';
import type { ScopedDatabase } from './scoped-database.js';

/** A call that cannot be erased yet. */
export interface LiveCall {
  id: string;
  /** It is parked: somebody has to say what became of it. */
  isUnknown: boolean;
}

export type ErasureResult =
  | {
      kind: 'erased';
      /** The entry that keeps the number from being called: all that is left of it in the environment. */
      entryId: string;
      /** Rows that the person was taken out of, by table. */
      erased: Record<string, number>;
      /** Calls to the number were still being made when it ended: they are blocked, and to be erased by another run. */
      isStillPosted: boolean;
    }
  /** Nobody dials the number any more, but these are under way or parked. Nothing was erased of them. */
  | { kind: 'under_way'; calls: LiveCall[] };

/** All that is kept of the person: the number, so that it is not called again. */
const SUPPRESSION: Addition = {
  kind: 'opt_out',
  campaignId: null,
  reason: null,
  source: 'erasure',
  expiresAt: null,
};

/** Calls erased in one transaction. */
const TOGETHER = 200;

/** Calls that are made meanwhile are looked for so often. */
const MOST_LOOKS = 5;

/** Longer than whoever makes a call takes to commit it: a step of an import may have most of a minute. */
const COMMITTED_WITHIN_SECONDS = 120;

/**
 * Takes a person, known by a number, out of all that an environment keeps. Each step is a transaction and may be the last
 * that this process makes: run again, it goes on. What finds a row goes last with it.
 */
export class ErasureStore {
  constructor(
    private readonly database: ScopedDatabase,
    private readonly doNotCall: DoNotCallStore,
    private readonly calls: OperatorCallsStore,
  ) {}

  /**
   * Lists the number as an opt-out, waits out every dial that had begun, ends the calls that wait, and erases. Audited
   * without the number.
   * @throws StopNotConfirmed when the number is listed, but a dial that had begun could not be waited out
   */
  async erase(environmentId: string, actor: string, to: string): Promise<ErasureResult> {
    const since = await this.database.within(environmentId, databaseClock);
    const erased: Record<string, number> = {};
    const count = (rows: Record<string, number>) => {
      for (const [table, number] of Object.entries(rows)) erased[table] = (erased[table] ?? 0) + number;
    };
    let found = await this.callsTo(environmentId, to, null);
    for (let looks = 1; looks === 1 || (found.length > 0 && looks <= MOST_LOOKS); looks += 1) {
      await this.doNotCall.add(environmentId, actor, [to], SUPPRESSION);
      const live = await this.endCalls(environmentId, actor, to);
      if (live.length > 0) return { kind: 'under_way', calls: live };
      for (let from = 0; from === 0 || from < found.length; from += TOGETHER) {
        const ids = found.slice(from, from + TOGETHER);
        count(await this.eraseSome(environmentId, ids, to));
      }
      count({
        ...(await this.eraseElsewhere(environmentId, to)),
        contact_import_errors: await this.eraseFromErrors(environmentId, to),
      });
      found = await this.callsTo(environmentId, to, since);
    }
    const entryId = await this.conclude(environmentId, actor, to, erased);
    return { kind: 'erased', entryId, erased, isStillPosted: found.length > 0 };
  }

  /** Calls to the number that are not over. */
  async live(environmentId: string, to: string): Promise<LiveCall[]> {
    return this.database.within(environmentId, (manager) =>
      manager.query(
        `SELECT id, status = 'outcome_unknown' AS "isUnknown" FROM calls
         WHERE environment_id = $1 AND to_number = $2 AND status IN ${LIVE} ORDER BY id`,
        [environmentId, to],
      ),
    );
  }

  /** Cancels what is not over, so that nothing of it is dialled or tried again. Returns what is not over all the same. */
  private async endCalls(environmentId: string, actor: string, to: string): Promise<LiveCall[]> {
    for (const { id } of await this.live(environmentId, to))
      await this.calls.cancel(environmentId, actor, id);
    return this.live(environmentId, to);
  }

  /** @param since null: all there are; else those that may have been made since, which an index finds */
  private async callsTo(environmentId: string, to: string, since: Date | null): Promise<string[]> {
    const rows = await this.database.within(environmentId, (manager) =>
      manager.query<{ id: string }[]>(
        `SELECT id FROM calls WHERE environment_id = $1 AND to_number = $2
           AND ($3::timestamptz IS NULL OR created_at > $3::timestamptz - interval '${COMMITTED_WITHIN_SECONDS} seconds')
         ORDER BY id`,
        [environmentId, to, since],
      ),
    );
    return rows.map(({ id }) => id);
  }

  private async eraseSome(
    environmentId: string,
    callIds: string[],
    to: string,
  ): Promise<Record<string, number>> {
    return this.database.within(environmentId, async (manager) => {
      await manager.query(
        `SELECT FROM calls WHERE id = ANY ($1) AND environment_id = $2 ORDER BY id FOR UPDATE`,
        [callIds, environmentId],
      );
      const told = await eraseFromWebhooks(manager, environmentId, callIds, to);
      return { ...(await eraseCalls(manager, callIds, { kind: 'goes' })), ...told };
    });
  }

  private async eraseElsewhere(environmentId: string, to: string): Promise<Record<string, number>> {
    return this.database.within(environmentId, async (manager) => ({
      contact_import_batches: await eraseFromStagedContacts(manager, environmentId, to),
      // Of calls that were erased by their age, and whose number a rule still read.
      attempts: await takeNumbers(
        manager,
        'environment_id = $2 AND to_number = $3 AND sending_at IS NOT NULL',
        [environmentId, to],
      ),
      idempotency_keys: await forgetAnswers(manager, environmentId, to),
      campaigns: await eraseFromCampaignLists(manager, environmentId, to),
      do_not_call_entries: await foldEntries(manager, environmentId, to),
    }));
  }

  /** Not all at once: a file that was wrong in each of its millions of rows would not fit into this process. */
  private async eraseFromErrors(environmentId: string, to: string): Promise<number> {
    const imports = await this.database.within(environmentId, (manager) =>
      manager.query<{ id: string }[]>(
        `SELECT id FROM contact_imports WHERE environment_id = $1 ORDER BY id`,
        [environmentId],
      ),
    );
    let parts = 0;
    for (const { id } of imports) {
      let after: string | null = null;
      do {
        const some: { found: number; last: string | null } = await this.database.within(
          environmentId,
          (manager) => eraseFromImportErrors(manager, id, to, after),
        );
        parts += some.found;
        after = some.last;
      } while (after !== null);
    }
    return parts;
  }

  private async conclude(
    environmentId: string,
    actor: string,
    to: string,
    erased: Record<string, number>,
  ): Promise<string> {
    return this.database.within(environmentId, async (manager) => {
      const [entry] = await manager.query<{ id: string }[]>(
        `SELECT id FROM do_not_call_entries
         WHERE environment_id = $1 AND campaign_id IS NULL AND kind = 'opt_out' AND to_number = $2`,
        [environmentId, to],
      );
      if (entry === undefined)
        throw new Error('The entry that stops calls to the number was removed meanwhile.');
      const action = 'person.erased';
      await audit(manager, { environmentId, actor, action, subjectId: entry.id, detail: { erased } });
      return entry.id;
    });
  }
}

/** Stored answers name the number: a request that is sent again is a new one, and blocked. */
async function forgetAnswers(manager: EntityManager, environmentId: string, to: string): Promise<number> {
  const [, forgotten] = await manager.query<[unknown[], number]>(
    `DELETE FROM idempotency_keys
     WHERE environment_id = $1 AND (strpos(body::text, $2) > 0 OR strpos(key, $3) > 0)`,
    [environmentId, JSON.stringify(to), to.slice(1)],
  );
  return forgotten;
}

async function eraseFromCampaignLists(
  manager: EntityManager,
  environmentId: string,
  to: string,
): Promise<number> {
  const [, campaigns] = await manager.query<[unknown[], number]>(
    `UPDATE campaigns SET do_not_call_custom_list = array_remove(do_not_call_custom_list, $2)
     WHERE environment_id = $1 AND $2 = ANY (do_not_call_custom_list)`,
    [environmentId, to],
  );
  return campaigns;
}

/** One entry stops every call: the others, and where they came from, say more of the person than is needed. */
async function foldEntries(manager: EntityManager, environmentId: string, to: string): Promise<number> {
  const [, folded] = await manager.query<[unknown[], number]>(
    `DELETE FROM do_not_call_entries
     WHERE environment_id = $1 AND to_number = $2 AND NOT (campaign_id IS NULL AND kind = 'opt_out')`,
    [environmentId, to],
  );
  await manager.query(
    `UPDATE do_not_call_entries SET import_id = NULL
     WHERE environment_id = $1 AND to_number = $2 AND campaign_id IS NULL AND kind = 'opt_out' AND import_id IS NOT NULL`,
    [environmentId, to],
  );
  return folded;
}
