import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { toE164 } from '#policy/phone-number.js';
import { JobQueue } from '#jobs/job-queue.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { RegistriesStore } from '#store/registries.store.js';
import { CursorPageQuery, cursorPaginationView, pageOf } from '../paging.js';
import { ArePhoneNumbers, IsInstant, IsPhoneNumberE164 } from '../rules.js';
import { inFlightView } from '../stop-receipt.js';
import { validated, validatedQuery } from '../validated.js';
import { Operation, Section } from '../openapi/operation.js';
import { COUNT, list, named, object } from '../openapi/schema.js';
import { answerOf, cursorPageOfThese, STOP_FIELDS, toldAnswerOf } from '../openapi/answers.js';
import {
  entrySchema,
  entryView,
  isAnywhere,
  registrySchema,
  registryView,
  standingSchema,
  standingView,
} from './do-not-call-view.js';

const KINDS = ['opt_out', 'list'] as const;
type Kind = (typeof KINDS)[number];

@JSONSchema({ anyOf: [{ required: ['to'] }, { required: ['numbers'] }] })
class AddDoNotCallBody {
  static readonly example = { to: '+12025550100', reason: 'Asked for on the phone.' };

  @ValidateIf(({ to, numbers }: AddDoNotCallBody) => to !== undefined || numbers === undefined)
  @IsPhoneNumberE164()
  to?: string;

  @ValidateIf(({ numbers }: AddDoNotCallBody) => numbers !== undefined)
  @ArePhoneNumbers()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  numbers?: string[];

  @IsOptional() @IsIn(KINDS) kind?: Kind;
  /** Onto the campaign's own list, which it reads where its source is `custom`. */
  @IsOptional() @IsUUID() campaign_id?: string | null;
  @IsOptional() @IsString() @MaxLength(500) reason?: string | null;
  @IsOptional() @IsString() @MaxLength(255) source?: string | null;
  @IsOptional() @IsInstant() expires_at?: string | null;
}

class EntryQuery extends CursorPageQuery {
  @IsOptional() @IsIn(KINDS) kind?: Kind;
  @IsOptional() @IsIn(['environment', 'campaign']) list?: 'environment' | 'campaign';
  @IsOptional() @IsUUID() campaign_id?: string;
  @IsOptional() @IsString() @MaxLength(255) source?: string;
}

class RemovalQuery {
  @IsOptional() @IsIn(KINDS) kind?: Kind;
  @IsOptional() @IsUUID() campaign_id?: string;
}

const receiptSchema = named(
  'DoNotCallReceipt',
  object({ added: COUNT, already_listed: COUNT, ...STOP_FIELDS }),
);

const removalSchema = named('DoNotCallRemoval', object({ removed: list(entrySchema), left: standingSchema }));

@Section('Do not call')
@Controller('do-not-call')
@NeedsScope('do_not_call')
export class DoNotCallController {
  constructor(
    private readonly doNotCall: DoNotCallStore,
    private readonly registries: RegistriesStore,
    private readonly jobs: JobQueue,
  ) {}

  @Operation({
    id: 'addDoNotCall',
    does: 'Lists numbers, as opt-outs unless told otherwise: once this has answered, no new dial to them begins that the list stops.',
    body: AddDoNotCallBody,
    answer: answerOf(receiptSchema),
    refuses: ['stopNotConfirmed', 'campaignNotFound'],
  })
  @Post()
  async add(@CurrentCaller() { environmentId, actor }: Caller, @Body() body: unknown) {
    const request = validated(AddDoNotCallBody, body);
    const { kind = 'opt_out', campaign_id: campaignId = null } = request;
    if (campaignId !== null && kind === 'opt_out')
      throw errors.invalid({ campaign_id: [OPT_OUT_IS_FOR_ALL] });
    const numbers = [...(request.to === undefined ? [] : [request.to]), ...(request.numbers ?? [])];
    const normalised = [...new Set(numbers.map((number) => toE164(number) ?? number))];
    const receipt = await this.doNotCall.add(environmentId, actor, normalised, {
      kind,
      campaignId,
      reason: request.reason ?? null,
      source: request.source ?? null,
      expiresAt: typeof request.expires_at === 'string' ? new Date(request.expires_at) : null,
    });
    if (receipt === null) throw errors.campaignNotFound();
    await this.jobs.deliverWebhooks(receipt.deliveryIds);
    const { added, stopped, inFlight } = receipt;
    return {
      success: true,
      data: {
        added,
        already_listed: normalised.length - added,
        stopped,
        ...inFlightView(inFlight),
      },
    };
  }

  @Operation({
    id: 'listDoNotCall',
    does: 'Lists the entries of the environment and of its campaigns, newest first.',
    query: EntryQuery,
    answer: cursorPageOfThese(entrySchema),
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const { campaign_id: campaignId, ...query } = validatedQuery(EntryQuery, parameters);
    const page = await this.doNotCall.list(environmentId, { ...query, campaignId }, pageOf(query));
    return {
      success: true,
      data: page.items.map(entryView),
      pagination: cursorPaginationView(page, page.items.at(-1)?.id),
    };
  }

  @Operation({
    id: 'listDoNotCallRegistries',
    does: 'Lists the registries that the environment is to obey, with the age of each.',
    answer: answerOf(list(registrySchema)),
  })
  @Get('registries')
  async listRegistries(@EnvironmentId() environmentId: string) {
    const { now, registries } = await this.registries.ofEnvironment(environmentId);
    return { success: true, data: registries.map((registry) => registryView(registry, now)) };
  }

  @Operation({
    id: 'lookUpDoNotCall',
    does: 'Shows where a number stands, registries and the global list included, and whose calls that stops.',
    answer: answerOf(standingSchema),
    refuses: ['notFound'],
  })
  @Get(':number')
  async get(@EnvironmentId() environmentId: string, @Param('number') number: string) {
    const to = numberInPath(number);
    const standing = await this.doNotCall.lookUp(environmentId, to);
    if (!isAnywhere(standing)) throw errors.notFound(NOT_LISTED);
    return { success: true, data: standingView(to, standing) };
  }

  @Operation({
    id: 'removeDoNotCall',
    does: 'Takes a number off the list of the environment, or of one campaign, and says where it stands all the same.',
    query: RemovalQuery,
    answer: toldAnswerOf(removalSchema),
    refuses: ['notFound'],
  })
  @Delete(':number')
  async remove(
    @CurrentCaller() { environmentId, actor }: Caller,
    @Param('number') number: string,
    @Query() parameters: unknown,
  ) {
    const { kind, campaign_id: campaignId } = validatedQuery(RemovalQuery, parameters);
    const to = numberInPath(number);
    const { removed, left } = await this.doNotCall.remove(environmentId, actor, to, { kind, campaignId });
    if (removed.length === 0) throw errors.notFound(NOT_LISTED);
    const standing = standingView(to, left);
    const message = isAnywhere(left)
      ? 'It is removed, and listed elsewhere.'
      : 'The number may be called again.';
    return { success: true, message, data: { removed: removed.map(entryView), left: standing } };
  }
}

const NOT_LISTED = 'This number is on no list of this environment.';
const OPT_OUT_IS_FOR_ALL = 'An opt-out is for every campaign: the kind must be list.';

function numberInPath(number: string): string {
  const to = toE164(number);
  if (to === null) throw errors.notFound(NOT_LISTED);
  return to;
}
