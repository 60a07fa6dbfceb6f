import type { EntityManager } from 'typeorm';

/** A client's key for one request, and what tells that request from another one under the same key. */
export interface IdempotentRequest {
  environmentId: string;
  /** Method and path. */
  route: string;
  key: string;
  /** Of the body. */
  fingerprint: string;
}

export type KeyState =
  /** The key is this request's own, until its transaction ends. */
  | { kind: 'new' }
  /** The request was answered before: this is the answer. */
  | { kind: 'answered'; body: unknown }
  /** The key stands for a request with another body. */
  | { kind: 'reused' };

/** A key is forgotten after this, and may then stand for something new. */
const KEPT = `interval '24 hours'`;

/**
 * Takes a key in the transaction of the request that it stands for. An equal request under way holds the row: this
 * waits until it has committed, and then finds its answer, or been rolled back, and then the key is free.
 */
export async function takeKey(
  manager: EntityManager,
  { environmentId, route, key, fingerprint }: IdempotentRequest,
): Promise<KeyState> {
  const taken = await manager.query<unknown[]>(
    `INSERT INTO idempotency_keys AS kept (environment_id, route, key, fingerprint) VALUES ($1, $2, $3, $4)
     ON CONFLICT (environment_id, route, key)
       DO UPDATE SET fingerprint = excluded.fingerprint, body = NULL, created_at = clock_timestamp()
       WHERE kept.created_at < clock_timestamp() - ${KEPT}
     RETURNING key`,
    [environmentId, route, key, fingerprint],
  );
  if (taken.length > 0) return { kind: 'new' };
  const [kept] = await manager.query<{ fingerprint: string; body: unknown }[]>(
    `SELECT fingerprint, body FROM idempotency_keys WHERE environment_id = $1 AND route = $2 AND key = $3`,
    [environmentId, route, key],
  );
  return kept?.fingerprint === fingerprint ? { kind: 'answered', body: kept.body } : { kind: 'reused' };
}

/** Keeps the answer under its key; null forgets the key, for an answer that is not to be given again. */
export async function keepAnswer(
  manager: EntityManager,
  { environmentId, route, key }: IdempotentRequest,
  body: unknown,
): Promise<void> {
  const statement =
    body === null
      ? `DELETE FROM idempotency_keys WHERE environment_id = $1 AND route = $2 AND key = $3`
      : `UPDATE idempotency_keys SET body = $4 WHERE environment_id = $1 AND route = $2 AND key = $3`;
  const values = [environmentId, route, key];
  await manager.query(statement, body === null ? values : [...values, JSON.stringify(body)]);
}

/** Forgets keys that have outlived their day. Returns how many. */
export async function forgetOldKeys(manager: EntityManager, limit: number): Promise<number> {
  const [, forgotten] = await manager.query<[unknown[], number]>(
    `DELETE FROM idempotency_keys WHERE ctid IN (
       SELECT ctid FROM idempotency_keys WHERE created_at < clock_timestamp() - ${KEPT} LIMIT $1)
       -- Again: in between, an old key may have been taken for something new.
       AND created_at < clock_timestamp() - ${KEPT}`,
    [limit],
  );
  return forgotten;
}
