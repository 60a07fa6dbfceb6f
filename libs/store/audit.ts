import type { EntityManager } from 'typeorm';

/** What people did that a rule would not have done by itself, and what rules switched off that people had made. */
export type AuditedAction =
  | 'admin.changed'
  | 'admin.locked_out'
  | 'admin.logged_in'
  | 'admin.logged_out'
  | 'admin.login_failed'
  | 'admin.unlocked'
  | 'call.cancelled'
  | 'call.converted'
  | 'campaign.changed'
  | 'campaign.deleted'
  | 'campaign.status_changed'
  | 'contacts.import_cancelled'
  | 'contacts.import_undone'
  | 'contacts.imported'
  | 'credits.added'
  | 'credits.rated'
  | 'credits.set'
  | 'do_not_call.added'
  | 'do_not_call.imported'
  | 'do_not_call.removed'
  | 'do_not_call_registry.attached'
  | 'do_not_call_registry.changed'
  | 'do_not_call_registry.created'
  | 'do_not_call_registry.detached'
  | 'do_not_call_registry.dropped'
  | 'do_not_call_registry.imported'
  | 'environment.changed'
  | 'person.erased'
  | 'phone_number.added'
  | 'phone_number.retired'
  | 'queue.rebuilt'
  | 'release.rejected'
  | 'restore.quarantined'
  | 'token.created'
  | 'token.revoked'
  | 'token.rotated'
  | 'trunk.woken'
  | 'unknown.resolved'
  | 'webhook.changed'
  | 'webhook.created'
  | 'webhook.deleted'
  | 'webhook.disabled'
  | 'webhook.replayed'
  | 'webhook.retried'
  | 'webhook.secret_rotated';

export interface AuditEntry {
  /** Null for what concerns every environment. */
  environmentId: string | null;
  /**
   * `token:<id>` for the API, `admin:<name>` for who is logged in at the admin port (`admin` alone for who is not), `cli` for
   * an operator at a machine, `dialer` for what a rule switched off.
   */
  actor: string;
  action: AuditedAction;
  subjectId: string | null;
  /** Ids, words and counts; never a number or a payload. */
  detail: Record<string, unknown>;
}

/**
 * Writes down who did what, in the transaction that did it. Entries are never changed, and sealed soon after: see
 * `audit-seals.store.ts`.
 */
export async function audit(manager: EntityManager, entry: AuditEntry): Promise<void> {
  await manager.query(
    `INSERT INTO audit_log (environment_id, actor, action, subject_id, detail) VALUES ($1, $2, $3, $4, $5)`,
    [entry.environmentId, entry.actor, entry.action, entry.subjectId, entry.detail],
  );
}
