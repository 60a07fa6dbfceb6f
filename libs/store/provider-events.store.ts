import { Injectable } from '@nestjs/common';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { ScopedDatabase } from './scoped-database.js';

/** What the inbox keeps of a callback or a look-up. */
export interface InboxEntry {
  /** The carrier's id of the event; each is taken once. */
  eventKey: string;
  attemptId: string;
  event: CarrierEvent;
}

/** The inbox of carrier events. */
@Injectable()
export class ProviderEventsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Keeps what is new. Returns the ids of the new entries; the rest was known. */
  async recordOnce(provider: string, entries: InboxEntry[]): Promise<string[]> {
    const rows = await this.database.atGate('', (manager) =>
      manager.query<{ id: string }[]>(
        `INSERT INTO provider_events (provider, event_key, attempt_id, event)
       SELECT $1, entry->>'eventKey', (entry->>'attemptId')::uuid, entry->'event'
       FROM jsonb_array_elements($2::jsonb) AS entry
       ON CONFLICT ON CONSTRAINT provider_events_once DO NOTHING
       RETURNING id`,
        [provider, JSON.stringify(entries)],
      ),
    );
    return rows.map(({ id }) => id);
  }

  /** Attempts with entries that nobody has applied for `olderThanMs`: their wake-up was lost. */
  async unapplied(olderThanMs: number, limit: number): Promise<string[]> {
    const rows = await this.database.everywhere((manager) =>
      manager.query<{ attempt_id: string }[]>(
        `SELECT DISTINCT attempt_id FROM (
         SELECT attempt_id FROM provider_events
         WHERE applied_at IS NULL AND received_at < clock_timestamp() - $1 * interval '1 millisecond'
         ORDER BY received_at LIMIT $2
       ) AS waiting`,
        [olderThanMs, limit],
      ),
    );
    return rows.map((row) => row.attempt_id);
  }
}
