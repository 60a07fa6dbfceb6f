import type { WorkerOptions } from 'bullmq';

/**
 * Every job there is: the contract between the api, which offers, and the dialer, which works. A job is a ticket:
 * ids only, nothing personal, no authority. Lost, doubled, late or retried by hand, it breaks nothing.
 */
export interface Jobs {
  /** Dial this call, if its row says so. The offer's number makes the ticket's id new each time. */
  dial: { callId: string; attempt: number; offer: number };
  /** Apply this event of the inbox. */
  'carrier-events': { eventId: string };
  /** This delivery is owed: look at its endpoint. The wake's number makes the ticket's id new beside earlier ones. */
  webhooks: { deliveryId: string; wake: number };
}

export type QueueName = keyof Jobs;

export const QUEUE_NAMES = ['dial', 'carrier-events', 'webhooks'] as const satisfies QueueName[];

/** The id under which the queue keeps a ticket. An id still kept swallows a second ticket, hence the generations. */
export function ticketId<Name extends QueueName>(name: Name, ticket: Jobs[Name]): string {
  const ids: { [Key in QueueName]: (data: Jobs[Key]) => string } = {
    dial: ({ callId, attempt, offer }) => `${callId}-${attempt}-${offer}`,
    'carrier-events': ({ eventId }) => `event-${eventId}`,
    webhooks: ({ deliveryId, wake }) => `${deliveryId}-${wake}`,
  };
  return ids[name](ticket);
}

/**
 * How workers treat tickets. No retries and no second run of a stalled job: the row decides what happens next, and
 * the feeder offers again. Settled tickets are kept for a while for people to look at, and are then forgotten.
 */
export const WORKER_OPTIONS = {
  maxStalledCount: 0,
  // BullMQ waits 15 s by default before it looks again for a queue that refused the connection.
  runRetryDelay: 1_000,
  removeOnComplete: { age: 3600, count: 1000 },
  removeOnFail: { age: 24 * 3600, count: 1000 },
} satisfies Partial<WorkerOptions>;
