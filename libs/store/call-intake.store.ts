import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CampaignState } from '#policy/call-lifecycle.js';
import { planIntake, type IntakePlan } from '#policy/plan-intake.js';
import { slotLimitsFor } from '#policy/reserved-room.js';
import { isShort } from '#policy/spending.js';
import { eventsOfUndialledEnd, type CallEventType } from '#policy/webhook-events.js';
import { Agent } from './agent.entity.js';
import { holdAgent } from './agent-rows.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import { directCampaignOf } from './direct-campaigns.js';
import { doNotCallFacts } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { keepAnswer, takeKey, type IdempotentRequest } from './idempotency.js';
import { lockForIntake } from './locks.js';
import { oweCallEvents } from './outbox.js';
import { DialingSettings } from './dialing-settings.js';
import { databaseClock, numberHistory } from './reading.js';
import { seemsToHaveRoom } from './slots.js';
import { ScopedDatabase } from './scoped-database.js';
import { spendingFacts } from './spending.js';

/** A validated request for a call. */
export interface NewCall {
  environmentId: string;
  campaignId: string;
  /** E.164. */
  to: string;
  /** Where the client says the person is: IANA name, or null. */
  timezone: string | null;
  payload: Record<string, unknown>;
  context: Record<string, unknown>;
  isTesting: boolean;
  allowDuplicates: boolean;
  notBefore: Date | null;
  /** From intake to the first attempt at the earliest, on top of the campaign's own delay. */
  delaySeconds: number;
  expiresAt: Date | null;
  priority: number;
}

/** A validated request for a call of an agent, outside any campaign. */
export type NewDirectCall = Pick<
  NewCall,
  'environmentId' | 'to' | 'timezone' | 'payload' | 'context' | 'isTesting' | 'delaySeconds'
> & { agentId: string };

export type IntakeResult =
  | {
      kind: 'accepted';
      call: Call;
      campaign: { id: string; name: string; status: CampaignState };
      /** Due at once, with room to dial it: its first ticket is the caller's to offer, and counts as offered. */
      dueNow: boolean;
      deliveryIds: string[];
    }
  | { kind: 'replayed'; body: unknown }
  | { kind: 'key_reused' }
  | { kind: 'duplicate'; existing: Call }
  | { kind: 'not_active'; status: CampaignState }
  | { kind: 'agent_not_published' | 'no_credits' };

/** Something was there a moment ago and is not any more: the next look sees what became of it. */
type LookAgain = 'conflict_gone' | 'agent_gone';

export type AcceptedIntake = Extract<IntakeResult, { kind: 'accepted' }>;

/** States that hold the duplicate rule: every one that is not final. */
const LIVE = `('waiting', 'initiated', 'ringing', 'answered', 'outcome_unknown')`;

/** A condition: no live call of a campaign goes to a number, those made with `allow_duplicates` included. All are SQL. */
export const IS_NO_DUPLICATE = (environmentId: string, campaignId: string, to: string) =>
  `NOT EXISTS (SELECT FROM calls AS live WHERE live.environment_id = ${environmentId} AND live.campaign_id = ${campaignId}
     AND live.to_number = ${to} AND live.status IN ${LIVE} OFFSET 0)`;

/** The index that is the duplicate rule, as a conflict with it is named. */
export const ONE_LIVE_PER_NUMBER = `(campaign_id, to_number) WHERE NOT allow_duplicates AND status IN ${LIVE}`;

/** As the hidden campaign of a deleted agent is found. */
const AGENT_DELETED = { kind: 'not_active', status: 'completed' } as const;

/** Takes calls in. */
@Injectable()
export class CallIntakeStore {
  constructor(
    private readonly database: ScopedDatabase,
    @Inject(DialingSettings)
    private readonly settings: Pick<DialingSettings, 'cooldownHourSeconds' | 'reservedShare'>,
  ) {}

  /**
   * Inserts a call under the campaign's shared lock, so that no call slips in behind a confirmed stop. The unique
   * index on live calls answers the duplicate rule. The campaign must exist in the environment.
   * @param idempotency the client's key for this request, or null; kept with the answer, in the call's transaction
   * @param answerOf the answer to a call that was taken in
   */
  async accept(
    call: NewCall,
    idempotency: IdempotentRequest | null,
    answerOf: (accepted: AcceptedIntake) => unknown,
  ): Promise<IntakeResult> {
    return this.takeIn(call.environmentId, () => Promise.resolve(call), idempotency, answerOf);
  }

  /**
   * Takes in a call that belongs to no campaign: the same way, behind the agent's hidden one. The duplicate rule is a
   * campaign's; nobody is in two calls at once in any case. The agent must exist in the environment.
   */
  async acceptDirect(
    { agentId, ...call }: NewDirectCall,
    idempotency: IdempotentRequest | null,
    answerOf: (accepted: AcceptedIntake) => unknown,
  ): Promise<IntakeResult> {
    const asCampaignCall = async (manager: EntityManager): Promise<NewCall | null> => {
      const campaignId = await directCampaignOf(manager, call.environmentId, agentId);
      if (campaignId === null) return null;
      return { ...call, campaignId, allowDuplicates: true, notBefore: null, expiresAt: null, priority: 0 };
    };
    return this.takeIn(call.environmentId, asCampaignCall, idempotency, answerOf);
  }

  /** @param readCall null: its agent was deleted, and what it hung on is closed */
  private async takeIn(
    environmentId: string,
    readCall: (manager: EntityManager) => Promise<NewCall | null>,
    idempotency: IdempotentRequest | null,
    answerOf: (accepted: AcceptedIntake) => unknown,
  ): Promise<IntakeResult> {
    // The other call may end between the conflict and the look at it; then there is room after all. Or the agent
    // is deleted between the look at the campaign and the look at the agent; then the campaign has changed too.
    for (let tries = 0; tries < 5; tries += 1) {
      const result = await this.database.within(environmentId, async (manager) => {
        const call = await readCall(manager);
        if (call === null) return AGENT_DELETED;
        return idempotency === null
          ? this.insertOrFind(manager, call)
          : this.insertOnce(manager, call, idempotency, answerOf);
      });
      if (typeof result !== 'string') return result;
    }
    throw new Error(
      'Live calls to one number, or agents, came and went faster than a new call could be taken in.',
    );
  }

  private async insertOnce(
    manager: EntityManager,
    call: NewCall,
    idempotency: IdempotentRequest,
    answerOf: (accepted: AcceptedIntake) => unknown,
  ): Promise<IntakeResult | LookAgain> {
    // The campaign's lock before the key's row, everywhere: a stop that waits for the lock waits for no key.
    await lockForIntake(manager, call.campaignId);
    const state = await takeKey(manager, idempotency);
    if (state.kind === 'answered') return { kind: 'replayed', body: state.body };
    if (state.kind === 'reused') return { kind: 'key_reused' };
    const result = await this.insertOrFind(manager, call);
    const isAccepted = typeof result !== 'string' && result.kind === 'accepted';
    await keepAnswer(manager, idempotency, isAccepted ? answerOf(result) : null);
    return result;
  }

  private async insertOrFind(manager: EntityManager, call: NewCall): Promise<IntakeResult | LookAgain> {
    await lockForIntake(manager, call.campaignId);
    const { environmentId, campaignId } = call;
    const campaign = await manager.findOneByOrFail(Campaign, { id: campaignId, environmentId });
    const { id, name, status } = campaign;
    if (status !== 'active') return { kind: 'not_active', status };
    if (!(await holdAgent(manager, environmentId, campaign.agentId))) return 'agent_gone';
    if (campaign.kind === 'direct') {
      const refusal = await refusalOfDirect(manager, campaign, call);
      if (refusal !== null) return { kind: refusal };
    }

    const now = await databaseClock(manager);
    const doNotCall = await doNotCallFacts(manager, call);
    const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
    const plan = planIntake({
      now,
      call,
      notBefore: call.notBefore,
      delaySeconds: call.delaySeconds,
      campaign,
      environment,
      doNotCall,
      history: await numberHistory(manager, call, this.settings.cooldownHourSeconds),
      cooldownHourSeconds: this.settings.cooldownHourSeconds,
    });
    const dueNow =
      plan.kind === 'accept' && plan.at <= now && (await this.hasRoom(manager, call, campaign, environment));
    const inserted = await this.insert(manager, call, campaign, plan, dueNow, now);
    if (inserted === null) {
      const existing = await this.liveCall(manager, call);
      return existing === null ? 'conflict_gone' : { kind: 'duplicate', existing };
    }
    const told: CallEventType[] =
      plan.kind === 'block' ? eventsOfUndialledEnd('blocked', inserted.isDirect) : ['campaign_call.queued'];
    const deliveryIds = await oweCallEvents(manager, inserted, told, now, null);
    return { kind: 'accepted', call: inserted, campaign: { id, name, status }, dueNow, deliveryIds };
  }

  /** With no free slot a ticket would only come back: the feeder offers the call when there is one. */
  private async hasRoom(
    manager: EntityManager,
    { isTesting }: NewCall,
    campaign: Campaign,
    { maxConcurrentCalls }: Environment,
  ): Promise<boolean> {
    return seemsToHaveRoom(
      manager,
      { environmentId: campaign.environmentId, campaignId: campaign.id },
      slotLimitsFor(
        { isDirect: campaign.kind === 'direct', isTesting },
        { environment: maxConcurrentCalls, campaign: campaign.maxConcurrentCalls },
        this.settings.reservedShare,
      ),
    );
  }

  private async insert(
    manager: EntityManager,
    call: NewCall,
    campaign: Campaign,
    plan: IntakePlan,
    dueNow: boolean,
    now: Date,
  ): Promise<Call | null> {
    const blocked = plan.kind === 'block';
    const rows = await manager.query<{ id: string }[]>(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, payload, context, is_testing,
         allow_duplicates, status, reason, priority, next_attempt_at, not_before, expires_at, offers, offered_at,
         created_at, updated_at, finished_at, ready_at, is_direct, timezone, evidence, held_since)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18, $19, $20, $21, $22, $23
       WHERE $8 OR ${IS_NO_DUPLICATE('$1', '$2', '$4')}
       ON CONFLICT ${ONE_LIVE_PER_NUMBER} DO NOTHING
       RETURNING id`,
      [
        call.environmentId,
        call.campaignId,
        campaign.agentId,
        call.to,
        call.payload,
        call.context,
        call.isTesting,
        call.allowDuplicates,
        blocked ? 'blocked' : 'waiting',
        plan.because,
        call.priority,
        blocked ? null : plan.at,
        call.notBefore,
        call.expiresAt,
        dueNow ? 1 : 0,
        dueNow ? now : null,
        now,
        blocked ? now : null,
        blocked ? now : plan.readyAt,
        campaign.kind === 'direct',
        call.timezone,
        plan.because === null ? null : plan.evidence,
        blocked || plan.because === null ? null : now,
      ],
    );
    const row = rows[0];
    return row === undefined ? null : manager.findOneByOrFail(Call, { id: row.id });
  }

  private async liveCall(manager: EntityManager, call: NewCall): Promise<Call | null> {
    return manager
      .createQueryBuilder(Call, 'call')
      .where('call.environmentId = :environmentId AND call.campaignId = :campaignId AND call.to = :to', call)
      .andWhere(`call.status IN ${LIVE}`)
      .orderBy('call.createdAt', 'DESC')
      .getOne();
  }
}

/** What a campaign would hold a call for, a direct one is refused for at once. */
async function refusalOfDirect(
  manager: EntityManager,
  campaign: Campaign,
  { isTesting }: NewCall,
): Promise<'agent_not_published' | 'no_credits' | null> {
  const agent = await manager.findOneByOrFail(Agent, { id: campaign.agentId });
  if (agent.currentStatus !== 'published') return 'agent_not_published';
  if (isTesting) return null;
  const now = await databaseClock(manager);
  const { creditBalance, spending } = await spendingFacts(manager, { campaign, agent }, now);
  return creditBalance !== null && isShort(creditBalance, spending.needed) ? 'no_credits' : null;
}
