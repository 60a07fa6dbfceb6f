import { createHmac, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCarrier, type Carrier } from '../../apps/carrier/carrier-server.js';
import { freePort } from '../../apps/start/free-port.js';
import { aNumber } from '../factories.js';
import type { LedgerLine } from '../house.js';
import { House } from '../running-house.js';

/** The first trunk's carrier; the spare's is the one that every house under test has. */
let first: Carrier;
let house: House;
let campaignId: string;
const firstLedger: LedgerLine[] = [];

const FIRST_SECRET = 'a secret of the first carrier alone';

beforeAll(async () => {
  const settings = { CARRIER_SECRET: FIRST_SECRET, SPEED: 240, SEED: 1, LEDGER_FILE: '/dev/null' };
  first = await buildCarrier(settings, pino({ level: 'silent' }));
  first.ledger.on('line', (line) => firstLedger.push(line as LedgerLine));
  const port = await freePort();
  await first.http.listen({ host: '127.0.0.1', port });
  house = await House.open({
    speed: 240,
    settings: {
      TRUNKS: 'first,spare,british',
      TRUNK_FIRST_CARRIER_URL: `http://127.0.0.1:${port}`,
      TRUNK_FIRST_CARRIER_SECRET: FIRST_SECRET,
      TRUNK_BRITISH_PREFIXES: '+44',
    },
  });
  campaignId = await house.campaign();
});

afterAll(async () => {
  await house?.close();
  await first?.close();
});

const ringsOf = (lines: readonly LedgerLine[], to: string) =>
  lines.filter((line) => line.kind === 'ring' && line.to === to).length;
const requestsOf = (lines: readonly LedgerLine[], to: string) =>
  lines.filter((line) => line.kind === 'request' && line.to === to).length;

/** Makes calls to these, waits until they settle, and answers how they ended and how often the phones rang where. */
async function outcomesOf(numbers: string[], campaign = campaignId) {
  const ids = await Promise.all(numbers.map((to) => house.call(campaign, to)));
  const calls = await house.settled(ids);
  const spare = await house.ledger();
  return numbers.map((to, nth) => ({
    ends: calls.get(ids[nth]!).status as string,
    first: ringsOf(firstLedger, to),
    spare: ringsOf(spare, to),
  }));
}

describe('a house with several trunks', () => {
  it('calls over the first one that takes the number, and hears of each call from its own carrier', async () => {
    const numbers = [aNumber(), aNumber(), '+442079460100'];
    expect(await outcomesOf(numbers)).toEqual([
      { ends: 'completed', first: 1, spare: 0 },
      { ends: 'completed', first: 1, spare: 0 },
      { ends: 'completed', first: 0, spare: 1 },
    ]);
  });

  it('sends no call over another trunk of which the first may have rung the phone', async () => {
    const [lost, failed] = [aNumber('90'), aNumber('91')];
    expect(await outcomesOf([lost, failed])).toEqual([
      { ends: 'completed', first: 1, spare: 0 },
      { ends: 'completed', first: 1, spare: 0 },
    ]);
    const spare = await house.ledger();
    expect([requestsOf(spare, lost), requestsOf(spare, failed)]).toEqual([0, 0]);
  });

  it('keeps a campaign on its own trunks when an operator says so', async () => {
    const own = await house.campaign();
    const said = await house.cli(['trunk', 'route', own, '--over', 'spare']);
    expect(said).toEqual({ id: own, trunks: ['spare'] });
    expect(await outcomesOf([aNumber()], own)).toEqual([{ ends: 'completed', first: 0, spare: 1 }]);
  });

  it('refuses what one carrier signs in the name of another', async () => {
    const body = JSON.stringify({ event_id: 'e1', id: randomUUID(), provider_call_id: 'p1', type: 'busy' });
    const signature = createHmac('sha256', house.variables.CARRIER_SECRET!).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-carrier-signature': `sha256=${signature}` };
    const asked = { method: 'POST', headers, body };
    expect((await fetch(house.url('/callbacks/spare'), asked)).status, 'rightly signed, not to be read').toBe(
      422,
    );
    expect((await fetch(house.url('/callbacks/first'), asked)).status).toBe(401);
    expect((await fetch(house.url('/callbacks/simulated'), asked)).status).toBe(404);
  });

  it('calls over the spare one once the first is gone: everybody once, and nobody is lost', async () => {
    await first.close();
    const numbers = Array.from({ length: 45 }, () => aNumber());
    const came = await outcomesOf(numbers);
    expect(came).toEqual(numbers.map(() => ({ ends: 'completed', first: 0, spare: 1 })));
    const { trunks } = await house.cli(['trunk', 'list']);
    const [standing] = (trunks as { name: string; failed_requests: number }[]).filter(
      ({ name }) => name === 'first',
    );
    expect(standing?.failed_requests).toBeGreaterThanOrEqual(25);
  });
});
