import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ACTIVE_STATES } from '#policy/call-lifecycle.js';
import { toE164 } from '#policy/phone-number.js';
import { AgentsStore } from '#store/agents.store.js';
import { CallReadingStore, type ReadCall } from '#store/call-reading.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { cursorPaginationView, pageOf } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { validated, validatedQuery } from '../validated.js';
import { callOfAgentSchema, callView } from './call-view.js';
import { AgentCallsQuery, EndCallBody } from './call.dto.js';
import { ChangeCall } from './change-call.js';
import { Operation, Section } from '../openapi/operation.js';
import { always, COUNT, ID, INSTANT, list, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';
import { answerOf, cursorPageOfThese } from '../openapi/answers.js';

const activeCallSchema = named(
  'ActiveCall',
  object({
    id: ID,
    agent_id: ID,
    to: TEXT,
    status: oneOf(ACTIVE_STATES),
    started_at: orNull(INSTANT),
    duration_seconds: COUNT,
  }),
);

const endedCallSchema = named(
  'EndedCall',
  object({ id: ID, status: always('completed'), ended_at: INSTANT, ended_reason: always('ended_by_api') }),
);

/** The calls of one agent. */
@Section('Calls')
@Controller('agents/:id')
@NeedsScope('calls')
export class AgentCallsController {
  constructor(
    private readonly agents: AgentsStore,
    private readonly calls: CallReadingStore,
    private readonly changeCall: ChangeCall,
  ) {}

  @Operation({
    id: 'listCallsOfAgent',
    does: 'Lists the calls of an agent, newest first.',
    query: AgentCallsQuery,
    answer: cursorPageOfThese(callOfAgentSchema),
    refuses: ['agentNotFound'],
  })
  @Get('calls')
  async list(@EnvironmentId() environmentId: string, @Param('id') id: string, @Query() parameters: unknown) {
    const agentId = await this.agentId(environmentId, id);
    const query = validatedQuery(AgentCallsQuery, parameters);
    const { status, date_from: dateFrom, date_to: dateTo, search, direction } = query;
    const filter = { agentId, status, dateFrom, dateTo, search, direction };
    const page = await this.calls.list(environmentId, filter, pageOf(query));
    return {
      success: true,
      data: page.items.map(withoutAgent),
      pagination: cursorPaginationView(page, page.items.at(-1)?.call.id),
    };
  }

  /** Calls under way to a number: at most one, for nobody is in two calls of an environment at once. */
  @Operation({
    id: 'getActiveCall',
    does: 'Shows the call of an agent that is under way to a number.',
    answer: answerOf(list(activeCallSchema)),
    refuses: ['agentNotFound', 'callNotFound'],
  })
  @Get('active-call/:phone')
  async active(
    @EnvironmentId() environmentId: string,
    @Param('id') id: string,
    @Param('phone') phone: string,
  ) {
    const agentId = await this.agentId(environmentId, id);
    const to = toE164(phone);
    const active: ReadCall[] = [];
    for (const status of to === null ? [] : ACTIVE_STATES) {
      const page = await this.calls.list(environmentId, { agentId, to: to ?? '', status }, ALL);
      active.push(...page.items);
    }
    if (active.length === 0) throw errors.callNotFound();
    return {
      success: true,
      data: await Promise.all(active.map((read) => this.activeView(environmentId, read))),
    };
  }

  /** Hangs up, without waiting for the carrier: the end is told by a webhook, as any other. */
  @Operation({
    id: 'endCall',
    does: 'Hangs up a call that is under way.',
    body: EndCallBody,
    answer: answerOf(endedCallSchema),
    refuses: ['agentNotFound', 'callNotFound', 'callNotActive', 'callAlreadyEnded', 'stopNotConfirmed'],
  })
  @Post('end-call')
  @HttpCode(200)
  async end(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: unknown) {
    const { environmentId } = caller;
    const agentId = await this.agentId(environmentId, id);
    const { call_sid: callId } = validated(EndCallBody, body);
    const { call } = found(
      await this.calls.find(environmentId, pathId(callId, errors.callNotFound)),
      errors.callNotFound,
    );
    if (call.agentId !== agentId) throw errors.callNotFound();
    if (!ACTIVE_STATES.some((state) => state === call.status)) throw errors.callNotActive(call.status);
    await this.changeCall.cancel(caller, callId);
    const data = {
      id: callId,
      status: 'completed',
      ended_at: new Date().toISOString(),
      ended_reason: 'ended_by_api',
    };
    return { success: true, data };
  }

  private async activeView(
    environmentId: string,
    { call, status }: ReadCall,
  ): Promise<Record<string, unknown>> {
    const latest = (await this.calls.attemptsOf(environmentId, call.id)).at(-1);
    const answeredAt = latest?.answeredAt ?? null;
    const talkedMs = answeredAt === null ? 0 : Math.max(0, Date.now() - answeredAt.getTime());
    return {
      id: call.id,
      agent_id: call.agentId,
      to: call.to,
      status,
      started_at: latest?.sendingAt?.toISOString() ?? null,
      duration_seconds: Math.floor(talkedMs / 1000),
    };
  }

  private async agentId(environmentId: string, id: string): Promise<string> {
    const agent = await this.agents.find(environmentId, pathId(id, errors.agentNotFound));
    return found(agent, errors.agentNotFound).id;
  }
}

/** More than ever are under way to one number. */
const ALL = { number: 1, size: 100 };

function withoutAgent(read: ReadCall): Record<string, unknown> {
  const { agent, ...view } = callView(read, undefined);
  return view;
}
