import { Queue } from 'bullmq';
import { QUEUE_NAMES, type QueueName } from './job-catalog.js';
import { JobQueue } from './job-queue.js';
import { queueOptions, redisPulse, type QueueAccess } from './queue-connection.js';

/**
 * The job queue for a command, outside a process of the house. Close it, or the command never ends.
 * @throws Error when the queue cannot be reached
 */
export async function openJobQueue(
  access: QueueAccess,
): Promise<{ jobs: JobQueue; close: () => Promise<void> }> {
  const options = queueOptions(access);
  const queues = Object.fromEntries(QUEUE_NAMES.map((name) => [name, new Queue(name, options)]));
  // What goes wrong is told by the question that failed.
  for (const queue of Object.values(queues)) queue.on('error', () => undefined);
  const redis = redisPulse(access);
  const jobs = new JobQueue(queues as Record<QueueName, Queue>, redis, access.prefix);
  const close = async () => {
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    redis?.disconnect();
  };
  try {
    await jobs.connected();
    if (!jobs.isReachable()) throw new Error('The queue cannot be reached.');
    return { jobs, close };
  } catch (error) {
    // A connection left open would keep the command from ending with what went wrong.
    await Promise.all(Object.values(queues).map((queue) => queue.disconnect().catch(() => undefined)));
    redis?.disconnect();
    throw error;
  }
}
