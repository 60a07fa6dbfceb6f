import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { IsIn, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ERROR_FORMATS, type ErrorFormat } from '#number-files/error-file.js';
import { ContactImportsStore, type ContactImport, type EndResult } from '#store/contact-imports.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import { answerOf, cursorPageOfThese } from '../openapi/answers.js';
import { Operation, Section } from '../openapi/operation.js';
import { TEXT } from '../openapi/schema.js';
import { CursorPageQuery, cursorPaginationView, pageOf } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { CONTACT_FILE_TYPES, fileIn } from '../streamed-body.js';
import { validatedQuery } from '../validated.js';
import { ContactErrors } from './contact-errors.js';
import { contactImportSchema, contactImportView, errorFileName } from './contact-import-view.js';
import { ImportContacts, type ContactUpload } from './import-contacts.js';

class ContactsQuery {
  /** What the file is called, for people. */
  @IsOptional() @IsString() @Length(1, 255) filename?: string;
  /** Heading of the column with the numbers, in CSV. */
  @IsOptional() @IsString() @Length(1, 255) column?: string;
  /** ISO 3166: where numbers without a leading `+` are at home. */
  @IsOptional() @IsString() @Length(2, 2) default_country?: string;
  /** For rows that do not say it themselves. */
  @IsOptional() @IsIn(['true', 'false']) allow_duplicates?: 'true' | 'false';
}

class ErrorsQuery {
  @IsOptional() @IsString() @MaxLength(10) @IsIn(ERROR_FORMATS) format?: ErrorFormat;
}

@Section('Campaign calls')
@Controller('campaigns/:id/contacts')
@NeedsScope('calls')
export class ContactsController {
  constructor(
    private readonly importContacts: ImportContacts,
    private readonly contactErrors: ContactErrors,
    private readonly imports: ContactImportsStore,
    private readonly campaigns: CampaignsStore,
  ) {}

  /** The use case asks for the scope itself: an unknown campaign is answered before a missing right. */
  @Operation({
    id: 'importContacts',
    does: 'Reads a file of contacts to its end; from then on its rows become calls of the campaign, each as a single call would.',
    file: CONTACT_FILE_TYPES,
    query: ContactsQuery,
    answer: answerOf(contactImportSchema),
    refuses: [
      'campaignNotFound',
      'agentNotPublished',
      'idempotencyKeyReused',
      'campaignNotActive',
      'importEnded',
    ],
    scope: 'calls',
    takesIdempotencyKey: true,
  })
  @Post()
  @HttpCode(202)
  @NeedsScope('none')
  async import(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() parameters: unknown,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { made, campaign, isReplay } = await this.importContacts.run(
      caller,
      pathId(id, errors.campaignNotFound),
      () => uploadOf(validatedQuery(ContactsQuery, parameters), request),
      () => fileIn(body, CONTACT_FILE_TYPES),
    );
    if (isReplay) reply.header('idempotent-replayed', 'true');
    return { success: true, data: contactImportView(made, campaign.status) };
  }

  @Operation({
    id: 'listContactImports',
    does: 'Lists the imports of a campaign, newest first.',
    query: CursorPageQuery,
    answer: cursorPageOfThese(contactImportSchema),
    refuses: ['campaignNotFound'],
  })
  @Get('imports')
  async list(@EnvironmentId() environmentId: string, @Param('id') id: string, @Query() parameters: unknown) {
    const campaign = await this.campaign(environmentId, id);
    const asked = pageOf(validatedQuery(CursorPageQuery, parameters));
    const page = found(await this.imports.list(environmentId, campaign.id, asked), errors.campaignNotFound);
    return {
      success: true,
      data: page.items.map((one) => contactImportView(one, campaign.status)),
      pagination: cursorPaginationView(page, page.items.at(-1)?.id),
    };
  }

  @Operation({
    id: 'getContactImport',
    does: 'Shows how far an import has come.',
    answer: answerOf(contactImportSchema),
    refuses: ['campaignNotFound', 'importNotFound'],
  })
  @Get('imports/:importId')
  async get(
    @EnvironmentId() environmentId: string,
    @Param('id') id: string,
    @Param('importId') importId: string,
  ) {
    const { campaign, one } = await this.importOf(environmentId, id, importId);
    return { success: true, data: contactImportView(one, campaign.status) };
  }

  @Operation({
    id: 'getContactImportErrors',
    does: 'Hands out what was wrong with rows, as a file: row, column, code, message and value. Kept for thirty days.',
    query: ErrorsQuery,
    answer: { ...TEXT, description: 'CSV with a heading, or an object a line.' },
    produces: ['text/csv', 'application/x-ndjson'],
    refuses: ['campaignNotFound', 'importNotFound'],
  })
  @Get('imports/:importId/errors')
  async errors(
    @EnvironmentId() environmentId: string,
    @Param('id') id: string,
    @Param('importId') importId: string,
    @Query() parameters: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { format = 'csv' } = validatedQuery(ErrorsQuery, parameters);
    const { one } = await this.importOf(environmentId, id, importId);
    const lines = Readable.from(this.contactErrors.lines(environmentId, one.id, format), {
      objectMode: false,
    });
    await reply
      .header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
      .header('content-disposition', `attachment; filename="${errorFileName(one.id, format)}"`)
      .send(lines);
  }

  @Operation({
    id: 'cancelContactImport',
    does: 'Ends an import that is not over: what has become a call stays, what has not does not.',
    answer: answerOf(contactImportSchema),
    refuses: ['campaignNotFound', 'importNotFound', 'importNotCancellable'],
  })
  @Post('imports/:importId/cancel')
  @HttpCode(200)
  async cancel(
    @CurrentCaller() { environmentId, actor }: Caller,
    @Param('id') id: string,
    @Param('importId') importId: string,
  ) {
    const { campaign, one } = await this.importOf(environmentId, id, importId);
    const ended = await this.imports.cancel(environmentId, actor, campaign.id, one.id);
    return answerEnded(ended, campaign, errors.importNotCancellable);
  }

  @Operation({
    id: 'undoContactImport',
    does: 'Takes all calls of an import back, where none was dialled: once this has answered, no dial to them begins.',
    answer: answerOf(contactImportSchema),
    refuses: ['campaignNotFound', 'importNotFound', 'importNotUndoable', 'importAlreadyDialled'],
  })
  @Post('imports/:importId/undo')
  @HttpCode(200)
  async undo(
    @CurrentCaller() { environmentId, actor }: Caller,
    @Param('id') id: string,
    @Param('importId') importId: string,
  ) {
    const { campaign, one } = await this.importOf(environmentId, id, importId);
    const ended = await this.imports.undo(environmentId, actor, campaign.id, one.id);
    return answerEnded(ended, campaign, errors.importNotUndoable);
  }

  private async campaign(environmentId: string, id: string): Promise<Campaign> {
    const { campaignNotFound } = errors;
    return found(await this.campaigns.find(environmentId, pathId(id, campaignNotFound)), campaignNotFound);
  }

  private async importOf(
    environmentId: string,
    id: string,
    importId: string,
  ): Promise<{ campaign: Campaign; one: ContactImport }> {
    const { importNotFound } = errors;
    const campaign = await this.campaign(environmentId, id);
    const one = await this.imports.find(environmentId, pathId(importId, importNotFound), campaign.id);
    return { campaign, one: found(one, importNotFound) };
  }
}

function uploadOf(query: ContactsQuery, request: FastifyRequest): ContactUpload {
  return {
    filename: query.filename ?? null,
    idempotencyKey: idempotencyKeyOf(request),
    reading: {
      column: query.column,
      defaultCountry: query.default_country,
      allowDuplicates: query.allow_duplicates === 'true',
    },
  };
}

function answerEnded(
  ended: EndResult,
  campaign: Campaign,
  fromWrongState: (status: string) => Error,
): Record<string, unknown> {
  switch (ended.kind) {
    case 'not_found':
      throw errors.importNotFound();
    case 'wrong_state':
      throw fromWrongState(ended.import.status);
    case 'dialled':
      throw errors.importAlreadyDialled();
    case 'busy':
      throw errors.storeUnavailable();
    case 'done':
      return { success: true, data: contactImportView(ended.import, campaign.status) };
  }
}
