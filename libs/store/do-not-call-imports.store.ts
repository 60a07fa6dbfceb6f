import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { audit } from './audit.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { columnOf, failAbandonedUploads, failUpload, UploadEnded } from './file-uploads.js';
import type { Page, PageOf } from './page.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

/** Into which list a file goes, and what holds for those of its rows that do not say it themselves. */
export interface ImportOrder {
  /** Null: the operator's global list. */
  environmentId: string | null;
  campaignId: string | null;
  kind: 'opt_out' | 'list';
  reason: string | null;
  source: string | null;
  expiresAt: Date | null;
}

/**
 * `reading`: its file is being read; nothing of it counts, and should the reader die it fails. `listing`: batch by batch
 * its numbers are listed, whatever process dies. `confirming`: dials that began before are waited out. `withdrawing`:
 * from here on no new dial to its numbers begins; waiting calls are withdrawn. `completed`, `failed`: over.
 */
export type ImportStatus = 'reading' | 'listing' | 'confirming' | 'withdrawing' | 'completed' | 'failed';

export interface DoNotCallImport extends ImportOrder {
  id: string;
  status: ImportStatus;
  failure: string | null;
  rowsRead: number;
  rejected: number;
  /** The first of them. */
  rejects: { line: number; because: string }[];
  batches: number;
  batchesListed: number;
  batchesWithdrawn: number;
  added: number;
  alreadyListed: number;
  duplicates: number;
  /** Waiting calls that became blocked. */
  stopped: number;
  /** Attempts whose request may have left before the numbers were listed. */
  inFlight: number;
  createdAt: Date;
  completedAt: Date | null;
}

/** Rows on their way from a file to a list. */
export interface ImportBatch {
  rows: { to: string; reason: string | null; source: string | null; expiresAt: Date | null }[];
  rejected: { line: number; because: string }[];
}

/** Numbers in one batch: a statement of a tenth of a second. */
export const BATCH_ROWS = 10_000;

/** Rejected rows that are told apart; the others are counted. */
export const MOST_REJECTS_TOLD = 100;

const TABLES = {
  imports: 'do_not_call_imports',
  batches: 'do_not_call_import_batches',
  arriving: 'reading',
};

/** Takes files of numbers in, batch by batch, and tells how far each has come. */
@Injectable()
export class DoNotCallImportsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Null: the environment has no such campaign. */
  async begin(actor: string, order: ImportOrder): Promise<string | null> {
    return this.scoped(order.environmentId, async (manager) => {
      const { environmentId, campaignId, kind, reason, source, expiresAt } = order;
      if (environmentId !== null && campaignId !== null) {
        const known = await manager.existsBy(Campaign, { id: campaignId, environmentId, ...SHOWN });
        if (!known) return null;
      }
      const [{ id }] = await manager.query<[{ id: string }]>(
        `INSERT INTO do_not_call_imports (environment_id, campaign_id, kind, reason, source, expires_at, actor)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
        [environmentId, campaignId, kind, reason, source, expiresAt, actor],
      );
      return id;
    });
  }

  /** Keeps rows of a file that is being read. */
  async keep(environmentId: string | null, id: string, { rows, rejected }: ImportBatch): Promise<void> {
    await this.scoped(environmentId, async (manager) => {
      const [[{ batches } = { batches: 0 }]] = await manager.query<[{ batches: number }[], number]>(
        `UPDATE do_not_call_imports SET rows_read = rows_read + $2, rejected = rejected + $3, batches = batches + $4,
           updated_at = clock_timestamp(),
           rejects = CASE WHEN jsonb_array_length(rejects) >= ${MOST_REJECTS_TOLD} THEN rejects ELSE rejects || $5::jsonb END
         WHERE id = $1 AND status = 'reading' RETURNING batches`,
        [
          id,
          rows.length + rejected.length,
          rejected.length,
          rows.length === 0 ? 0 : 1,
          JSON.stringify(rejected.slice(0, MOST_REJECTS_TOLD)),
        ],
      );
      // Not read any more: it was given up for lost.
      if (batches === 0 && rows.length > 0) throw new UploadEnded();
      if (rows.length === 0) return;
      await manager.query(
        `INSERT INTO do_not_call_import_batches (import_id, batch, numbers, reasons, sources, expiries)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [
          id,
          batches,
          rows.map(({ to }) => to),
          columnOf(rows.map(({ reason }) => reason)),
          columnOf(rows.map(({ source }) => source)),
          columnOf(rows.map(({ expiresAt }) => expiresAt)),
        ],
      );
    });
  }

  /** The file was read to its end: from now on its numbers are listed, whatever process dies. Audited. */
  async seal(environmentId: string | null, actor: string, id: string): Promise<void> {
    await this.scoped(environmentId, async (manager) => {
      const [rows] = await manager.query<
        [
          {
            kind: string;
            campaign_id: string | null;
            source: string | null;
            rows: string;
            rejected: string;
          }[],
          number,
        ]
      >(
        `UPDATE do_not_call_imports SET status = 'listing', updated_at = clock_timestamp()
         WHERE id = $1 AND status = 'reading' RETURNING kind, campaign_id, source, rows_read AS rows, rejected`,
        [id],
      );
      const [sealed] = rows;
      if (sealed === undefined) throw new UploadEnded();
      const { kind, campaign_id: campaignId, source } = sealed;
      const counts = { rows: Number(sealed.rows), rejected: Number(sealed.rejected) };
      const detail = { kind, campaignId, source, ...counts };
      await audit(manager, { environmentId, actor, action: 'do_not_call.imported', subjectId: id, detail });
    });
  }

  /** The file could not be read to its end: none of it counts. */
  async fail(environmentId: string | null, id: string, because: string): Promise<void> {
    await this.scoped(environmentId, (manager) => failUpload(manager, TABLES, id, because));
  }

  /** Fails imports whose reader died. For the dialer, who leads. */
  async failAbandoned(): Promise<void> {
    await this.database.everywhere((manager) => failAbandonedUploads(manager, TABLES));
  }

  /** @param environmentId null: any, for operators */
  async find(environmentId: string | null, id: string): Promise<DoNotCallImport | null> {
    return this.scoped(environmentId, (manager) => importById(manager, id));
  }

  /** Imports of an environment, newest first. */
  async list(environmentId: string, page: Page): Promise<PageOf<DoNotCallImport>> {
    return this.database.within(environmentId, async (manager) => {
      const [{ total }] = await manager.query<[{ total: number }]>(
        `SELECT count(*)::integer AS total FROM do_not_call_imports WHERE environment_id = $1`,
        [environmentId],
      );
      const items = await manager.query<Row[]>(
        `SELECT ${COLUMNS} FROM do_not_call_imports
         WHERE environment_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3 OFFSET $4`,
        [
          environmentId,
          page.after ?? null,
          page.size,
          page.after === undefined ? (page.number - 1) * page.size : 0,
        ],
      );
      return { items: items.map(importOf), total, page };
    });
  }

  /** The instant that a file's expiries are judged by. */
  async now(environmentId: string | null): Promise<Date> {
    return this.scoped(environmentId, databaseClock);
  }

  private scoped<T>(environmentId: string | null, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return environmentId === null
      ? this.database.everywhere(work)
      : this.database.within(environmentId, work);
  }
}

const COUNTS = ['rowsRead', 'rejected', 'added', 'alreadyListed', 'duplicates', 'stopped'] as const;

/** Large numbers come from the driver as text. */
type Row = Omit<DoNotCallImport, (typeof COUNTS)[number]> & Record<(typeof COUNTS)[number], string>;

const COLUMNS = `id, environment_id AS "environmentId", campaign_id AS "campaignId", kind, reason, source,
  expires_at AS "expiresAt", status, failure, rows_read AS "rowsRead", rejected, rejects, batches,
  batches_listed AS "batchesListed", batches_withdrawn AS "batchesWithdrawn", added, already_listed AS "alreadyListed",
  duplicates, stopped, in_flight AS "inFlight", created_at AS "createdAt", completed_at AS "completedAt"`;

/** @param lock whether to hold its row: the steps of an import take turns by it */
export async function importById(
  manager: EntityManager,
  id: string,
  lock: '' | 'FOR UPDATE' = '',
): Promise<DoNotCallImport | null> {
  const [row] = await manager.query<Row[]>(
    `SELECT ${COLUMNS} FROM do_not_call_imports WHERE id = $1 ${lock}`,
    [id],
  );
  return row === undefined ? null : importOf(row);
}

function importOf(row: Row): DoNotCallImport {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, Number(row[name])]));
  return { ...row, ...(counts as Record<(typeof COUNTS)[number], number>) };
}
