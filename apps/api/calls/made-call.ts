import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { faultPoint } from '#environment/fault-point.js';
import type { Jobs } from '#jobs/job-catalog.js';
import { JobQueue } from '#jobs/job-queue.js';
import type { Call } from '#store/call.entity.js';
import type { AcceptedIntake } from '#store/new-calls.js';
import { Together } from '#store/together.js';

/** The answer to a request for a call, and the call that was taken in. */
export interface MadeCall {
  body: unknown;
  /** Null: it was taken in before, and answered so under the client's key. */
  taken: Call | null;
}

/** Wakes the dialer for calls that were taken in. */
@Injectable()
export class NewCallTickets {
  private readonly dials: Together<Jobs['dial'], boolean>;

  constructor(private readonly jobs: JobQueue) {
    // Calls that were taken in together are offered together.
    this.dials = new Together(
      async (tickets) => {
        const isTaken = await jobs.offerDials(tickets);
        return tickets.map(() => isTaken);
      },
      { most: 100, goes: 1 },
    );
  }

  /** After the commit, and best effort: what is not woken now is found by the feeder. */
  async wake({ call, dueNow, deliveryIds }: AcceptedIntake): Promise<void> {
    faultPoint('after_intake');
    await Promise.all([
      dueNow ? this.dials.do({ callId: call.id, attempt: 1, offer: call.offers }) : null,
      this.jobs.deliverWebhooks(deliveryIds),
    ]);
  }
}

/** The body to send, its header saying whether it was given before. */
export function answerMade(reply: FastifyReply, { body, taken }: MadeCall): unknown {
  if (taken === null) reply.header('idempotent-replayed', 'true');
  else reply.request.takenCall = taken;
  return body;
}
