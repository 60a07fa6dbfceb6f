import { expect } from 'vitest';
import { aNumber } from '../factories.js';
import type { LedgerLine } from '../house.js';
import { House } from '../running-house.js';

/** A house on a carrier's twin at which calls are over in no time, and one where phones ring for as long as a test needs. */
export class CarrierHouses {
  private constructor(
    readonly house: House,
    readonly campaignId: string,
    readonly slow: House,
    readonly slowCampaignId: string,
  ) {}

  static async open(carrier: 'twilio' | 'asterisk' | 'livekit'): Promise<CarrierHouses> {
    const house = await House.open({ carrier, speed: 240 });
    const campaignId = await house.campaign();
    const slow = await House.open({ carrier, speed: 1 });
    return new CarrierHouses(house, campaignId, slow, await slow.campaign());
  }

  async close(): Promise<void> {
    await this.house.close();
    await this.slow.close();
  }

  /** A call to a number with these last digits ends so, and each of its attempts was one request. */
  async expectEnd(digits: string, end: { status: string; outcome: string }): Promise<void> {
    const id = await this.house.call(this.campaignId, aNumber(digits));
    const call = (await this.house.settled([id])).get(id);
    expect(call).toMatchObject(end);
    for (const attempt of call.attempts)
      expect(await linesOf(this.house, 'request', attempt.id)).toHaveLength(1);
  }
}

/** What the twin's ledger has of an attempt. */
export async function linesOf(of: House, kind: string, attemptId: string): Promise<LedgerLine[]> {
  return (await of.ledger()).filter((line) => line.kind === kind && line.id === attemptId);
}
