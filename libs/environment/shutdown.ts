/**
 * Ends the process cleanly on SIGTERM or SIGINT: what is in hand is finished, then it exits with 0. A second signal
 * changes nothing; `close` bounds its own time.
 */
export function shutDownOnSignals(close: () => Promise<void>, report: (error: unknown) => void): void {
  let closing = false;
  const shutDown = () => {
    if (closing) return;
    closing = true;
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        report(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);
}

/** Starts a process, or says in one line why it cannot and exits with 1: a taken port, a database that is away. */
export async function exitOnFailedStart(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(
      `${reasonOf(error as NodeJS.ErrnoException & { port?: number; errors?: Error[] })}\n`,
    );
    process.exit(1);
  }
}

function reasonOf(error: NodeJS.ErrnoException & { port?: number; errors?: Error[] }): string {
  if (error.code === 'EADDRINUSE') return `Port ${error.port} is taken by another process.`;
  // Node reports one failure for each address of a host, and an empty message for all of them together.
  const message = error.message === '' ? (error.errors?.[0]?.message ?? error.code) : error.message;
  return `Cannot start: ${message}`;
}

/**
 * A socket that broke, or a server that ended a connection: it went away (PostgreSQL classes 57P and 08), or a
 * transaction stood still for too long (25P03, 25P04).
 */
const BROKEN_CONNECTION = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|57P0.|08...|25P0[34])$/;

/**
 * Keeps a store that goes away from taking the process with it. A database client that is checked out, or still
 * connecting, reports the loss as an event that libraries do not always listen for; whoever used it learns of it
 * anyway, and the pools connect again. Any other error that nobody caught ends the process.
 */
export function surviveBrokenConnections(report: (error: unknown) => void): void {
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    report(error);
    const broken = BROKEN_CONNECTION.test(error.code ?? '') || /connection terminated/i.test(error.message);
    if (!broken) process.exit(1);
  });
}
