import { describe, expect, it } from 'vitest';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import type { Ticket } from '#store/claim-facts.js';
import { ClaimStore, type ClaimResult } from '#store/claim.store.js';
import { COMMAND_LIMITS, DIALER_LIMITS, database } from '#store/database.js';
import type { ClaimedAttempt } from '#store/fencing.js';
import { campaignKey } from '#store/locks.js';
import { Together } from '#store/together.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, aNumber, asDialer, dialingSettings } from '../factories.js';
import { aWaitFor, commit, inTheMiddle } from './held-transaction.js';

const { url, source, other } = twoConnections(DIALER_LIMITS);
const claims = new ClaimStore(asDialer(source), dialingSettings());
const attempts = new AttemptsStore(asDialer(source), dialingSettings());

const ticketOf = ({ id }: Call): Ticket => ({ callId: id, attempt: 1 });

const claimedOf = (results: ClaimResult[]): ClaimedAttempt[] =>
  results.flatMap((result) => (result.kind === 'claimed' ? [result] : []));

const wordOf = (result: ClaimResult): string =>
  'because' in result ? `${result.kind}: ${result.because}` : result.kind;

async function hears(campaignId: string, environmentId: string, events: string[]): Promise<void> {
  await source.query(
    `INSERT INTO webhook_endpoints (environment_id, campaign_id, name, webhook_url, events)
     VALUES ($1, $2, 'test', 'https://example.com', $3)`,
    [environmentId, campaignId, events],
  );
}

describe('claims of one go', () => {
  it('each come to what they would come to alone, and what two would race for goes to the first', async () => {
    const { id } = await anEnvironment(source);
    const open = await aCampaign(source, id, { callerIds: ['+12025550111'] });
    const narrow = await aCampaign(source, id, { maxConcurrentCalls: 1 });
    const closed = await aCampaign(source, id, { status: 'paused' });
    const elsewhere = await aCampaign(source, (await anEnvironment(source, { killSwitch: true })).id);
    const [free, listed, first, second, shut, stopped] = await Promise.all(
      [open, open, narrow, narrow, closed, elsewhere].map((campaign) => aCall(source, campaign)),
    );
    const sameNumber = await aCall(source, closed, { to: free!.to });
    const [early, moved] = await Promise.all([
      aCall(source, open, { readyAt: new Date('2099-01-01') }),
      aCall(source, open, { attemptCount: 1 }),
    ]);
    await hears(open.id, id, ['campaign_call.blocked']);
    await source.query(
      `INSERT INTO do_not_call_entries (environment_id, kind, to_number) VALUES ($1, 'opt_out', $2)`,
      [id, listed!.to],
    );
    const calls = [free!, listed!, first!, second!, shut!, stopped!, sameNumber, early, moved, free!];
    const results = await claims.claimAll(calls.map(ticketOf));
    expect(results.map(wordOf)).toEqual([
      'claimed',
      'refused: do_not_call',
      'claimed',
      'no_room',
      'held: campaign_not_active',
      'held: kill_switch',
      'behind',
      'stale',
      'stale',
      'behind',
    ]);
    expect(results[1]).toMatchObject({ deliveryIds: [expect.any(String)] });
    const dialled = await source.manager.find(Attempt, {
      where: { environmentId: id },
      order: { startAt: 'ASC' },
    });
    expect(dialled.map(({ callId, from }) => [callId, from])).toEqual([
      [free!.id, '+12025550111'],
      [first!.id, null],
    ]);
    expect(claimedOf(results).map(({ attempt, call }) => [attempt.id, call.id])).toEqual(
      dialled.map((attempt) => [attempt.id, attempt.callId]),
    );
    const rows = await source.manager.findBy(Call, { environmentId: id });
    const states = new Map(rows.map((row) => [row.id, [row.status, row.reason, row.offeredAt]]));
    expect(states.get(free!.id)).toEqual(['initiated', null, null]);
    expect(states.get(listed!.id)).toEqual(['blocked', 'do_not_call', null]);
    expect(states.get(second!.id)).toEqual(['waiting', null, null]);
    expect(states.get(early.id)).toEqual(['waiting', null, null]);

    // What was decided is written: asked again, the two behind it read it.
    const again = await claims.claimAll([ticketOf(sameNumber), ticketOf(free!)]);
    expect(again.map(wordOf)).toEqual(['held: campaign_not_active', 'stale']);
  });

  it('are decided without the one that the rules cannot judge, which waits on, and says why', async () => {
    const { id } = await anEnvironment(source, { trustCallTimezone: true });
    const campaign = await aCampaign(source, id);
    const lawful = await aCampaign(source, id, { legalGuard: 'enforce' });
    const calls = [
      await aCall(source, lawful, { to: '+12025550123', timezone: 'Mars/Olympus' }),
      await aCall(source, campaign),
      await aCall(source, campaign),
    ];
    const results = await claims.claimAll(calls.map(ticketOf));
    expect(results.map(wordOf)).toEqual(['undecided', 'claimed', 'claimed']);
    expect(results[0]).toMatchObject({
      error: expect.objectContaining({ message: expect.stringContaining('Mars') }),
    });
    expect(await source.manager.findOneByOrFail(Call, { id: calls[0]!.id })).toMatchObject({
      ...{ status: 'waiting', attemptCount: 0 },
    });
  });

  it('never wait for each other in a circle, nor take more than there is, with the same calls in every order', async () => {
    const trunk = { trunk: 'raced', trunkCallsPerSecond: 100 };
    const [here, there] = [source, other].map((one) => new ClaimStore(asDialer(one), dialingSettings(trunk)));
    const { id } = await anEnvironment(source, { maxConcurrentCalls: 6 });
    const campaigns = await Promise.all(
      [2, 3, 4].map((maxConcurrentCalls) => aCampaign(source, id, { maxConcurrentCalls })),
    );
    const numbers = Array.from({ length: 8 }, () => aNumber());
    const calls = await Promise.all(
      campaigns.flatMap((campaign) => numbers.map((to) => aCall(source, campaign, { to }))),
    );
    const tickets = calls.map(ticketOf);
    const orders = [tickets, tickets.toReversed(), [...tickets.slice(10), ...tickets.slice(0, 10)]];
    // As a dialer has it: those whose locks are long in coming are decided one by one.
    const goes = orders.map((order, nth) => {
      const store = nth % 2 ? here! : there!;
      const claiming = new Together<Ticket, ClaimResult>((go) => store.claimAll(go), { most: 100, goes: 1 });
      return Promise.all(order.map((ticket) => claiming.do(ticket)));
    });
    const won = claimedOf((await Promise.all(goes)).flat());

    expect(won).toHaveLength(6);
    expect(new Set(won.map(({ attempt }) => attempt.to)).size).toBe(6);
    for (const campaign of campaigns) {
      const own = won.filter(({ attempt }) => attempt.campaignId === campaign.id).length;
      expect(own).toBeLessThanOrEqual(campaign.maxConcurrentCalls!);
      const [slot] = await source.query<[{ in_use: number }]>(`SELECT in_use FROM slots WHERE scope = $1`, [
        `campaign:${campaign.id}`,
      ]);
      expect(slot.in_use).toBe(own);
    }
    const starts = won.map(({ attempt }) => attempt.startAt.getTime()).sort((a, b) => a - b);
    // Instants are cut to whole milliseconds here, of ten between two starts.
    const gaps = starts.slice(1).map((start, nth) => start - starts[nth]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(9);
  });

  it('are not held up by a stop of a campaign that only one of them is of', async () => {
    const [stopping, going] = await Promise.all(
      [0, 1].map(async () => aCampaign(source, (await anEnvironment(source)).id)),
    );
    const [held, free] = await Promise.all([stopping!, going!].map((campaign) => aCall(source, campaign)));
    // Without a limit of its statements: what waits here, waits until the stop is over.
    const patient = await database(url, COMMAND_LIMITS).initialize();
    const claiming = new Together<Ticket, ClaimResult>(
      (go) => new ClaimStore(asDialer(patient), dialingSettings()).claimAll(go),
      { most: 100, goes: 1 },
    );
    const stop = await inTheMiddle(source);
    await stop.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [campaignKey(stopping!.id)]);
    const [waiting, gone] = [held!, free!].map((call) => claiming.do(ticketOf(call)));
    expect((await gone!).kind).toBe('claimed');
    await aWaitFor(other, stop);
    await commit(stop);
    expect((await waiting!).kind).toBe('claimed');
    await patient.destroy();
  });

  it('reserve together no more than there is to spend', async () => {
    const { id } = await anEnvironment(source);
    await source.query(
      `UPDATE environments SET rate_per_second = 0.01, reserve_seconds = 100, is_credit_limited = true WHERE id = $1`,
      [id],
    );
    await source.query(`UPDATE slots SET granted = 5 WHERE scope = $1`, [`environment:${id}`]);
    const [one, two] = [
      await aCampaign(source, id, { totalBudget: 2 }),
      await aCampaign(source, id, { dailyBudget: 30 }),
    ];
    const calls = await Promise.all(
      [one, one, one, two, two, two, two, two].map((campaign) => aCall(source, campaign)),
    );
    const words = (await claims.claimAll(calls.map(ticketOf))).map(wordOf);
    expect(words).toEqual([
      'claimed',
      'claimed',
      'held: campaign_budget_spent',
      'claimed',
      'claimed',
      'claimed',
      'held: no_credits',
      'held: no_credits',
    ]);
    const [slot] = await source.query<[{ reserved: string }]>(`SELECT reserved FROM slots WHERE scope = $1`, [
      `environment:${id}`,
    ]);
    expect(Number(slot.reserved)).toBe(5);
  });
});

describe('fences of one go', () => {
  it('let those pass alone that nothing has come between, each with its own placeholders', async () => {
    const { id } = await anEnvironment(source);
    const campaigns = await Promise.all([0, 1, 2].map(() => aCampaign(source, id)));
    const [fine, bare, paused, cancelled, listed, stale] = await Promise.all(
      [0, 0, 1, 2, 2, 0].map((nth) => aCall(source, campaigns[nth]!)),
    );
    const calls = [fine!, bare!, paused!, cancelled!, listed!, stale!];
    const won = claimedOf(await claims.claimAll(calls.map(ticketOf)));
    expect(won).toHaveLength(6);
    await source.query(`UPDATE campaigns SET status = 'paused' WHERE id = $1`, [campaigns[1]!.id]);
    await source.query(`UPDATE calls SET cancel_requested_at = clock_timestamp() WHERE id = $1`, [
      cancelled!.id,
    ]);
    await source.query(
      `INSERT INTO do_not_call_entries (environment_id, kind, to_number) VALUES ($1, 'opt_out', $2)`,
      [id, listed!.to],
    );
    await attempts.releaseClaim(won[5]!.attempt.id, 'test');
    const passed = await claims.fenceAll(
      won.map((claimed, nth) => ({ claimed, missingPlaceholders: nth === 1 ? ['name', 'city'] : [] })),
    );
    expect(passed.map(({ kind }) => kind === 'passed')).toEqual([true, true, false, false, false, false]);
    expect(await claims.fenceAll(won.map((claimed) => ({ claimed, missingPlaceholders: [] })))).toEqual(
      won.map(() => ({ kind: 'refused' })),
    );
    const rows = await source.manager.findBy(Call, [{ id: fine!.id }, { id: bare!.id }]);
    const missing = new Map(rows.map((row) => [row.id, row.missingPlaceholders]));
    expect([missing.get(fine!.id), missing.get(bare!.id)]).toEqual([[], ['name', 'city']]);
  });
});

describe('requests that the carrier took, recorded in one go', () => {
  it('are placed once, each is told with its own attempt, and those nobody wants any more are named', async () => {
    const [one, two] = await Promise.all(
      [0, 1].map(async () => aCampaign(source, (await anEnvironment(source)).id)),
    );
    for (const campaign of [one!, two!]) {
      await hears(campaign.id, campaign.environmentId, ['campaign_call.started']);
    }
    const calls = await Promise.all([one!, one!, two!].map((campaign) => aCall(source, campaign)));
    const won = claimedOf(await claims.claimAll(calls.map(ticketOf)));
    await claims.fenceAll(won.map((claimed) => ({ claimed, missingPlaceholders: [] })));
    await source.query(`UPDATE calls SET cancel_requested_at = clock_timestamp() WHERE id = $1`, [
      calls[1]!.id,
    ]);
    const taken = won.map(({ attempt }, nth) => ({ attemptId: attempt.id, providerCallId: `p${nth}` }));
    const nobody = { attemptId: '00000000-0000-4000-8000-000000000000', providerCallId: 'p9' };

    const records = await attempts.recordAccepted([...taken, nobody]);
    expect(records.map(({ isUnwanted }) => isUnwanted)).toEqual([false, true, false, false]);
    const deliveries = records.flatMap(({ deliveryIds }) => deliveryIds);
    expect(deliveries).toHaveLength(3);
    const told = await source.query<{ callId: string; body: string }[]>(
      `SELECT call_id AS "callId", webhook_events.body FROM webhook_deliveries
         JOIN webhook_events ON webhook_events.id = webhook_deliveries.event_id
       WHERE webhook_deliveries.id = ANY ($1)`,
      [deliveries],
    );
    expect(new Set(told.map(({ callId }) => callId))).toEqual(new Set(calls.map(({ id }) => id)));
    expect(
      told.every(({ body }) => (JSON.parse(body) as { call: { attempt: number } }).call.attempt === 1),
    ).toBe(true);
    const placed = await source.manager.findBy(
      Attempt,
      won.map(({ attempt }) => ({ id: attempt.id })),
    );
    const byCall = new Map(
      placed.map((attempt) => [attempt.callId, [attempt.status, attempt.providerCallId]]),
    );
    expect(calls.map(({ id }) => byCall.get(id))).toEqual([
      ['placed', 'p0'],
      ['placed', 'p1'],
      ['placed', 'p2'],
    ]);

    const again = await attempts.recordAccepted(taken);
    expect(again.flatMap(({ deliveryIds }) => deliveryIds)).toEqual([]);
  });
});
