/** PostgreSQL and socket errors that mean: the store is away, or too busy to answer in time. */
const STORE_AWAY =
  /^(EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EPIPE|ETIMEDOUT|08...|57P0.|57014|53...|25P0[34])$/;

/**
 * What the driver and TypeORM say, without a code, of a connection or a pool that is gone. TypeORM takes a connection back
 * as soon as it breaks, between two queries of a transaction too: `already released`.
 */
const STORE_AWAY_WORDS =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|not queryable|query read timeout|end on the pool|already released/i;

/** Whether an error says that the database is away, or too busy: nothing about what was asked of it. */
export function isStoreAway(error: unknown): boolean {
  const { code, message, driverError } = (error ?? {}) as {
    code?: unknown;
    message?: unknown;
    driverError?: unknown;
  };
  if (typeof code === 'string' && STORE_AWAY.test(code)) return true;
  if (typeof message === 'string' && STORE_AWAY_WORDS.test(message)) {
    return true;
  }
  return driverError !== undefined && isStoreAway(driverError);
}
