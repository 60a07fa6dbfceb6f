import type { DataSource } from 'typeorm';
import { deadlines } from '#policy/deadlines.js';
import { OUTCOME_NAMES, type Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ClaimStore } from '#store/claim.store.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import type { ClaimedAttempt } from '#store/fencing.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import {
  aCampaign,
  anEnvironment,
  aNumber,
  asApi,
  asDialer,
  asOperator,
  dialingSettings,
} from '../factories.js';

/** Conversations as often as all the rest: most moves of a call begin at one. */
const ENDS = [...OUTCOME_NAMES, ...OUTCOME_NAMES.map(() => 'answered' as const)];

type Step = (typeof CampaignLife.STEPS)[number];

/** One campaign, and what may happen to its calls, through the stores and in the roles that do it. */
export class CampaignLife {
  static readonly STEPS = [
    'intake',
    'intake',
    'dial',
    'dial',
    'placement',
    'end',
    'end',
    'silence',
    'resolve',
    'cancel',
    'convert',
    'list',
    'direct',
  ] as const;

  private events = 0;

  private constructor(
    private readonly source: DataSource,
    readonly campaign: Campaign,
  ) {}

  static async begin(source: DataSource, overrides: Partial<Campaign> = {}): Promise<CampaignLife> {
    const { id } = await anEnvironment(source, { maxConcurrentCalls: 1000 });
    const campaign = await aCampaign(source, id, overrides);
    return new CampaignLife(source, campaign);
  }

  /** @param chance picks the call, and what becomes of it */
  async take(step: Step, chance: number): Promise<void> {
    const { environmentId, id: campaignId } = this.campaign;
    const operator = new OperatorCallsStore(asOperator(this.source), dialingSettings());
    switch (step) {
      case 'intake':
        await this.intake(chance % 4 === 0);
        return;
      case 'direct': {
        const call = {
          environmentId,
          to: aNumber(),
          timezone: null,
          payload: {},
          context: {},
          delaySeconds: 0,
        };
        const { agentId } = this.campaign;
        await this.intakes().acceptDirect({ ...call, agentId, isTesting: false }, null, () => null);
        return;
      }
      case 'dial': {
        const call = await this.one(Call, `status = 'waiting'`, chance);
        if (call !== null) await this.dial(call, chance % 5 !== 0);
        return;
      }
      case 'placement': {
        const attempt = await this.one(Attempt, `status = 'sending'`, chance);
        if (attempt !== null) await this.placed(attempt, chance);
        return;
      }
      case 'end': {
        const attempt = await this.one(Attempt, `status IN ('sending', 'placed', 'unknown')`, chance);
        if (attempt !== null) await this.tell(attempt, anEnd(ENDS[chance % ENDS.length]!, chance));
        return;
      }
      case 'silence': {
        const attempt = await this.one(Attempt, `status IN ('sending', 'placed')`, chance);
        if (attempt !== null) await this.park(attempt);
        return;
      }
      case 'resolve': {
        const call = await this.one(Call, `status = 'outcome_unknown'`, chance);
        const outcome = chance % 2 === 0 ? 'answered' : 'busy';
        if (call !== null)
          await operator.resolve({ environmentId: null, actor: 'test' }, call.id, outcome, null);
        return;
      }
      case 'cancel': {
        const call = await this.one(Call, `true`, chance);
        if (call !== null) await operator.cancel(environmentId, 'test', call.id);
        return;
      }
      case 'convert': {
        const call = await this.one(Call, `attempt_count > 0`, chance);
        if (call !== null) await operator.convert(environmentId, 'test', call.id);
        return;
      }
      case 'list': {
        const call = await this.one(Call, `status = 'waiting'`, chance);
        const entry = { kind: 'opt_out' as const, campaignId: chance % 2 === 0 ? campaignId : null };
        if (call === null) return;
        const addition = { ...entry, reason: null, source: null, expiresAt: null };
        await new DoNotCallStore(asApi(this.source)).add(environmentId, 'test', [call.to], addition);
        return;
      }
    }
  }

  /** Cancels the campaign, and ends what waits. */
  async close(): Promise<void> {
    const { environmentId, id } = this.campaign;
    await new CampaignsStore(asApi(this.source)).changeStatus(environmentId, 'test', id, 'cancelled');
    while ((await new FinaliseStore(asDialer(this.source)).finaliseBatch(5)).more) continue;
  }

  /** An attempt that the carrier has. */
  async dialled(isTesting = false): Promise<Attempt> {
    const call = await this.intake(isTesting);
    const claimed = call === null ? null : await this.dial(call, true);
    if (claimed === null) throw new Error('It was not dialled.');
    await this.attempts().recordPlacement(claimed.attempt.id, { kind: 'accepted', providerCallId: 'p' });
    return claimed.attempt;
  }

  async tell({ id: attemptId }: Attempt, event: CarrierEvent): Promise<void> {
    this.events += 1;
    const eventKey = `${attemptId}-${this.events}`;
    await new ProviderEventsStore(asDialer(this.source)).recordOnce('test', [{ eventKey, attemptId, event }]);
    await this.attempts().applyEvents([attemptId]);
  }

  /** Nobody can tell any more what became of it, but that it is over. */
  async park({ id }: Attempt): Promise<void> {
    await this.source.query(`UPDATE attempts SET slot_until = sending_at WHERE id = $1`, [id]);
    const reconcile = new ReconcileStore(asDialer(this.source), dialingSettings({ deadlines: deadlines(0) }));
    await reconcile.heardNothing(id, 'not_found');
    await reconcile.releaseOverdueSlots(100);
  }

  /** Null: the campaign was paused, for an attempt failed by our own fault. */
  private async intake(isTesting: boolean): Promise<Call | null> {
    const { environmentId, id: campaignId } = this.campaign;
    const call = {
      environmentId,
      campaignId,
      to: aNumber(),
      timezone: null,
      payload: {},
      context: {},
      isTesting,
    };
    const rest = { allowDuplicates: false, notBefore: null, delaySeconds: 0, expiresAt: null, priority: 0 };
    const result = await this.intakes().accept({ ...call, ...rest }, null, () => null);
    return result.kind === 'accepted' ? result.call : null;
  }

  private async dial({ id, attemptCount }: Call, isSent: boolean): Promise<ClaimedAttempt | null> {
    const claims = new ClaimStore(asDialer(this.source), dialingSettings({ cooldownHourSeconds: 0 }));
    const claim = await claims.claim(id, attemptCount + 1);
    if (claim.kind !== 'claimed') return null;
    if (isSent) await claims.fence(claim, []);
    else await this.attempts().releaseClaim(claim.attempt.id, 'fence_refused');
    return claim;
  }

  private async placed({ id }: Attempt, chance: number): Promise<void> {
    const refused = { kind: 'refused' as const, because: 'test', retryAfterSeconds: 0 };
    const answers = [
      { kind: 'accepted' as const, providerCallId: 'p' },
      { kind: 'unknown' as const, because: 'timeout' },
      { kind: 'not_sent' as const, because: 'refused' },
      { ...refused, outcome: 'busy' as const },
      { ...refused, outcome: 'carrier_limit' as const },
    ];
    await this.attempts().recordPlacement(id, answers[chance % answers.length]!);
  }

  private async one<T extends Call | Attempt>(
    kind: new () => T,
    condition: string,
    chance: number,
  ): Promise<T | null> {
    const rows = await this.source.manager
      .createQueryBuilder(kind, 'one')
      .where(`one.campaignId = :id AND ${condition}`, { id: this.campaign.id })
      .orderBy('one.id')
      .getMany();
    return rows[chance % Math.max(1, rows.length)] ?? null;
  }

  private intakes(): CallIntakeStore {
    return new CallIntakeStore(asApi(this.source), dialingSettings());
  }

  private attempts(): AttemptsStore {
    return new AttemptsStore(asDialer(this.source), dialingSettings({ cooldownHourSeconds: 0 }));
  }
}

/** The end of a dial, looked up: nothing before it can be missing. */
export function anEnd(outcome: Outcome, durationSeconds: number): CarrierEvent {
  const at = new Date('2026-11-23T12:00:00Z');
  return {
    source: 'lookup',
    kind: 'ended',
    at,
    answeredAt: outcome === 'answered' ? at : null,
    sequence: 3,
    providerCallId: 'p',
    outcome,
    durationSeconds: outcome === 'answered' || outcome === 'voicemail' ? durationSeconds : null,
    answeredBy: null,
    converted: durationSeconds % 7 === 0,
    sipCode: null,
    q850: null,
  };
}
