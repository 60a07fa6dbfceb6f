import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { PhoneNumbersStore } from '#store/phone-numbers.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { found, pathId } from '../path-id.js';
import { validated, validatedQuery } from '../validated.js';
import {
  phoneNumberSchema,
  phoneNumberView,
  releaseRequestSchema,
  releaseRequestView,
} from './phone-number-view.js';
import { ListPhoneNumbersQuery, RequestReleaseBody } from './phone-number.dto.js';
import { Operation, Section } from '../openapi/operation.js';
import { list } from '../openapi/schema.js';
import { answerOf, DONE, toldAnswerOf } from '../openapi/answers.js';

/** The numbers an environment calls from. The operator adds and retires them; a customer may ask to give one back. */
@Section('Phone numbers')
@Controller('phone-numbers')
@NeedsScope('agents')
export class PhoneNumbersController {
  constructor(private readonly numbers: PhoneNumbersStore) {}

  @Operation({
    id: 'listPhoneNumbers',
    does: 'Lists the numbers that the environment calls from.',
    query: ListPhoneNumbersQuery,
    answer: answerOf(list(phoneNumberSchema)),
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const query = validatedQuery(ListPhoneNumbersQuery, parameters);
    const { type, has_voice: hasVoice, has_whatsapp: hasWhatsapp, search } = query;
    const numbers = await this.numbers.list(environmentId, { type, hasVoice, hasWhatsapp, search });
    return { success: true, data: numbers.map(phoneNumberView) };
  }

  @Operation({
    id: 'listReleaseRequests',
    does: 'Lists what was asked to be given back.',
    answer: answerOf(list(releaseRequestSchema)),
  })
  @Get('release-requests')
  async releases(@EnvironmentId() environmentId: string) {
    const releases = await this.numbers.releases(environmentId);
    return { success: true, data: releases.map(releaseRequestView) };
  }

  @Operation({
    id: 'requestRelease',
    does: 'Asks the operator to take a number back.',
    body: RequestReleaseBody,
    answer: toldAnswerOf(releaseRequestSchema),
    refuses: ['phoneNumberNotFound', 'phoneNumberInUse', 'releaseAlreadyPending'],
  })
  @Post(':id/request-release')
  async askRelease(@EnvironmentId() environmentId: string, @Param('id') id: string, @Body() body: unknown) {
    const number = found(
      await this.numbers.find(environmentId, pathId(id, errors.phoneNumberNotFound)),
      errors.phoneNumberNotFound,
    );
    const { reason } = validated(RequestReleaseBody, body);
    const asked = await this.numbers.askRelease(environmentId, number.id, reason);
    switch (asked.kind) {
      case 'not_found':
        throw errors.phoneNumberNotFound();
      case 'already_pending':
        throw errors.releaseAlreadyPending();
      case 'not_active':
        throw errors.invalid({ id: ['The phone number is not active any more.'] });
      case 'in_use':
        throw errors.phoneNumberInUse();
      case 'asked': {
        const message = 'The release is asked for. The number stays until the operator grants it.';
        return { success: true, message, data: releaseRequestView(asked.release) };
      }
    }
  }

  @Operation({
    id: 'cancelReleaseRequest',
    does: 'Withdraws such a request.',
    answer: DONE,
    refuses: ['releaseRequestNotFound', 'releaseAlreadyResolved'],
  })
  @Delete('release-requests/:id')
  async cancelRelease(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const result = await this.numbers.cancelRelease(environmentId, pathId(id, errors.releaseRequestNotFound));
    if (result === null) throw errors.releaseRequestNotFound();
    if (result === 'already_resolved') throw errors.releaseAlreadyResolved();
    return { success: true, message: 'The release request is cancelled.' };
  }
}
