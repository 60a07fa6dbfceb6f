import type { CampaignState } from '#policy/call-lifecycle.js';
import { IMPORT_STATES, type ContactImport, type ImportState } from '#store/contact-imports.store.js';
import {
  COUNT,
  ID,
  INSTANT,
  INTEGER,
  named,
  NUMBER,
  object,
  oneOf,
  orNull,
  TEXT,
} from '../openapi/schema.js';

export const contactImportSchema = named(
  'ContactImport',
  object({
    id: ID,
    campaign_id: ID,
    filename: orNull(TEXT),
    status: oneOf(IMPORT_STATES),
    failure: orNull(TEXT),
    waits_for: orNull(oneOf(['campaign_to_be_active'])),
    progress: { ...NUMBER, minimum: 0, maximum: 1 },
    total_rows: COUNT,
    processed_rows: COUNT,
    accepted: COUNT,
    blocked: COUNT,
    duplicates: COUNT,
    rejected: COUNT,
    withdrawn: COUNT,
    created_at: INSTANT,
    completed_at: orNull(INSTANT),
  }),
);

export function contactImportView(one: ContactImport, ofCampaign: CampaignState): Record<string, unknown> {
  return {
    id: one.id,
    campaign_id: one.campaignId,
    filename: one.filename,
    status: one.status,
    failure: one.failure,
    waits_for: one.status === 'processing' && ofCampaign === 'paused' ? 'campaign_to_be_active' : null,
    progress: progressOf(one),
    total_rows: one.rowsRead,
    processed_rows: processedRows(one),
    accepted: one.accepted,
    blocked: one.blocked,
    duplicates: one.duplicates,
    rejected: one.rejected,
    withdrawn: one.withdrawn,
    created_at: one.createdAt.toISOString(),
    completed_at: one.completedAt?.toISOString() ?? null,
  };
}

/** How much of what it does is done: of the rows that are to become calls, or of the calls that are to be withdrawn. */
function progressOf({ status, batches, batchesTaken, accepted, blocked, withdrawn }: ContactImport): number {
  switch (status) {
    case 'uploading':
      return 0;
    case 'processing':
      return batches === 0 ? 1 : batchesTaken / batches;
    case 'undoing':
      return Math.min(1, withdrawn / Math.max(1, accepted - blocked));
    case 'processed':
    case 'failed':
    case 'cancelled':
    case 'undone':
      return 1;
  }
}

function processedRows({ accepted, duplicates, rejected }: ContactImport): number {
  return accepted + duplicates + rejected;
}

const FILE_STATES = ['uploading', 'processing', 'processed', 'failed'] as const;

/** An import as `files` of a campaign shows it. */
export const campaignFileSchema = named(
  'CampaignFile',
  object({
    id: ID,
    original_filename: orNull(TEXT),
    processed_filename: orNull(TEXT),
    status: oneOf(FILE_STATES),
    total_records: INTEGER,
    processed_records: INTEGER,
  }),
);

export function campaignFileView(one: ContactImport): Record<string, unknown> {
  const { id, filename, completedAt } = one;
  return {
    id,
    original_filename: filename,
    processed_filename: completedAt === null ? null : errorFileName(id),
    status: fileState(one.status),
    total_records: one.rowsRead,
    processed_records: processedRows(one),
  };
}

/** Of the file that says what was wrong with rows. */
export function errorFileName(importId: string, format: 'csv' | 'ndjson' = 'csv'): string {
  return `${importId}-errors.${format}`;
}

/** An import that is undone was processed all the same; one that was cancelled was not. */
function fileState(status: ImportState): (typeof FILE_STATES)[number] {
  switch (status) {
    case 'undoing':
    case 'undone':
      return 'processed';
    case 'cancelled':
      return 'failed';
    default:
      return status;
  }
}
