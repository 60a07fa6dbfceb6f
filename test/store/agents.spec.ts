import { describe, expect, it } from 'vitest';
import { Agent } from '#store/agent.entity.js';
import { AgentPartsStore } from '#store/agent-parts.store.js';
import { AgentsStore } from '#store/agents.store.js';
import { Call } from '#store/call.entity.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import type { NewCall } from '#store/new-calls.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ClaimStore } from '#store/claim.store.js';
import { API_LIMITS, database, migrate } from '#store/database.js';
import { lockForClaim } from '#store/locks.js';
import { AgentsAndNumbers1763900000003 } from '#store/migrations/0003-agents-and-numbers.js';
import { OperatorNumbersStore } from '#store/operator-numbers.store.js';
import { freshDatabase, twoConnections } from '../database.js';
import {
  aCall,
  aCampaign,
  anAgent,
  anEnvironment,
  aNumber,
  asApi,
  asDialer,
  asOperator,
  dialingSettings,
} from '../factories.js';
import { aWaitFor, commit, inTheMiddle } from './held-transaction.js';

const { source, other } = twoConnections(API_LIMITS);
const agents = new AgentsStore(asApi(source));
const campaigns = new CampaignsStore(asApi(source));
const intake = new CallIntakeStore(asApi(other), dialingSettings());

function newCall({ environmentId, id: campaignId }: Campaign): NewCall {
  return {
    ...{
      environmentId,
      campaignId,
      to: aNumber(),
      timezone: null,
      payload: {},
      context: {},
      isTesting: false,
    },
    ...{ allowDuplicates: false, notBefore: null, delaySeconds: 0, expiresAt: null, priority: 0 },
  };
}

/** A draft agent that a campaign had until a moment ago, and the campaign. */
async function anAgentJustReplaced(): Promise<{ environmentId: string; agent: Agent; campaign: Campaign }> {
  const { id: environmentId } = await anEnvironment(source);
  const agent = await anAgent(source, environmentId, { currentStatus: 'draft' });
  const campaign = await aCampaign(source, environmentId);
  return { environmentId, agent, campaign };
}

it('a direct call of an agent that was deleted a moment ago is not taken in, and hangs on nothing', async () => {
  const { id: environmentId } = await anEnvironment(source);
  const { id: agentId } = await anAgent(source, environmentId, { currentStatus: 'draft' });
  expect(await agents.remove(environmentId, agentId)).toBe('removed');
  const call = {
    environmentId,
    agentId,
    to: aNumber(),
    timezone: null,
    payload: {},
    context: {},
    isTesting: false,
  };
  const taken = await intake.acceptDirect({ ...call, delaySeconds: 0 }, null, () => null);
  expect(taken).toMatchObject({ kind: 'not_active' });
  expect(await source.query(`SELECT FROM campaigns WHERE agent_id = $1`, [agentId])).toEqual([]);
});

describe('the deletion of an agent', () => {
  it('waits for a call that is being taken in for it, and is refused then', async () => {
    const { environmentId, agent, campaign } = await anAgentJustReplaced();
    const takingIn = await inTheMiddle(other);
    await takingIn.query(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, next_attempt_at)
       VALUES ($1, $2, $3, $4, 'waiting', clock_timestamp())`,
      [environmentId, campaign.id, agent.id, aNumber()],
    );
    const removal = agents.remove(environmentId, agent.id);
    await aWaitFor(source, takingIn);
    await commit(takingIn);
    expect(await removal).toBe('in_use');
    expect(await agents.find(environmentId, agent.id)).not.toBeNull();
  });

  it('that comes first keeps the call out: it goes to the agent that the campaign has by then', async () => {
    const { environmentId, agent, campaign } = await anAgentJustReplaced();
    const successor = campaign.agentId;
    await source.query(`UPDATE campaigns SET agent_id = $2 WHERE id = $1`, [campaign.id, agent.id]);
    const deleting = await inTheMiddle(other);
    await deleting.query(`SELECT FROM agents WHERE id = $1 FOR UPDATE`, [agent.id]);
    const accepted = new CallIntakeStore(asApi(source), dialingSettings()).accept(
      newCall(campaign),
      null,
      () => null,
    );
    await aWaitFor(source, deleting);
    await source.query(`UPDATE campaigns SET agent_id = $2 WHERE id = $1`, [campaign.id, successor]);
    await deleting.query(`UPDATE agents SET deleted_at = clock_timestamp() WHERE id = $1`, [agent.id]);
    await commit(deleting);
    expect(await accepted).toMatchObject({ kind: 'accepted', call: { agentId: successor } });
    expect(await source.manager.countBy(Call, { environmentId, agentId: agent.id })).toBe(0);
  });

  it('never leaves a live call behind, however often calls come in and the campaign changes its agent', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const successor = await anAgent(source, environmentId);
    for (let round = 0; round < 40; round += 1) {
      const agent = await anAgent(source, environmentId, { currentStatus: 'draft' });
      const campaign = await aCampaign(source, environmentId, { agentId: agent.id });
      const change = campaigns.change(environmentId, 'test', campaign.id, { agentId: successor.id });
      const [, removal, ...taken] = await Promise.all([
        change,
        change.then(() => agents.remove(environmentId, agent.id)),
        ...Array.from({ length: 4 }, () => intake.accept(newCall(campaign), null, () => null)),
      ]);
      expect(taken.map(({ kind }) => kind)).toEqual(Array(4).fill('accepted'));
      const left = await source.manager.countBy(Call, { agentId: agent.id });
      expect([removal, left > 0]).toEqual([left > 0 ? 'in_use' : 'removed', left > 0]);
    }
  });

  it('and a new campaign of it never both succeed', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const { id, environmentId: _, ...settings } = await aCampaign(source, environmentId);
    for (let round = 0; round < 30; round += 1) {
      const agent = await anAgent(source, environmentId, { currentStatus: 'draft' });
      const [created, removal] = await Promise.all([
        new CampaignsStore(asApi(other)).create(environmentId, { ...settings, agentId: agent.id }),
        agents.remove(environmentId, agent.id),
      ]);
      expect([created === 'no_such_agent', removal]).toEqual(
        removal === 'removed' ? [true, 'removed'] : [false, 'in_use'],
      );
    }
  });

  it.each([
    ['is parked', { status: 'outcome_unknown' }, 'in_use'],
    ['is under way', { status: 'answered' }, 'in_use'],
    ['waits in a campaign that was cancelled', { status: 'waiting' }, 'removed'],
  ] as const)('with a call of it that %s is judged by what may still ring', async (_, overrides, answer) => {
    const { id: environmentId } = await anEnvironment(source);
    const agent = await anAgent(source, environmentId, { currentStatus: 'draft' });
    const campaign = await aCampaign(source, environmentId, { agentId: agent.id, status: 'cancelled' });
    await aCall(source, campaign, overrides);
    expect(await agents.remove(environmentId, agent.id)).toBe(answer);
  });

  it('leaves it to be shown where it is still named, and nowhere else', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const agent = await anAgent(source, environmentId, { currentStatus: 'draft' });
    const campaign = await aCampaign(source, environmentId, { agentId: agent.id, status: 'completed' });
    expect(await agents.remove(environmentId, agent.id)).toBe('removed');
    expect(await agents.remove(environmentId, agent.id)).toBeNull();
    expect(await agents.publish(environmentId, agent.id)).toBeNull();
    expect((await campaigns.agentsOf(environmentId, [campaign])).get(agent.id)?.name).toBe(agent.name);
  });
});

describe('an edit of an agent', () => {
  it('waits out a claim that is deciding, and none begins once it has answered', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const campaign = await aCampaign(source, environmentId);
    const call = await aCall(source, campaign);
    const order: string[] = [];
    const deciding = await inTheMiddle(other);
    await lockForClaim(deciding.manager, call);
    await agents.change(environmentId, campaign.agentId, { description: 'Something else.' });
    const confirmed = agents.confirmHeld(environmentId).then(() => order.push('edit answered'));
    await aWaitFor(source, deciding);
    order.push('claim decided');
    await commit(deciding);
    await confirmed;
    expect(order).toEqual(['claim decided', 'edit answered']);
    const claim = await new ClaimStore(asDialer(source), dialingSettings()).claim(call.id, 1);
    expect(claim).toMatchObject({ kind: 'held', because: 'agent_not_published' });
  });

  const edits: [string, (environmentId: string, id: string) => Promise<unknown>][] = [
    ['its settings', (environmentId, id) => agents.change(environmentId, id, { llmTemperature: 1 })],
    ['its numbers', (environmentId, id) => agents.change(environmentId, id, {}, [])],
    [
      'a training',
      (environmentId, id) =>
        new AgentPartsStore(asApi(source)).putTraining(environmentId, id, {
          ...{ nodeId: null, subject: 'Hours', instructions: 'Nine to five.', currentStatus: 'active' },
        }),
    ],
  ];

  it.each(edits)('of %s makes it a draft, and no claim made before passes the fence', async (_, edit) => {
    const { id: environmentId } = await anEnvironment(source);
    const campaign = await aCampaign(source, environmentId);
    const claims = new ClaimStore(asDialer(source), dialingSettings());
    const claim = await claims.claim((await aCall(source, campaign)).id, 1);
    if (claim.kind !== 'claimed') throw new Error(`expected a claim, got ${claim.kind}`);
    await edit(environmentId, campaign.agentId);
    expect(await agents.find(environmentId, campaign.agentId)).toMatchObject({ currentStatus: 'draft' });
    expect(await claims.fence(claim, [])).toEqual({ kind: 'refused' });
    await agents.publish(environmentId, campaign.agentId);
    expect(await claims.fence(claim, [])).toEqual({ kind: 'refused' });
  });
});

describe('the number that an agent calls from', () => {
  async function numbersOf(environmentId: string, count: number): Promise<{ id: string; number: string }[]> {
    const operators = new OperatorNumbersStore(asOperator(source));
    const added = [];
    for (let n = 0; n < count; n += 1) {
      const kind = { type: 'voice' as const, capabilities: ['voice' as const], isSandbox: false };
      added.push(await operators.add(environmentId, { number: aNumber(), ...kind }));
    }
    return added.flatMap((number) => (number === null ? [] : [number]));
  }

  async function callerIdOf(campaign: Campaign, to: string): Promise<string | null> {
    const call = await aCall(source, campaign, { to, allowDuplicates: true });
    const claim = await new ClaimStore(asDialer(source), dialingSettings()).claim(call.id, 1);
    if (claim.kind !== 'claimed') throw new Error(`expected a claim, got ${claim.kind}`);
    await source.query(`UPDATE attempts SET status = 'released' WHERE id = $1`, [claim.attempt.id]);
    return claim.attempt.from;
  }

  it('is the same for a callee at every attempt, and one that the campaign names goes before', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const numbers = await numbersOf(environmentId, 5);
    const campaign = await aCampaign(source, environmentId);
    await agents.change(
      environmentId,
      campaign.agentId,
      {},
      numbers.map(({ id }) => id),
    );
    await agents.publish(environmentId, campaign.agentId);
    const callees = Array.from({ length: 12 }, () => aNumber());
    const first = [];
    for (const to of callees) first.push(await callerIdOf(campaign, to));
    const second = [];
    for (const to of callees) second.push(await callerIdOf(campaign, to));
    expect(second).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(numbers.map(({ number }) => number)).toEqual(expect.arrayContaining([...new Set(first)]));

    const own = await aCampaign(source, environmentId, {
      agentId: campaign.agentId,
      callerIds: ['+12015550199'],
    });
    expect(await callerIdOf(own, aNumber())).toBe('+12015550199');
  });

  it('is none that is suspended or retired, and then the account’s own', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const [retired, suspended] = await numbersOf(environmentId, 2);
    const ids = [retired?.id ?? '', suspended?.id ?? ''];
    const campaign = await aCampaign(source, environmentId);
    await agents.change(environmentId, campaign.agentId, {}, ids);
    await agents.publish(environmentId, campaign.agentId);
    await source.query(`UPDATE phone_numbers SET current_status = 'suspended' WHERE id = $1`, [
      suspended?.id,
    ]);
    for (let n = 0; n < 6; n += 1) expect(await callerIdOf(campaign, aNumber())).toBe(retired?.number);
    expect(await new OperatorNumbersStore(asOperator(source)).retire(retired?.id ?? '')).toEqual({
      agents: 1,
    });
    expect(await callerIdOf(campaign, aNumber())).toBeNull();
  });

  it('is added once, and a retired one comes back as itself, to no agent', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const operators = new OperatorNumbersStore(asOperator(source));
    const [number] = await numbersOf(environmentId, 1);
    const { id, number: e164 } = number ?? { id: '', number: '' };
    const agent = await anAgent(source, environmentId);
    await agents.change(environmentId, agent.id, {}, [id]);
    const again = { number: e164, type: 'sms' as const, capabilities: ['sms' as const], isSandbox: true };
    expect(await operators.add(environmentId, again)).toBeNull();
    await operators.retire(id);
    expect(await operators.retire(id)).toBeNull();
    expect(await operators.add(environmentId, again)).toMatchObject({
      id,
      ...again,
      currentStatus: 'active',
    });
    const parts = await new AgentPartsStore(asApi(source)).ofAgents(environmentId, [agent.id]);
    expect(parts.get(agent.id)?.phoneNumbers).toEqual([]);
  });

  it('is none that is retired while the agent is getting it', async () => {
    const { id: environmentId } = await anEnvironment(source);
    for (let round = 0; round < 20; round += 1) {
      const [number] = await numbersOf(environmentId, 1);
      const id = number?.id ?? '';
      const agent = await anAgent(source, environmentId);
      await Promise.all([
        new OperatorNumbersStore(asOperator(other)).retire(id),
        agents.change(environmentId, agent.id, {}, [id]),
      ]);
      expect(await source.query(`SELECT FROM agent_phone_numbers WHERE phone_number_id = $1`, [id])).toEqual(
        [],
      );
    }
  });
});

describe('the migration', () => {
  it('keeps the rows that were there, up and down', async () => {
    const database_ = await database(await freshDatabase(), API_LIMITS).initialize();
    const { id: environmentId } = await anEnvironment(database_);
    const agent = await anAgent(database_, environmentId);
    const { name } = new AgentsAndNumbers1763900000003();
    const isThere = async () =>
      (await database_.query<unknown[]>(`SELECT FROM migrations WHERE name = $1`, [name])).length > 0;
    while (await isThere()) await database_.undoLastMigration();
    expect(await database_.query(`SELECT id FROM agents`)).toEqual([{ id: agent.id }]);
    await migrate(database_);
    const kept = await database_.query(`SELECT id, current_status, voice, revision FROM agents`);
    expect(kept).toEqual([{ id: agent.id, current_status: 'published', voice: null, revision: 1 }]);
    await database_.destroy();
  });
});
