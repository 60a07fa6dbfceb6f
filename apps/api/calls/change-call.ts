import { Injectable } from '@nestjs/common';
import { JobQueue } from '#jobs/job-queue.js';
import type { InFlight } from '#store/in-flight.js';
import { OperatorCallsStore, type Resolution } from '#store/operator-calls.store.js';
import type { Caller } from '#store/tokens.store.js';
import { Carriers } from '#telephony/carriers.js';
import { errors } from '../http-errors.js';

/** What people decide about one call. */
@Injectable()
export class ChangeCall {
  constructor(
    private readonly calls: OperatorCallsStore,
    private readonly carriers: Carriers,
    private readonly jobs: JobQueue,
  ) {}

  /** Stops the call; what is in flight is asked to hang up, which the carrier may or may not manage in time. */
  async cancel(caller: Caller, id: string): Promise<{ inFlight: InFlight; stopped: number }> {
    const result = await this.calls.cancel(caller.environmentId, caller.actor, id);
    switch (result.kind) {
      case 'not_found':
        throw errors.callNotFound();
      case 'already_ended':
        throw errors.callAlreadyEnded(result.call.status);
      case 'cancelled':
        await this.jobs.deliverWebhooks(result.deliveryIds);
        await Promise.all(result.inFlight.attempts.map((attempt) => this.carriers.hangUp(attempt)));
        return result;
    }
  }

  /** The client says that the call reached its goal: no retry follows. */
  async convert(caller: Caller, id: string): Promise<void> {
    const result = await this.calls.convert(caller.environmentId, caller.actor, id);
    switch (result.kind) {
      case 'not_found':
        throw errors.callNotFound();
      case 'not_dialled':
        throw errors.callNotDialled();
      case 'converted':
        await this.jobs.deliverWebhooks(result.deliveryIds);
    }
  }

  async resolve(
    { environmentId, actor }: Pick<Caller, 'environmentId' | 'actor'>,
    id: string,
    outcome: Resolution,
    note: string | null,
  ): Promise<void> {
    const deliveryIds = await this.calls.resolve({ environmentId, actor }, id, outcome, note);
    if (deliveryIds === null) throw errors.outcomeNotUnknown();
    await this.jobs.deliverWebhooks(deliveryIds);
  }
}
