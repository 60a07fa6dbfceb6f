import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { toE164 } from '#policy/phone-number.js';
import { CallReadingStore } from '#store/call-reading.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { cursorPaginationView, pageOf } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { inFlightView } from '../stop-receipt.js';
import { validated, validatedQuery } from '../validated.js';
import { callSchema, callView, TOLD_STATUSES, wholeCallSchema, wholeCallView } from './call-view.js';
import { ListCallsQuery, ResolveCallBody, UpdateCallBody } from './call.dto.js';
import { ChangeCall } from './change-call.js';
import { Operation, Section } from '../openapi/operation.js';
import { ID, named, object, oneOf } from '../openapi/schema.js';
import { answerOf, cursorPageOfThese, STOP_FIELDS, toldAnswerOf } from '../openapi/answers.js';

const cancelledCallSchema = named(
  'CancelledCall',
  object({ id: ID, status: oneOf(TOLD_STATUSES), ...STOP_FIELDS }),
);

@Section('Calls')
@Controller('calls')
@NeedsScope('calls')
export class CallsController {
  constructor(
    private readonly calls: CallReadingStore,
    private readonly changeCall: ChangeCall,
  ) {}

  @Operation({
    id: 'listCalls',
    does: 'Lists calls, newest first.',
    query: ListCallsQuery,
    answer: cursorPageOfThese(callSchema),
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const query = validatedQuery(ListCallsQuery, parameters);
    const {
      status,
      agent_id: agentId,
      campaign_id: campaignId,
      date_from: dateFrom,
      date_to: dateTo,
      search,
    } = query;
    const to = query.to === undefined ? undefined : (toE164(query.to) ?? query.to);
    const filter = { status, agentId, campaignId, to, dateFrom, dateTo, search, direction: query.direction };
    const page = await this.calls.list(environmentId, filter, pageOf(query));
    const agents = await this.calls.agentsOf(environmentId, page.items);
    const data = page.items.map((read) => callView(read, agents.get(read.call.agentId)));
    return { success: true, data, pagination: cursorPaginationView(page, page.items.at(-1)?.call.id) };
  }

  @Operation({
    id: 'getCall',
    does: 'Shows a call with its attempts and with what the rules said.',
    answer: answerOf(wholeCallSchema),
    refuses: ['callNotFound'],
  })
  @Get(':id')
  async get(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const read = found(
      await this.calls.find(environmentId, pathId(id, errors.callNotFound)),
      errors.callNotFound,
    );
    const agents = await this.calls.agentsOf(environmentId, [read]);
    const attempts = await this.calls.attemptsOf(environmentId, read.call.id);
    return { success: true, data: wholeCallView(read, agents.get(read.call.agentId), attempts) };
  }

  /** Once this has answered, no new dial of the call begins. */
  @Operation({
    id: 'cancelCall',
    does: 'Cancels a call: once this has answered, no new dial of it begins.',
    answer: toldAnswerOf(cancelledCallSchema),
    refuses: ['callNotFound', 'callAlreadyEnded', 'stopNotConfirmed'],
  })
  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const callId = pathId(id, errors.callNotFound);
    found(await this.calls.find(caller.environmentId, callId), errors.callNotFound);
    const { inFlight, stopped } = await this.changeCall.cancel(caller, callId);
    const read = found(await this.calls.find(caller.environmentId, callId), errors.callNotFound);
    const data = { id: callId, status: read.status, ...inFlightView(inFlight), stopped };
    return { success: true, message: 'The call is cancelled.', data };
  }

  /** Reports what the carrier cannot know: that the call reached its goal. */
  @Operation({
    id: 'updateCall',
    does: 'Reports that a call reached its goal.',
    body: UpdateCallBody,
    answer: answerOf(wholeCallSchema),
    refuses: ['callNotFound', 'callNotDialled'],
  })
  @Patch(':id')
  async update(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: unknown) {
    const callId = pathId(id, errors.callNotFound);
    found(await this.calls.find(caller.environmentId, callId), errors.callNotFound);
    validated(UpdateCallBody, body);
    await this.changeCall.convert(caller, callId);
    return this.get(caller.environmentId, callId);
  }

  /** Gives a call of unknown outcome the one that somebody found out. */
  @Operation({
    id: 'resolveCall',
    does: 'Gives a call of unknown outcome the one that somebody found out.',
    body: ResolveCallBody,
    answer: answerOf(wholeCallSchema),
    refuses: ['callNotFound', 'outcomeNotUnknown'],
  })
  @Post(':id/resolve')
  @HttpCode(200)
  async resolve(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: unknown) {
    const callId = pathId(id, errors.callNotFound);
    found(await this.calls.find(caller.environmentId, callId), errors.callNotFound);
    const { outcome, note = null } = validated(ResolveCallBody, body);
    await this.changeCall.resolve(caller, callId, outcome, note);
    return this.get(caller.environmentId, callId);
  }
}
