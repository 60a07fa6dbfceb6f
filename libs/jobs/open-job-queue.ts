import { JobQueue } from './job-queue.js';
import { QueueConnection, redisPulse, type QueueAccess } from './queue-connection.js';
import { queueShards } from './queue-shard.js';

/**
 * The job queue for a command, outside a process of the house. Close it, or the command never ends.
 * @throws Error when the queue cannot be reached
 */
export async function openJobQueue(
  access: QueueAccess,
): Promise<{ jobs: JobQueue; close: () => Promise<void> }> {
  const connection = new QueueConnection(access);
  const redis = redisPulse(access);
  const jobs = new JobQueue(queueShards(connection, redis), redis);
  const letGo = () => {
    redis?.disconnect();
    connection.disconnect();
  };
  const close = async () => {
    await jobs.close();
    letGo();
  };
  try {
    await jobs.connected();
    if (!jobs.isReachable()) throw new Error('The queue cannot be reached.');
    return { jobs, close };
  } catch (error) {
    // A connection left open would keep the command from ending with what went wrong.
    await Promise.all(
      jobs
        .all()
        .flat()
        .map((queue) => queue.disconnect().catch(() => undefined)),
    );
    letGo();
    throw error;
  }
}
