import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ArrayMaxSize, ArrayMinSize, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { toE164 } from '#policy/phone-number.js';
import { JobQueue } from '#jobs/job-queue.js';
import type { DoNotCallEntry } from '#store/do-not-call-entry.entity.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { PageQuery, pageOf, paginationView } from '../paging.js';
import { ArePhoneNumbers, IsInstant, IsPhoneNumberE164 } from '../rules.js';
import { inFlightView } from '../stop-receipt.js';
import { validated, validatedQuery } from '../validated.js';
import { Operation, Section } from '../openapi/operation.js';
import { COUNT, ID, INSTANT, list, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';
import { answerOf, DONE, pageOfThese, STOP_FIELDS } from '../openapi/answers.js';

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

  @IsOptional() @IsString() @MaxLength(500) reason?: string | null;
  @IsOptional() @IsString() @MaxLength(255) source?: string | null;
  @IsOptional() @IsInstant() expires_at?: string | null;
}

const entrySchema = named(
  'DoNotCallEntry',
  object({
    id: ID,
    to: TEXT,
    kind: oneOf(['opt_out', 'list']),
    campaign_id: orNull(ID),
    reason: orNull(TEXT),
    source: orNull(TEXT),
    expires_at: orNull(INSTANT),
    created_at: INSTANT,
  }),
);

const optOutReceiptSchema = named(
  'OptOutReceipt',
  object({ added: COUNT, already_listed: COUNT, ...STOP_FIELDS }),
);

@Section('Do not call')
@Controller('do-not-call')
@NeedsScope('do_not_call')
export class DoNotCallController {
  constructor(
    private readonly doNotCall: DoNotCallStore,
    private readonly jobs: JobQueue,
  ) {}

  /** Opts numbers out. Once this has answered, no new dial to them begins. */
  @Operation({
    id: 'addDoNotCall',
    does: 'Opts numbers out: once this has answered, no new dial to them begins.',
    body: AddDoNotCallBody,
    answer: answerOf(optOutReceiptSchema),
    refuses: ['stopNotConfirmed'],
  })
  @Post()
  async add(@CurrentCaller() { environmentId, actor }: Caller, @Body() body: unknown) {
    const request = validated(AddDoNotCallBody, body);
    const numbers = [
      ...new Set([...(request.to === undefined ? [] : [request.to]), ...(request.numbers ?? [])]),
    ];
    const normalised = [...new Set(numbers.map((number) => toE164(number) ?? number))];
    const receipt = await this.doNotCall.optOut(environmentId, actor, normalised, {
      reason: request.reason ?? null,
      source: request.source ?? null,
      expiresAt: typeof request.expires_at === 'string' ? new Date(request.expires_at) : null,
    });
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
    does: 'Lists the entries of all lists, newest first.',
    query: PageQuery,
    answer: pageOfThese(entrySchema),
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const page = await this.doNotCall.list(environmentId, pageOf(validatedQuery(PageQuery, parameters)));
    return { success: true, data: page.items.map(entryView), pagination: paginationView(page) };
  }

  @Operation({
    id: 'lookUpDoNotCall',
    does: 'Shows the entries of a number.',
    answer: answerOf(list(entrySchema)),
    refuses: ['notFound'],
  })
  @Get(':number')
  async get(@EnvironmentId() environmentId: string, @Param('number') number: string) {
    const entries = await this.doNotCall.entriesOf(environmentId, numberInPath(number));
    if (entries.length === 0) throw errors.notFound('This number is on no list of this environment.');
    return { success: true, data: entries.map(entryView) };
  }

  @Operation({
    id: 'removeDoNotCall',
    does: 'Takes a number off the lists: it may be called again.',
    answer: DONE,
    refuses: ['notFound'],
  })
  @Delete(':number')
  async remove(@CurrentCaller() { environmentId, actor }: Caller, @Param('number') number: string) {
    const removed = await this.doNotCall.remove(environmentId, actor, numberInPath(number));
    if (removed === 0) throw errors.notFound('This number is on no list of this environment.');
    return { success: true, message: 'The number may be called again.' };
  }
}

function numberInPath(number: string): string {
  const to = toE164(number);
  if (to === null) throw errors.notFound('This number is on no list of this environment.');
  return to;
}

function entryView(entry: DoNotCallEntry): Record<string, unknown> {
  return {
    id: entry.id,
    to: entry.to,
    kind: entry.kind,
    campaign_id: entry.campaignId,
    reason: entry.reason,
    source: entry.source,
    expires_at: entry.expiresAt?.toISOString() ?? null,
    created_at: entry.createdAt.toISOString(),
  };
}
