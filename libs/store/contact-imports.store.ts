import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CampaignState } from '#policy/call-lifecycle.js';
import { audit } from './audit.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { keepErrors, RANGE_OF_CALLS, type ContactError } from './contact-import-rows.js';
import { columnOf, failAbandonedUploads, failUpload, UploadEnded } from './file-uploads.js';
import { barrier, campaignKey, StopNotConfirmed } from './locks.js';
import type { Page, PageOf } from './page.js';
import { ScopedDatabase } from './scoped-database.js';

export const IMPORT_STATES = [
  /** Its file is being read; nothing of it is a call, and should the reader die it fails. */
  'uploading',
  /** Batch by batch its rows become calls, whatever process dies. While the campaign is paused it waits. */
  'processing',
  /** Every row became a call, or stands among the errors. */
  'processed',
  /** The file could not be read, or the campaign was closed before all rows were taken in. */
  'failed',
  /** Somebody ended it: the rows that had become calls by then stay. */
  'cancelled',
  /** No new dial to its calls begins any more; batch by batch those that wait are withdrawn. */
  'undoing',
  /** None of its calls waits. */
  'undone',
] as const;

export type ImportState = (typeof IMPORT_STATES)[number];

/** Into which campaign a file goes. */
export interface ContactOrder {
  environmentId: string;
  campaignId: string;
  filename: string | null;
  /** The client's own name for this file; null: it has none. */
  idempotencyKey: string | null;
}

export interface ContactImport extends ContactOrder {
  id: string;
  /** Of the file and how it was to be read; null before it was read to its end. */
  fingerprint: string | null;
  status: ImportState;
  failure: string | null;
  rowsRead: number;
  batches: number;
  batchesTaken: number;
  /** Rows that became calls, and those of them that a rule blocked at once. */
  accepted: number;
  blocked: number;
  duplicates: number;
  rejected: number;
  undoneThrough: number;
  /** Waiting calls that undoing it has cancelled. */
  withdrawn: number;
  createdAt: Date;
  completedAt: Date | null;
}

/** A row that may become a call. */
export interface NewContact {
  row: number;
  /** E.164. */
  to: string;
  timezone: string | null;
  /** As JSON. */
  payload: string;
  context: string;
  isTesting: boolean;
  allowDuplicates: boolean;
  notBefore: Date | null;
  expiresAt: Date | null;
  priority: number | null;
}

/** Rows on their way from a file to a campaign. */
export interface ContactBatch {
  rows: NewContact[];
  rejected: number;
  duplicates: number;
  errors: ContactError[];
}

export type BeginResult =
  | { kind: 'begun'; id: string }
  /** A file was read to its end under this key. */
  | { kind: 'known'; import: ContactImport }
  | { kind: 'not_active'; status: CampaignState }
  | { kind: 'not_found' };

export type EndResult =
  | { kind: 'done'; import: ContactImport }
  /** Not from the state it is in. */
  | { kind: 'wrong_state'; import: ContactImport }
  /** An attempt of one of its calls was made. */
  | { kind: 'dialled' }
  /** Dials that had begun could not be waited out. Nothing was changed. */
  | { kind: 'busy' }
  | { kind: 'not_found' };

/** Rows in one batch: a transaction of some tenths of a second, behind which a stop of the campaign waits. */
export const CONTACT_BATCH_ROWS = 2_500;

const TABLES = { imports: 'contact_imports', batches: 'contact_import_batches', arriving: 'uploading' };

/** Takes files of contacts in, batch by batch, tells how far each has come, and ends or undoes it. */
@Injectable()
export class ContactImportsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Begins an import. One that is still arriving under the same key is given up for this one: its sender sends again what
   * he does not know the fate of.
   */
  async begin(actor: string, order: ContactOrder): Promise<BeginResult> {
    for (let tries = 0; tries < 5; tries += 1) {
      const result = await this.beginOrFind(actor, order);
      if (result !== null) return result;
    }
    throw new Error('Imports under one key came faster than one could be begun.');
  }

  /** Null: another one began under the key at the same moment. */
  private async beginOrFind(actor: string, order: ContactOrder): Promise<BeginResult | null> {
    const { environmentId, campaignId, filename, idempotencyKey } = order;
    return this.database.within(environmentId, async (manager) => {
      const campaign = await manager.findOneBy(Campaign, { id: campaignId, environmentId, ...SHOWN });
      if (campaign === null) return { kind: 'not_found' };
      if (idempotencyKey !== null) {
        const [known] = await manager.query<{ id: string; status: ImportState }[]>(
          `SELECT id, status FROM contact_imports
           WHERE environment_id = $1 AND campaign_id = $2 AND idempotency_key = $3 AND status <> 'failed' FOR UPDATE`,
          [environmentId, campaignId, idempotencyKey],
        );
        if (known !== undefined && known.status !== 'uploading') {
          return { kind: 'known', import: (await contactImport(manager, environmentId, known.id))! };
        }
        if (known !== undefined) await failUpload(manager, TABLES, known.id, 'The file was sent again.');
      }
      if (campaign.status !== 'active') return { kind: 'not_active', status: campaign.status };
      const [begun] = await manager.query<{ id: string }[]>(
        `INSERT INTO contact_imports (environment_id, campaign_id, actor, filename, idempotency_key)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (campaign_id, idempotency_key) WHERE idempotency_key IS NOT NULL AND status <> 'failed' DO NOTHING
         RETURNING id`,
        [environmentId, campaignId, actor, filename, idempotencyKey],
      );
      return begun === undefined ? null : { kind: 'begun', id: begun.id };
    });
  }

  /**
   * Keeps rows of a file that is being read.
   * @throws UploadEnded when it was ended, or given up for lost
   */
  async keep(environmentId: string, id: string, batch: ContactBatch): Promise<void> {
    const { rows, rejected, duplicates, errors } = batch;
    await this.database.within(environmentId, async (manager) => {
      const [[kept]] = await manager.query<[{ batches: number }[], number]>(
        `UPDATE contact_imports SET rows_read = rows_read + $2, rejected = rejected + $3, duplicates = duplicates + $4,
           batches = batches + $5, updated_at = clock_timestamp()
         WHERE id = $1 AND status = 'uploading' RETURNING batches`,
        [id, rows.length + rejected + duplicates, rejected, duplicates, rows.length === 0 ? 0 : 1],
      );
      if (kept === undefined) throw new UploadEnded();
      await keepErrors(manager, id, errors);
      if (rows.length === 0) return;
      await manager.query(
        `INSERT INTO contact_import_batches (import_id, batch, rows, numbers, timezones, payloads, contexts, testing,
           duplicable, not_befores, expiries, priorities)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          id,
          kept.batches,
          rows.map(({ row }) => row),
          rows.map(({ to }) => to),
          columnOf(rows.map(({ timezone }) => timezone)),
          columnOf(rows.map(({ payload }) => (payload === '{}' ? null : payload))),
          columnOf(rows.map(({ context }) => (context === '{}' ? null : context))),
          columnOf(rows.map(({ isTesting }) => isTesting || null)),
          columnOf(rows.map(({ allowDuplicates }) => allowDuplicates || null)),
          columnOf(rows.map(({ notBefore }) => notBefore)),
          columnOf(rows.map(({ expiresAt }) => expiresAt)),
          columnOf(rows.map(({ priority }) => priority)),
        ],
      );
    });
  }

  /**
   * The file was read to its end: from now on its rows become calls, whatever process dies. Audited.
   * @throws UploadEnded
   */
  async seal(environmentId: string, actor: string, id: string, fingerprint: string | null): Promise<void> {
    await this.database.within(environmentId, async (manager) => {
      const [[sealed]] = await manager.query<
        [{ campaign_id: string; rows: string; rejected: string }[], number]
      >(
        `UPDATE contact_imports SET status = 'processing', fingerprint = $2, updated_at = clock_timestamp()
         WHERE id = $1 AND status = 'uploading' RETURNING campaign_id, rows_read AS rows, rejected`,
        [id, fingerprint],
      );
      if (sealed === undefined) throw new UploadEnded();
      const { campaign_id: campaignId, rows, rejected } = sealed;
      const detail = { campaignId, rows: Number(rows), rejected: Number(rejected) };
      await audit(manager, { environmentId, actor, action: 'contacts.imported', subjectId: id, detail });
    });
  }

  /** The file could not be read to its end: none of it becomes a call. */
  async fail(environmentId: string, id: string, because: string): Promise<void> {
    await this.database.within(environmentId, (manager) => failUpload(manager, TABLES, id, because));
  }

  /** Fails imports whose reader died. For the dialer, who leads. */
  async failAbandoned(): Promise<void> {
    await this.database.everywhere((manager) => failAbandonedUploads(manager, TABLES));
  }

  /** @param campaignId undefined: of any campaign */
  async find(environmentId: string, id: string, campaignId?: string): Promise<ContactImport | null> {
    return this.database.within(environmentId, (manager) =>
      contactImport(manager, environmentId, id, campaignId),
    );
  }

  /** Imports of a campaign, newest first. Null: there is no such campaign. */
  async list(environmentId: string, campaignId: string, page: Page): Promise<PageOf<ContactImport> | null> {
    return this.database.within(environmentId, async (manager) => {
      if (!(await manager.existsBy(Campaign, { id: campaignId, environmentId, ...SHOWN }))) return null;
      const [{ total }] = await manager.query<[{ total: number }]>(
        `SELECT count(*)::integer AS total FROM contact_imports WHERE environment_id = $1 AND campaign_id = $2`,
        [environmentId, campaignId],
      );
      const rows = await manager.query<Row[]>(
        `SELECT ${COLUMNS} FROM contact_imports
         WHERE environment_id = $1 AND campaign_id = $2 AND ($3::uuid IS NULL OR id < $3)
         ORDER BY id DESC LIMIT $4 OFFSET $5`,
        [
          environmentId,
          campaignId,
          page.after ?? null,
          page.size,
          page.after === undefined ? (page.number - 1) * page.size : 0,
        ],
      );
      return { items: rows.map(importOf), total, page };
    });
  }

  /** What was wrong with rows, in the order in which it was found; some at a time, each read by itself. */
  async *everyErrorOf(environmentId: string, id: string): AsyncGenerator<ContactError[]> {
    for (let after = '0'; ;) {
      const [part] = await this.database.within(environmentId, (manager) =>
        manager.query<{ errors: ContactError[]; last: string }[]>(
          `SELECT errors, id AS last FROM contact_import_errors WHERE import_id = $1 AND id > $2 ORDER BY id LIMIT 1`,
          [id, after],
        ),
      );
      if (part === undefined) return;
      yield part.errors;
      after = part.last;
    }
  }

  /** Ends an import that is not over: what has become a call stays, what has not does not. Audited. */
  async cancel(environmentId: string, actor: string, campaignId: string, id: string): Promise<EndResult> {
    return this.database.within(environmentId, async (manager) => {
      const found = await contactImport(manager, environmentId, id, campaignId);
      if (found === null) return { kind: 'not_found' };
      const [, cancelled] = await manager.query<[unknown[], number]>(
        `UPDATE contact_imports SET status = 'cancelled', updated_at = clock_timestamp(), completed_at = clock_timestamp()
         WHERE id = $1 AND status IN ('uploading', 'processing')`,
        [id],
      );
      const state = (await contactImport(manager, environmentId, id))!;
      // Asked for twice is done twice: the first answer may have been lost.
      if (cancelled === 0)
        return { kind: state.status === 'cancelled' ? 'done' : 'wrong_state', import: state };
      await manager.query(`DELETE FROM contact_import_batches WHERE import_id = $1`, [id]);
      const detail = { campaignId, accepted: state.accepted };
      const action = 'contacts.import_cancelled';
      await audit(manager, { environmentId, actor, action, subjectId: id, detail });
      return { kind: 'done', import: state };
    });
  }

  /**
   * Takes all calls of an import back, if no attempt of any was made: once this has answered, no new dial to them begins.
   * It is decided behind the campaign's exclusive lock, so that no claim is deciding meanwhile, and every later claim sees
   * that the import is undone. Audited.
   */
  async undo(environmentId: string, actor: string, campaignId: string, id: string): Promise<EndResult> {
    return this.database
      .within(environmentId, async (manager): Promise<EndResult> => {
        const found = await contactImport(manager, environmentId, id, campaignId);
        if (found === null) return { kind: 'not_found' };
        if (found.status === 'undoing' || found.status === 'undone') return { kind: 'done', import: found };
        await barrier(manager, [campaignKey(campaignId)]);
        const dialled = await manager.query<unknown[]>(
          `SELECT FROM attempts WHERE call_id ${RANGE_OF_CALLS('$1')} AND status <> 'released' LIMIT 1`,
          [id],
        );
        if (dialled.length > 0) return { kind: 'dialled' };
        const [, begun] = await manager.query<[unknown[], number]>(
          `UPDATE contact_imports SET status = 'undoing', updated_at = clock_timestamp(), completed_at = NULL
           WHERE id = $1 AND status IN ('processed', 'cancelled')`,
          [id],
        );
        const state = (await contactImport(manager, environmentId, id))!;
        if (begun === 0) return { kind: 'wrong_state', import: state };
        const detail = { campaignId, accepted: state.accepted };
        await audit(manager, {
          environmentId,
          actor,
          action: 'contacts.import_undone',
          subjectId: id,
          detail,
        });
        return { kind: 'done', import: state };
      })
      .catch((error: unknown): EndResult => {
        if (error instanceof StopNotConfirmed) return { kind: 'busy' };
        throw error;
      });
  }
}

const COUNTS = [
  'rowsRead',
  'accepted',
  'blocked',
  'duplicates',
  'rejected',
  'undoneThrough',
  'withdrawn',
] as const;

/** Large numbers come from the driver as text. */
type Row = Omit<ContactImport, (typeof COUNTS)[number]> & Record<(typeof COUNTS)[number], string>;

const COLUMNS = `id, environment_id AS "environmentId", campaign_id AS "campaignId", filename,
  idempotency_key AS "idempotencyKey", fingerprint, status, failure, rows_read AS "rowsRead", batches,
  batches_taken AS "batchesTaken", accepted, blocked, duplicates, rejected, undone_through AS "undoneThrough", withdrawn,
  created_at AS "createdAt", completed_at AS "completedAt"`;

/**
 * @param environmentId null: any, for the dialer
 * @param campaignId undefined: of any campaign, deleted ones included
 */
export async function contactImport(
  manager: EntityManager,
  environmentId: string | null,
  id: string,
  campaignId?: string,
  lock: '' | 'FOR UPDATE' = '',
): Promise<ContactImport | null> {
  if (campaignId !== undefined && !(await manager.existsBy(Campaign, { id: campaignId, ...SHOWN })))
    return null;
  const [row] = await manager.query<Row[]>(
    `SELECT ${COLUMNS} FROM contact_imports
     WHERE id = $1 AND environment_id = coalesce($2, environment_id) AND campaign_id = coalesce($3, campaign_id) ${lock}`,
    [id, environmentId, campaignId ?? null],
  );
  return row === undefined ? null : importOf(row);
}

function importOf(row: Row): ContactImport {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, Number(row[name])]));
  return { ...row, ...(counts as Record<(typeof COUNTS)[number], number>) };
}
