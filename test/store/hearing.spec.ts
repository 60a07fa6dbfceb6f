import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { Attempt } from '#store/attempt.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import { hearingOf } from '#store/hearing.js';
import { LeasesStore } from '#store/leases.store.js';
import { WhyStore } from '#store/why.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asApi, asDialer, dialingSettings, trunkOf } from '../factories.js';

const HEARING = hearingOf('test');
const BY_SOCKET = dialingSettings({ hearsBySocket: true });

let source: DataSource;
let campaign: Campaign;
let leases: LeasesStore;
let claims: ClaimStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  campaign = await aCampaign(source, (await anEnvironment(source)).id);
  leases = new LeasesStore(asDialer(source));
  claims = new ClaimStore(asDialer(source), BY_SOCKET);
});

afterAll(() => source.destroy());

beforeEach(() => leases.release(HEARING, 'one'));

/** The lease as it is so many seconds after its end. */
const overSince = (seconds: number) => leases.hold(HEARING, 'one', -seconds);

async function aClaim() {
  const claim = await claims.claim((await aCall(source, campaign)).id, 1);
  if (claim.kind !== 'claimed') throw new Error(claim.kind);
  return claim;
}

describe('a carrier that tells by a socket', () => {
  it('gets no call while nobody holds the socket, and all of them once somebody does', async () => {
    const call = await aCall(source, campaign);
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'no_room' });
    await overSince(1);
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'no_room' });
    expect(await source.manager.countBy(Attempt, { callId: call.id })).toBe(0);
    await leases.hold(HEARING, 'one', 2);
    expect((await claims.claim(call.id, 1)).kind).toBe('claimed');
  });

  it('gets no call either that was claimed before the socket was lost: the fence asks again', async () => {
    await leases.hold(HEARING, 'one', 60);
    const [lost, kept] = [await aClaim(), await aClaim()];
    await leases.release(HEARING, 'one');
    expect(await claims.fence(lost, [])).toEqual({ kind: 'refused' });
    await leases.hold(HEARING, 'two', 60);
    expect(await claims.fence(kept, [])).toMatchObject({ kind: 'passed' });
    await leases.release(HEARING, 'two');
  });

  it('is not fed meanwhile, and another carrier is', async () => {
    const feed = new FeedStore(asDialer(source));
    const trunks = [...BY_SOCKET.trunks, trunkOf({ name: 'by requests' })];
    const fed = async () => [...(await feed.trunks(trunks)).keys()].map(({ name }) => name);
    expect(await fed()).toEqual(['by requests']);
    await leases.hold(hearingOf('another'), 'one', 60);
    expect(await fed(), 'heard is another one').toEqual(['by requests']);
    await leases.hold(HEARING, 'one', 60);
    expect(await fed()).toEqual(['test', 'by requests']);
  });

  it('is said by `why` not to be heard, and not that a dialer is missing', async () => {
    await leases.hold('dialer', 'one', 60);
    const reasons = async () => {
      const told = await new WhyStore(asApi(source), BY_SOCKET).campaign(campaign.environmentId, campaign.id);
      return told?.reasons.map(({ reason }) => reason) ?? [];
    };
    expect(await reasons()).toContain('carrier_not_heard');
    expect(await reasons()).not.toContain('no_dialer');
    await leases.hold(HEARING, 'one', 60);
    expect(await reasons()).not.toContain('carrier_not_heard');
    await leases.release('dialer', 'one');
    expect(await reasons(), 'whoever hears does not lead by that').toContain('no_dialer');
  });
});
