import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { CallReadingStore } from '#store/call-reading.store.js';
import { CampaignStatsStore } from '#store/campaign-stats.store.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ContactImportsStore } from '#store/contact-imports.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { cursorPaginationView, pageOf } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { inFlightView } from '../stop-receipt.js';
import { validated, validatedQuery } from '../validated.js';
import {
  campaignSchema,
  campaignView,
  listedCampaignSchema,
  listedCampaignView,
  wholeCampaignSchema,
  wholeCampaignView,
} from './campaign-view.js';
import { campaignReportSchema, campaignReportView } from './campaign-stats-view.js';
import {
  CampaignStatsQuery,
  ChangeStatusBody,
  CreateCampaignBody,
  ListCampaignsQuery,
  UpdateCampaignBody,
} from './campaign.dto.js';
import { ChangeCampaign } from './change-campaign.js';
import { Operation, Section } from '../openapi/operation.js';
import { CAMPAIGN_STATES } from '#policy/call-lifecycle.js';
import { ID, INSTANT, named, object, oneOf } from '../openapi/schema.js';
import { answerOf, cursorPageOfThese, DONE, STOP_FIELDS, toldAnswerOf } from '../openapi/answers.js';

/** Calls shown with a campaign; the rest are in `GET /calls`. */
const CALLS_SHOWN = 100;

/** The same of its files. */
const FILES_SHOWN = 100;

const statusReceiptSchema = named(
  'CampaignStatusReceipt',
  object({ id: ID, status: oneOf(CAMPAIGN_STATES), updated_at: INSTANT, ...STOP_FIELDS }),
);

@Section('Campaigns')
@Controller('campaigns')
@NeedsScope('campaigns')
export class CampaignsController {
  constructor(
    private readonly campaigns: CampaignsStore,
    private readonly stats: CampaignStatsStore,
    private readonly calls: CallReadingStore,
    private readonly imports: ContactImportsStore,
    private readonly changeCampaign: ChangeCampaign,
  ) {}

  @Operation({
    id: 'createCampaign',
    does: 'Creates a campaign, as a draft.',
    body: CreateCampaignBody,
    answer: answerOf(campaignSchema),
  })
  @Post()
  async create(@EnvironmentId() environmentId: string, @Body() body: unknown) {
    const campaign = await this.changeCampaign.create(environmentId, validated(CreateCampaignBody, body));
    return { success: true, data: campaignView(campaign) };
  }

  @Operation({
    id: 'listCampaigns',
    does: 'Lists campaigns, newest first.',
    query: ListCampaignsQuery,
    answer: cursorPageOfThese(listedCampaignSchema),
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const query = validatedQuery(ListCampaignsQuery, parameters);
    const {
      status,
      campaign_type: campaignType,
      agent_id: agentId,
      date_from: dateFrom,
      date_to: dateTo,
      search,
    } = query;
    const filter = { status, campaignType, agentId, dateFrom, dateTo, search };
    const page = await this.campaigns.list(environmentId, filter, pageOf(query));
    const agents = await this.campaigns.agentsOf(environmentId, page.items);
    const stats = await this.stats.ofCampaigns(
      environmentId,
      page.items.map(({ id }) => id),
    );
    const data = page.items.map((campaign) =>
      listedCampaignView(campaign, agents.get(campaign.agentId), stats.get(campaign.id)),
    );
    return { success: true, data, pagination: cursorPaginationView(page, page.items.at(-1)?.id) };
  }

  @Operation({
    id: 'getCampaign',
    does: 'Shows a campaign with its latest calls and files.',
    answer: answerOf(wholeCampaignSchema),
    refuses: ['campaignNotFound'],
  })
  @Get(':id')
  async get(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const campaign = found(
      await this.campaigns.find(environmentId, pathId(id, errors.campaignNotFound)),
      errors.campaignNotFound,
    );
    const agents = await this.campaigns.agentsOf(environmentId, [campaign]);
    const stats = await this.stats.ofCampaigns(environmentId, [campaign.id]);
    const latest = await this.calls.list(
      environmentId,
      { campaignId: campaign.id },
      { number: 1, size: CALLS_SHOWN },
    );
    const page = { number: 1, size: FILES_SHOWN };
    const imports = found(await this.imports.list(environmentId, campaign.id, page), errors.campaignNotFound);
    const parts = { agent: agents.get(campaign.agentId), stats: stats.get(campaign.id) };
    return {
      success: true,
      data: wholeCampaignView(campaign, { ...parts, calls: latest.items, imports: imports.items }),
    };
  }

  @Operation({
    id: 'getCampaignStats',
    does: 'Shows what a campaign came to, by days or hours of its zone where asked for.',
    query: CampaignStatsQuery,
    answer: answerOf(campaignReportSchema),
    refuses: ['campaignNotFound'],
  })
  @Get(':id/stats')
  async showStats(
    @EnvironmentId() environmentId: string,
    @Param('id') id: string,
    @Query() parameters: unknown,
  ) {
    const campaignId = pathId(id, errors.campaignNotFound);
    const asked = validatedQuery(CampaignStatsQuery, parameters);
    const report = await this.stats.report(environmentId, campaignId, asked);
    switch (report.kind) {
      case 'not_found':
        throw errors.campaignNotFound();
      case 'invalid':
        throw errors.invalid({ [report.field]: [report.because] });
      case 'report':
        return { success: true, data: campaignReportView(campaignId, asked.by ?? null, report) };
    }
  }

  @Operation({
    id: 'updateCampaign',
    does: 'Changes the fields that are sent; the others stay.',
    body: UpdateCampaignBody,
    answer: answerOf(campaignSchema),
    refuses: ['campaignNotFound', 'campaignHasActiveCalls', 'stopNotConfirmed'],
  })
  @Put(':id')
  async update(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: unknown) {
    const campaignId = pathId(id, errors.campaignNotFound);
    const campaign = await this.changeCampaign.update(caller, campaignId, () =>
      validated(UpdateCampaignBody, body),
    );
    return { success: true, data: campaignView(campaign) };
  }

  @Operation({
    id: 'deleteCampaign',
    does: 'Deletes a campaign that is not active, with its calls.',
    answer: DONE,
    refuses: ['campaignNotFound', 'campaignIsActive', 'campaignHasCallsInProgress'],
  })
  @Delete(':id')
  async remove(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    await this.changeCampaign.remove(caller, pathId(id, errors.campaignNotFound));
    return { success: true, message: 'The campaign is deleted.' };
  }

  @Operation({
    id: 'changeCampaignStatus',
    does: 'Starts, pauses, completes or cancels a campaign.',
    body: ChangeStatusBody,
    answer: toldAnswerOf(statusReceiptSchema),
    refuses: ['campaignNotFound', 'invalidTransition', 'stopNotConfirmed'],
  })
  @Patch(':id/status')
  async changeStatus(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: unknown) {
    const campaignId = pathId(id, errors.campaignNotFound);
    const change = await this.changeCampaign.status(caller, campaignId, () =>
      validated(ChangeStatusBody, body),
    );
    const { campaign, inFlight, stopped } = change;
    return {
      success: true,
      message: `The campaign is ${campaign.status}.`,
      data: {
        id: campaign.id,
        status: campaign.status,
        updated_at: campaign.updatedAt.toISOString(),
        ...inFlightView(inFlight),
        stopped,
      },
    };
  }
}
