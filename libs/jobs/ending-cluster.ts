import type { Cluster } from 'ioredis';

/** By this BullMQ knows an error that only says what it has seen itself. */
const CLOSED = 'Connection is closed.';

/** A cluster that is let go of and has no connection has nothing that could end, and nobody would hear of its end. */
const ENDS_WITHIN_MS = 1_000;

/**
 * Has a cluster that is let go of end, say so, and stay ended until it is told to connect. BullMQ waits for that end for good:
 * without it a worker would neither work again nor stop, and a command never exit. Of ioredis 6.0 one cannot be sure:
 *
 * - It goes back from `end` to `close` as the last of its connections end, those to a master that is away some moments after
 *   the others.
 * - Let go of between two attempts to connect, it waits for connections to end that it does not have.
 * - Let go of while it reads the slots, it comes back by itself once it has them, or goes on trying to; and whoever told it to
 *   connect never hears of either.
 *
 * @param retryPauseMs until it tries to connect once more, where it was not let go of
 */
export function ending(cluster: Cluster, retryPauseMs: (attempt: number) => number): Cluster {
  const [connect, disconnect, quit, duplicate] = [
    cluster.connect.bind(cluster),
    cluster.disconnect.bind(cluster),
    cluster.quit.bind(cluster),
    cluster.duplicate.bind(cluster),
  ];
  let isLetGo = false;
  let hasEnded = false;
  const end = () => {
    cluster.status = 'end';
    cluster.emit('end');
  };
  cluster.on('connecting', () => (hasEnded = false));
  cluster.on('end', () => (hasEnded = true));
  cluster.on('close', () => {
    if (hasEnded && cluster.status === 'close') cluster.status = 'end';
  });
  cluster.on('connect', () => isLetGo && disconnect());
  cluster.options.clusterRetryStrategy = (attempt) => (isLetGo ? null : retryPauseMs(attempt));
  cluster.connect = () => {
    // Somebody else may wait for the end still.
    if (isLetGo && !hasEnded) end();
    isLetGo = false;
    return untilEnd(cluster, connect());
  };
  cluster.disconnect = (reconnect = false) => {
    disconnect(reconnect);
    if (reconnect) return;
    isLetGo = true;
    const timer = setTimeout(() => isLetGo && !hasEnded && end(), ENDS_WITHIN_MS);
    cluster.once('end', () => clearTimeout(timer));
  };
  cluster.quit = (...words) => {
    isLetGo = true;
    return quit(...words);
  };
  // BullMQ makes the connections by it that workers wait on.
  cluster.duplicate = (...words) => ending(duplicate(...words), retryPauseMs);
  return cluster;
}

/** What is awaited of a cluster, which fails when that ends before. */
function untilEnd(cluster: Cluster, awaited: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      // What was said of the end before that comes a moment later.
      if (cluster.status !== 'end') return;
      cluster.off('end', fail);
      reject(new Error(CLOSED));
    };
    cluster.on('end', fail);
    void awaited.then(resolve, reject).finally(() => cluster.off('end', fail));
  });
}
