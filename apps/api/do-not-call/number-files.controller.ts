import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { IsIn, IsOptional, IsString, IsUUID, Length, MaxLength } from 'class-validator';
import { DoNotCallImportsStore } from '#store/do-not-call-imports.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { answerOf, cursorPageOfThese } from '../openapi/answers.js';
import { Operation, Section } from '../openapi/operation.js';
import { COUNT, list, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';
import { CursorPageQuery, cursorPaginationView, pageOf } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { IsInstant } from '../rules.js';
import { FILE_TYPES, fileIn } from '../streamed-body.js';
import { validatedQuery } from '../validated.js';
import { importSchema, importView, rejectSchema } from './do-not-call-view.js';
import { ImportDoNotCall } from './import-do-not-call.js';
import { ScrubNumbers } from './scrub-numbers.js';

/** How a file is to be read. */
class FileQuery {
  /** Heading of the column with the numbers. */
  @IsOptional() @IsString() @Length(1, 255) column?: string;
  /** ISO 3166: where numbers without a leading `+` are at home. */
  @IsOptional() @IsString() @Length(2, 2) default_country?: string;
}

class ImportQuery extends FileQuery {
  @IsOptional() @IsIn(['opt_out', 'list']) kind?: 'opt_out' | 'list';
  @IsOptional() @IsUUID() campaign_id?: string;
  @IsOptional() @IsString() @MaxLength(500) reason?: string;
  @IsOptional() @IsString() @MaxLength(255) source?: string;
  @IsOptional() @IsInstant() expires_at?: string;
}

class ScrubQuery extends FileQuery {
  /** As this campaign reads the lists. */
  @IsOptional() @IsUUID() campaign_id?: string;
  /** Without a campaign: as one that reads this list. */
  @IsOptional() @IsIn(['environment', 'global']) list?: 'environment' | 'global';
}

const scrubSchema = named(
  'ScrubbedNumbers',
  object({
    read: COUNT,
    callable: COUNT,
    listed: COUNT,
    duplicates: COUNT,
    rejected: COUNT,
    rejects: list(rejectSchema),
    by: { type: 'object', additionalProperties: COUNT },
    out_of_date: list(object({ registry: TEXT, finding: TEXT })),
    numbers: list(
      object({
        to: TEXT,
        kind: oneOf(['opt_out', 'list']),
        list: oneOf(['environment', 'campaign', 'global', 'custom']),
        registry: orNull(TEXT),
      }),
    ),
  }),
);

@Section('Do not call')
@Controller('do-not-call')
@NeedsScope('do_not_call')
export class NumberFilesController {
  constructor(
    private readonly importDoNotCall: ImportDoNotCall,
    private readonly scrubNumbers: ScrubNumbers,
    private readonly imports: DoNotCallImportsStore,
  ) {}

  @Operation({
    id: 'importDoNotCall',
    does: 'Reads a file of numbers to its end, to be listed from then on: once the import is completed, no new dial to them begins that the list stops.',
    file: FILE_TYPES,
    query: ImportQuery,
    answer: answerOf(importSchema),
    refuses: ['campaignNotFound', 'importEnded'],
  })
  @Post('import')
  @HttpCode(202)
  async import(
    @CurrentCaller() { environmentId, actor }: Caller,
    @Query() parameters: unknown,
    @Body() body: unknown,
  ) {
    const query = validatedQuery(ImportQuery, parameters);
    const { kind = 'list', campaign_id: campaignId = null } = query;
    if (campaignId !== null && kind === 'opt_out') {
      throw errors.invalid({ campaign_id: ['An opt-out is for every campaign: the kind must be list.'] });
    }
    const order = {
      environmentId,
      campaignId,
      kind,
      reason: query.reason ?? null,
      source: query.source ?? null,
      expiresAt: query.expires_at === undefined ? null : new Date(query.expires_at),
    };
    const reading = { column: query.column, defaultCountry: query.default_country };
    const made = await this.importDoNotCall.run(actor, order, reading, fileIn(body));
    return { success: true, data: importView(made) };
  }

  @Operation({
    id: 'listDoNotCallImports',
    does: 'Lists imports, newest first.',
    query: CursorPageQuery,
    answer: cursorPageOfThese(importSchema),
  })
  @Get('imports')
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const page = await this.imports.list(environmentId, pageOf(validatedQuery(CursorPageQuery, parameters)));
    return {
      success: true,
      data: page.items.map(importView),
      pagination: cursorPaginationView(page, page.items.at(-1)?.id),
    };
  }

  @Operation({
    id: 'getDoNotCallImport',
    does: 'Shows how far an import has come.',
    answer: answerOf(importSchema),
    refuses: ['importNotFound'],
  })
  @Get('imports/:id')
  async get(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const { importNotFound } = errors;
    const one = await this.imports.find(environmentId, pathId(id, importNotFound));
    return { success: true, data: importView(found(one, importNotFound)) };
  }

  @Operation({
    id: 'scrubNumbers',
    does: 'Tells which of up to a million numbers may not be called, before they become calls.',
    file: FILE_TYPES,
    query: ScrubQuery,
    answer: answerOf(scrubSchema),
    refuses: ['campaignNotFound'],
  })
  @Post('scrub')
  @HttpCode(200)
  async scrub(@EnvironmentId() environmentId: string, @Query() parameters: unknown, @Body() body: unknown) {
    const query = validatedQuery(ScrubQuery, parameters);
    const { campaign_id: campaignId, list: source = 'environment' } = query;
    const reading = { column: query.column, defaultCountry: query.default_country };
    const reads = campaignId === undefined ? { source } : { campaignId };
    return {
      success: true,
      data: await this.scrubNumbers.run(environmentId, reads, reading, fileIn(body)),
    };
  }
}
