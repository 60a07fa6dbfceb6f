import { ageDays, READINGS, staleness, type RegistryState } from '#policy/do-not-call.js';
import type { DoNotCallEntry } from '#store/do-not-call-entry.entity.js';
import type { DoNotCallImport } from '#store/do-not-call-imports.store.js';
import type { NumberStanding } from '#store/do-not-call.store.js';
import {
  BOOLEAN,
  COUNT,
  DATE,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  NUMBER,
  object,
  oneOf,
  orNull,
  TEXT,
  type Fields,
} from '../openapi/schema.js';

const KIND = oneOf(['opt_out', 'list']);

const ENTRY_FIELDS: Fields = {
  id: ID,
  to: TEXT,
  kind: KIND,
  list: oneOf(['environment', 'campaign', 'global']),
  campaign_id: orNull(ID),
  reason: orNull(TEXT),
  source: orNull(TEXT),
  import_id: orNull(ID),
  expires_at: orNull(INSTANT),
  created_at: INSTANT,
};

export const entrySchema = named('DoNotCallEntry', object(ENTRY_FIELDS));

export function entryView(entry: DoNotCallEntry): Record<string, unknown> {
  const { environmentId, campaignId } = entry;
  const ofEnvironment = campaignId === null ? 'environment' : 'campaign';
  return {
    id: entry.id,
    to: entry.to,
    kind: entry.kind,
    list: environmentId === null ? 'global' : ofEnvironment,
    campaign_id: campaignId,
    reason: entry.reason,
    source: entry.source,
    import_id: entry.importId,
    expires_at: entry.expiresAt?.toISOString() ?? null,
    created_at: entry.createdAt.toISOString(),
  };
}

const STOPS = {
  ...list(oneOf(READINGS)),
  description:
    'Campaigns whose calls it stops, by the list they read: off, where do_not_call_enabled is false, else their ' +
    'do_not_call_list_source. Of the own list of a campaign: that campaign.',
};

const REGISTRY_FIELDS: Fields = {
  id: ID,
  name: TEXT,
  list: oneOf(['environment', 'global']),
  snapshot_date: orNull(DATE),
  age_days: orNull(INTEGER),
  max_age_days: orNull(INTEGER),
  out_of_date: BOOLEAN,
};

export const registrySchema = named('DoNotCallRegistry', object(REGISTRY_FIELDS));

export function registryView(registry: RegistryState, now: Date): Record<string, unknown> {
  return {
    id: registry.id,
    name: registry.name,
    list: registry.list,
    snapshot_date: registry.snapshotDate,
    age_days: ageDays(registry, now),
    max_age_days: registry.maxAgeDays,
    out_of_date: staleness(registry, now) !== null,
  };
}

export const standingSchema = named(
  'DoNotCallStanding',
  object({
    to: TEXT,
    stops: STOPS,
    entries: list(
      named('StandingDoNotCallEntry', object({ ...ENTRY_FIELDS, expired: BOOLEAN, stops: STOPS })),
    ),
    registries: list(named('RegistryFinding', object({ ...REGISTRY_FIELDS, listed: BOOLEAN, stops: STOPS }))),
  }),
);

export function standingView(
  to: string,
  { now, entries, registries }: NumberStanding,
): Record<string, unknown> {
  const places = [...entries, ...registries];
  return {
    to,
    stops: READINGS.filter((reading) => places.some(({ stops }) => stops.includes(reading))),
    entries: entries.map(({ entry, isExpired, stops }) => ({
      ...entryView(entry),
      expired: isExpired,
      stops,
    })),
    registries: registries.map(({ registry, isListed, stops }) => ({
      ...registryView(registry, now),
      listed: isListed,
      stops,
    })),
  };
}

/** Whether a number stands anywhere, expired entries included. */
export function isAnywhere({ entries, registries }: NumberStanding): boolean {
  return entries.length > 0 || registries.some(({ isListed }) => isListed);
}

export const rejectSchema = named('RejectedRow', object({ line: INTEGER, reason: TEXT }));

export const importSchema = named(
  'DoNotCallImport',
  object({
    id: ID,
    status: oneOf(['reading', 'listing', 'confirming', 'withdrawing', 'completed', 'failed']),
    failure: orNull(TEXT),
    progress: { ...NUMBER, minimum: 0, maximum: 1 },
    kind: KIND,
    campaign_id: orNull(ID),
    reason: orNull(TEXT),
    source: orNull(TEXT),
    expires_at: orNull(INSTANT),
    read: COUNT,
    added: COUNT,
    already_listed: COUNT,
    duplicates: COUNT,
    rejected: COUNT,
    rejects: list(rejectSchema),
    stopped: COUNT,
    in_flight: COUNT,
    created_at: INSTANT,
    completed_at: orNull(INSTANT),
  }),
);

export function importView(one: DoNotCallImport): Record<string, unknown> {
  return {
    id: one.id,
    status: one.status,
    failure: one.failure,
    progress: progressOf(one),
    kind: one.kind,
    campaign_id: one.campaignId,
    reason: one.reason,
    source: one.source,
    expires_at: one.expiresAt?.toISOString() ?? null,
    read: one.rowsRead,
    added: one.added,
    already_listed: one.alreadyListed,
    duplicates: one.duplicates,
    rejected: one.rejected,
    rejects: one.rejects.map(({ line, because }) => ({ line, reason: because })),
    stopped: one.stopped,
    in_flight: one.inFlight,
    created_at: one.createdAt.toISOString(),
    completed_at: one.completedAt?.toISOString() ?? null,
  };
}

/** Batches are listed, and then looked at again for calls that wait. */
function progressOf({ status, batches, batchesListed, batchesWithdrawn }: DoNotCallImport): number {
  if (status === 'completed') return 1;
  if (status === 'reading' || batches === 0) return 0;
  return Math.min(1, (Math.min(batchesListed, batches) + batchesWithdrawn) / (2 * batches));
}
