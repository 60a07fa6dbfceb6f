import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { directCampaignOf } from './direct-campaigns.js';
import { DialingSettings } from './dialing-settings.js';
import { keepAnswer, takeKey, type IdempotentRequest } from './idempotency.js';
import { IntakeFactsReader } from './intake-facts.js';
import { lockForIntake } from './locks.js';
import {
  takeInCalls,
  type AcceptedIntake,
  type IntakeResult,
  type IntakeSettings,
  type LookAgain,
  type NewCall,
} from './new-calls.js';
import { ScopedDatabase } from './scoped-database.js';
import { isStoreAway } from './store-away.js';
import { TogetherByKey } from './together-by-key.js';

/** A validated request for a call of an agent, outside any campaign. */
export type NewDirectCall = Pick<
  NewCall,
  'environmentId' | 'to' | 'timezone' | 'payload' | 'context' | 'isTesting' | 'delaySeconds'
> & { agentId: string };

/** As the hidden campaign of a deleted agent is found. */
const AGENT_DELETED = { kind: 'not_active', status: 'completed' } as const;

/**
 * A campaign's calls are taken in one go after the other, each go with all that came meanwhile: while one commits, the next
 * is gathered. More goes at once would be smaller ones, and in each other's way.
 */
const GATHERING = { most: 100, goes: 1 };

/** What became of a call that was taken in with others. */
type TakenIn = IntakeResult | LookAgain | { kind: 'failed'; error: unknown };

/** Takes calls in. */
@Injectable()
export class CallIntakeStore {
  private readonly facts = new IntakeFactsReader();

  /** By campaign. */
  private readonly gathering = new TogetherByKey<NewCall, TakenIn>(
    (calls) => this.takeInAll(calls),
    GATHERING,
  );

  constructor(
    private readonly database: ScopedDatabase,
    @Inject(DialingSettings)
    private readonly settings: IntakeSettings,
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
    if (idempotency === null) {
      const taken = await this.gathering.do(`${call.environmentId} ${call.campaignId}`, call);
      if (typeof taken !== 'string' && taken.kind === 'failed') throw taken.error;
      if (typeof taken !== 'string') return taken;
    }
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

  /** @throws Error where none was taken in, and some may be when each is asked for by itself */
  private async takeInAll(calls: NewCall[]): Promise<TakenIn[]> {
    const [first, ...others] = calls;
    if (first === undefined) return [];
    let isDecided = false;
    try {
      return await this.database.within(first.environmentId, async (manager) => {
        const taken = await takeInCalls(manager, [first, ...others], this.facts, this.settings);
        isDecided = true;
        return taken;
      });
    } catch (error) {
      // Once they are decided it is the commit that failed, and nobody can tell whether it did: a call that is made again
      // might be made twice. And a store that is away would only be waited for again.
      if (isDecided || isStoreAway(error)) return calls.map(() => ({ kind: 'failed', error }));
      throw error;
    }
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
          ? this.insert(manager, call)
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
    const result = await this.insert(manager, call);
    const isAccepted = typeof result !== 'string' && result.kind === 'accepted';
    await keepAnswer(manager, idempotency, isAccepted ? answerOf(result) : null);
    return result;
  }

  private async insert(manager: EntityManager, call: NewCall): Promise<IntakeResult | LookAgain> {
    const [result] = await takeInCalls(manager, [call], this.facts, this.settings);
    if (result === undefined) throw new Error('A call was asked for, and nothing became of it.');
    return result;
  }
}
