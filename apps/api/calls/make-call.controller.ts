import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { idempotencyOf } from '../idempotency-key.js';
import { answerMade } from './made-call.js';
import { MakeCall, newCallSchema } from './make-call.js';
import { MakeCallBody, MakeCallOfAgentBody, readMakeCall } from './make-call.dto.js';
import { Operation, Section } from '../openapi/operation.js';
import type { OperationDescription } from '../openapi/operation.js';
import { answerOf } from '../openapi/answers.js';

const MAKING = {
  answer: answerOf(newCallSchema),
  refuses: [
    'agentNotFound',
    'missingPhoneNumber',
    'invalidPhoneNumber',
    'agentInactive',
    'insufficientCredits',
    'idempotencyKeyReused',
  ],
  scope: 'calls',
  takesIdempotencyKey: true,
} satisfies Partial<OperationDescription>;

/**
 * One call, on the path of its own page and on the one that other pages name. The use case asks for the scope itself:
 * an unknown agent is answered before a missing right.
 */
@Section('Calls')
@Controller()
@NeedsScope('none')
export class MakeCallController {
  constructor(private readonly makeCall: MakeCall) {}

  @Operation({
    id: 'makeCall',
    does: 'Makes one call of an agent, outside any campaign.',
    body: MakeCallBody,
    ...MAKING,
  })
  @Post('agents/:id/call')
  @HttpCode(200)
  async ofAgent(
    @CurrentCaller() caller: Caller,
    @Param('id') agentId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.make(caller, agentId, () => readMakeCall(MakeCallBody, body), request, reply);
  }

  @Operation({
    id: 'makeCallByBody',
    does: 'The same, with the agent in the body.',
    body: MakeCallOfAgentBody,
    ...MAKING,
  })
  @Post('calls')
  @HttpCode(200)
  async ofAgentInBody(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { agent_id: agentId } = (body ?? {}) as { agent_id?: unknown };
    if (typeof agentId !== 'string') throw errors.invalid({ agent_id: ['The agent_id field is required.'] });
    return this.make(caller, agentId, () => readMakeCall(MakeCallOfAgentBody, body), request, reply);
  }

  private async make(
    caller: Caller,
    agentId: string,
    readBody: () => MakeCallBody,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const readIdempotency = () => idempotencyOf(caller.environmentId, request);
    return answerMade(reply, await this.makeCall.run(caller, agentId, readBody, readIdempotency));
  }
}
