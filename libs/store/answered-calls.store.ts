import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Agent } from './agent.entity.js';
import { Attempt } from './attempt.entity.js';
import { Call } from './call.entity.js';
import { ScopedDatabase } from './scoped-database.js';

/** A call that was answered and may go on: its attempt's own, and not another one of it. */
export interface AdmittedCall {
  callId: string;
  attemptId: string;
  from: string | null;
  agent: Agent;
  maxDurationSeconds: number;
}

/** A call that somebody took, as its carrier tells of it. */
export interface AnsweredAt {
  /** The trunk whose carrier tells: of an attempt over another one it has nothing to say. */
  trunk: string;
  attemptId: string;
  /** The carrier's own id. */
  providerCallId: string;
}

/** The last gate: what an answered call is connected to, or that it is not to go on. */
@Injectable()
export class AnsweredCallsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Lets the first call of an attempt through, by the carrier's id of it: from then on that id is the attempt's. A second
   * call under the same attempt, one of an attempt that is over, and one that was cancelled meanwhile are not let through,
   * and may be asked about any number of times. An attempt whose end was told only of a call like its own is not over for
   * whoever picks up: a likeness ends no call.
   * @returns null when the call is to be hung up
   */
  async admit(environmentId: string, answered: AnsweredAt): Promise<AdmittedCall | null> {
    return this.database.within(environmentId, (manager) => admitIn(manager, answered));
  }

  /**
   * The same for the dialer, of a carrier whose word for the call names no environment.
   * @returns `nobodys` where there never was such an attempt: the call is another house's at the same carrier
   */
  async admitAnywhere(answered: AnsweredAt): Promise<AdmittedCall | null | 'nobodys'> {
    return this.database.everywhere(async (manager) => {
      const admitted = await admitIn(manager, answered);
      if (admitted !== null || (await manager.existsBy(Attempt, { id: answered.attemptId }))) return admitted;
      return 'nobodys';
    });
  }
}

async function admitIn(
  manager: EntityManager,
  { trunk, attemptId, providerCallId }: AnsweredAt,
): Promise<AdmittedCall | null> {
  const [admitted] = await manager.query<[{ id: string }[], number]>(
    `UPDATE attempts SET provider_call_id = $2
     WHERE id = $1 AND (status IN ('sending', 'placed', 'unknown') OR status = 'ended' AND end_surmised)
       AND coalesce(provider_call_id, $2) = $2 AND coalesce(trunk, $3) = $3
       AND EXISTS (SELECT FROM calls WHERE calls.id = attempts.call_id AND calls.cancel_requested_at IS NULL)
     RETURNING id`,
    [attemptId, providerCallId, trunk],
  );
  if (admitted.length === 0) return null;
  const attempt = await manager.findOneByOrFail(Attempt, { id: attemptId });
  const call = await manager.findOneByOrFail(Call, { id: attempt.callId });
  // As it is now: an agent that moved house while the phone rang is met at its new place.
  const agent = await manager.findOneByOrFail(Agent, { id: call.agentId });
  const { maxCallDurationSeconds: maxDurationSeconds } = agent;
  return { callId: call.id, attemptId, from: attempt.from, agent, maxDurationSeconds };
}
