import { Injectable } from '@nestjs/common';
import { toE164 } from '#policy/phone-number.js';
import { AgentsStore } from '#store/agents.store.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import type { AcceptedIntake } from '#store/new-calls.js';
import type { IdempotentRequest } from '#store/idempotency.js';
import type { Caller } from '#store/tokens.store.js';
import { hasScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { ID, INSTANT, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';
import { pathId } from '../path-id.js';
import type { MakeCallBody } from './make-call.dto.js';
import { NewCallTickets, type MadeCall } from './made-call.js';

/**
 * Takes in one call of an agent, outside any campaign. The order of checks is that of campaign calls: agent (404), the
 * right to place calls (403), the number (400), the body (422), the client's key (422), the agent's status (400).
 */
@Injectable()
export class MakeCall {
  constructor(
    private readonly agents: AgentsStore,
    private readonly intake: CallIntakeStore,
    private readonly tickets: NewCallTickets,
  ) {}

  async run(
    caller: Caller,
    agentId: string,
    readBody: () => MakeCallBody,
    readIdempotency: () => IdempotentRequest | null,
  ): Promise<MadeCall> {
    const { environmentId } = caller;
    const nobody = () => errors.agentNotFound({ agent_id: agentId });
    if ((await this.agents.find(environmentId, pathId(agentId, nobody))) === null) throw nobody();
    if (!hasScope(caller, 'calls')) throw errors.forbidden();
    const request = readBody();
    const call = {
      environmentId,
      agentId,
      to: toE164(request.to) ?? request.to,
      timezone: request.timezone ?? null,
      payload: request.payload ?? {},
      context: request.context ?? {},
      isTesting: request.is_testing ?? false,
      delaySeconds: request.delay_seconds ?? 0,
    };
    const result = await this.intake.acceptDirect(call, readIdempotency(), madeCallView);
    switch (result.kind) {
      case 'accepted':
        await this.tickets.wake(result);
        return { body: madeCallView(result), taken: result.call };
      case 'replayed':
        return { body: result.body, taken: null };
      case 'key_reused':
        throw errors.idempotencyKeyReused();
      case 'agent_not_published':
        throw errors.agentInactive();
      case 'no_credits':
        throw errors.insufficientCredits();
      case 'not_active':
        // Its hidden campaign is closed with the agent, which was deleted since it was looked for.
        throw nobody();
      case 'duplicate':
        throw new Error('A direct call stands outside the duplicate rule.');
    }
  }
}

export const newCallSchema = named(
  'NewCall',
  object(
    {
      id: ID,
      agent_id: ID,
      to: TEXT,
      status: oneOf(['initiated', 'blocked']),
      scheduled_at: orNull(INSTANT),
      created_at: INSTANT,
    },
    { blocked_reason: TEXT },
  ),
);

/** `initiated` is the contract's word for a call that was taken in, whether it is due or delayed. */
function madeCallView({ call }: AcceptedIntake): Record<string, unknown> {
  const blocked = call.status === 'blocked';
  return {
    success: true,
    data: {
      id: call.id,
      agent_id: call.agentId,
      to: call.to,
      status: blocked ? 'blocked' : 'initiated',
      ...(blocked ? { blocked_reason: call.reason } : {}),
      scheduled_at: call.nextAttemptAt?.toISOString() ?? null,
      created_at: call.createdAt.toISOString(),
    },
  };
}
