import { Injectable } from '@nestjs/common';
import { JobQueue } from '#jobs/job-queue.js';
import { AgentsStore } from '#store/agents.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import { isLooser } from '#policy/legal-guard.js';
import { CampaignsStore, type NewCampaign } from '#store/campaigns.store.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import type { InFlight } from '#store/in-flight.js';
import type { Caller } from '#store/tokens.store.js';
import { errors } from '../http-errors.js';
import { found } from '../path-id.js';
import { changeOf, newCampaignOf } from './campaign-settings.js';
import type { ChangeStatusBody, CreateCampaignBody, UpdateCampaignBody } from './campaign.dto.js';

export interface StatusReceipt {
  campaign: Campaign;
  /** What may still ring after a stop. */
  inFlight: InFlight;
  /** Calls that the change keeps from being dialled. */
  stopped: number;
}

/** Makes and changes campaigns. Bodies come as functions where another answer goes before their faults. */
@Injectable()
export class ChangeCampaign {
  constructor(
    private readonly campaigns: CampaignsStore,
    private readonly agents: AgentsStore,
    private readonly environments: EnvironmentsStore,
    private readonly jobs: JobQueue,
  ) {}

  async create(environmentId: string, body: CreateCampaignBody): Promise<Campaign> {
    const settings = newCampaignOf(body);
    await this.refuseUnfit(environmentId, settings, settings);
    const created = await this.campaigns.create(environmentId, settings);
    if (created === 'no_such_agent') throw errors.invalid(NO_SUCH_AGENT);
    await this.jobs.deliverWebhooks(created.deliveryIds);
    return created.campaign;
  }

  async update(
    { environmentId, actor }: Caller,
    id: string,
    readBody: () => UpdateCampaignBody,
  ): Promise<Campaign> {
    const before = found(await this.campaigns.find(environmentId, id), errors.campaignNotFound);
    const change = changeOf(readBody());
    await this.refuseUnfit(environmentId, { ...before, ...change }, change);
    const changed = found(
      await this.campaigns.change(environmentId, actor, id, change),
      errors.campaignNotFound,
    );
    if (changed === 'has_active_calls') throw errors.campaignHasActiveCalls();
    if (changed === 'no_such_agent') throw errors.invalid(NO_SUCH_AGENT);
    await this.jobs.deliverWebhooks(changed.deliveryIds);
    // Numbers taken off and hours narrowed are stops too: once this has answered, no dial begins under the old rules.
    await this.campaigns.confirmStop(environmentId, id);
    await this.campaigns.lookAgainAfter(environmentId, id, change);
    return changed.campaign;
  }

  async status(
    { environmentId, actor }: Caller,
    id: string,
    readBody: () => ChangeStatusBody,
  ): Promise<StatusReceipt> {
    found(await this.campaigns.find(environmentId, id), errors.campaignNotFound);
    const { status } = readBody();
    const change = await this.campaigns.changeStatus(environmentId, actor, id, status);
    switch (change.kind) {
      case 'not_found':
        throw errors.campaignNotFound();
      case 'invalid':
        throw errors.invalidTransition(change.from, status);
      case 'agent_not_published':
        throw errors.invalid({ status: ['The campaign cannot start: its agent is not published.'] });
      case 'changed': {
        await this.jobs.deliverWebhooks(change.deliveryIds);
        if (status === 'active') return { campaign: change.campaign, inFlight: NOTHING_STOPPED, stopped: 0 };
        return { campaign: change.campaign, ...(await this.campaigns.confirmStop(environmentId, id)) };
      }
    }
  }

  async remove({ environmentId, actor }: Caller, id: string): Promise<void> {
    const removal = await this.campaigns.remove(environmentId, actor, id);
    switch (removal.kind) {
      case 'not_found':
        throw errors.campaignNotFound();
      case 'active':
        throw errors.campaignIsActive();
      case 'in_progress':
        throw errors.campaignHasCallsInProgress();
      case 'removed':
        await this.jobs.deliverWebhooks(removal.deliveryIds);
    }
  }

  /**
   * What no single field can show: an agent that exists, an end after the start, a guard that only tightens.
   * @param named the settings that are named now; a closed campaign may keep an agent that was deleted since, and any
   *   campaign a guard that the environment's has overtaken
   */
  private async refuseUnfit(
    environmentId: string,
    { startDate, endDate }: Pick<Campaign, 'startDate' | 'endDate'>,
    { agentId, legalGuard }: Partial<NewCampaign>,
  ): Promise<void> {
    const faults: Record<string, string[]> = {};
    if (endDate !== null && endDate <= startDate)
      faults.end_date = ['The end date must be after the start date.'];
    if (agentId !== undefined && (await this.agents.find(environmentId, agentId)) === null) {
      Object.assign(faults, NO_SUCH_AGENT);
    }
    if (legalGuard != null) {
      const { legalGuard: least } = await this.environments.get(environmentId);
      if (isLooser(legalGuard, least))
        faults.legal_guard = [`The environment's legal guard is ${least}: a campaign may only tighten it.`];
    }
    if (Object.keys(faults).length > 0) throw errors.invalid(faults);
  }
}

const NO_SUCH_AGENT = { agent_id: ['There is no such agent in this environment.'] };

const NOTHING_STOPPED: InFlight = { count: 0, attempts: [], unknown: 0 };
