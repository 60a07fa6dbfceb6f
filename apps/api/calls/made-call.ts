import type { FastifyReply } from 'fastify';
import { faultPoint } from '#environment/fault-point.js';
import type { JobQueue } from '#jobs/job-queue.js';
import type { AcceptedIntake } from '#store/new-calls.js';

/** The answer to a request for a call, and whether it was given before under the client's key. */
export interface MadeCall {
  body: unknown;
  isReplay: boolean;
}

/** After the commit, and best effort: what is not woken now is found by the feeder. */
export async function wake(jobs: JobQueue, { call, dueNow, deliveryIds }: AcceptedIntake): Promise<void> {
  faultPoint('after_intake');
  await Promise.all([
    dueNow ? jobs.offerDial({ callId: call.id, attempt: 1, offer: call.offers }) : null,
    jobs.deliverWebhooks(deliveryIds),
  ]);
}

/** The body to send, its header saying whether it was given before. */
export function answerMade(reply: FastifyReply, { body, isReplay }: MadeCall): unknown {
  if (isReplay) reply.header('idempotent-replayed', 'true');
  return body;
}
