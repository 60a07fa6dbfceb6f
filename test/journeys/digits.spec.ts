import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House, type LedgerLine } from '../running-house.js';

/** The carrier's table: what the last two digits of a number come to, without retries. */
const TABLE: { from: number; to: number; rings: number; status: string; outcome?: string }[] = [
  { from: 0, to: 59, rings: 1, status: 'completed', outcome: 'answered' },
  { from: 60, to: 69, rings: 1, status: 'no-answer' },
  { from: 70, to: 79, rings: 0, status: 'busy' },
  { from: 80, to: 84, rings: 1, status: 'voicemail' },
  { from: 85, to: 87, rings: 0, status: 'failed', outcome: 'carrier_failure' },
  { from: 88, to: 88, rings: 0, status: 'failed', outcome: 'invalid_number' },
  { from: 89, to: 89, rings: 1, status: 'failed', outcome: 'rejected' },
  { from: 90, to: 90, rings: 1, status: 'completed' },
  { from: 91, to: 91, rings: 1, status: 'completed' },
  { from: 92, to: 92, rings: 0, status: 'outcome_unknown' },
  { from: 93, to: 93, rings: 1, status: 'completed' },
  { from: 94, to: 94, rings: 1, status: 'completed' },
  { from: 95, to: 95, rings: 1, status: 'completed' },
  { from: 96, to: 96, rings: 0, status: 'busy' },
  { from: 97, to: 97, rings: 1, status: 'no-answer' },
  { from: 98, to: 98, rings: 1, status: 'completed' },
  { from: 99, to: 99, rings: 0, status: 'failed', outcome: 'invalid_number' },
];

const expected = (digits: number) => TABLE.find(({ from, to }) => from <= digits && digits <= to);

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 2 });
});

afterAll(() => house.close());

function linesOf(ledger: LedgerLine[], kind: LedgerLine['kind']): Map<string, LedgerLine[]> {
  const byNumber = new Map<string, LedgerLine[]>();
  for (const line of ledger.filter((one) => one.kind === kind)) {
    byNumber.set(line.to, [...(byNumber.get(line.to) ?? []), line]);
  }
  return byNumber;
}

describe('two hundred calls over the whole table', () => {
  it(
    'end in the states the table says, with the rings it says, and never more than one request for an attempt',
    { timeout: 120_000 },
    async () => {
      const campaignId = await house.campaign();
      const numbers = Array.from({ length: 200 }, (_, index) =>
        aNumber((index % 100).toString().padStart(2, '0')),
      );
      const ids: string[] = [];
      for (const to of numbers) ids.push(await house.call(campaignId, to));
      const settled = await house.settled(ids);

      const ledger = await house.ledger();
      const rings = linesOf(ledger, 'ring');
      const requests = linesOf(ledger, 'request');
      for (const [index, to] of numbers.entries()) {
        const call = settled.get(ids[index] ?? '');
        const row = expected(index % 100);
        const seen = { digits: index % 100, status: call.status, rings: rings.get(to)?.length ?? 0 };
        expect(seen).toEqual({ digits: index % 100, status: row?.status, rings: row?.rings });
        if (row?.outcome !== undefined) expect(call.outcome).toBe(row.outcome);

        const referenced = (requests.get(to) ?? []).map(({ id }) => id);
        expect(new Set(referenced).size, `requests of ${index % 100}`).toBe(referenced.length);
        const sent = call.attempts.filter(
          ({ started_at }: { started_at: string | null }) => started_at !== null,
        );
        expect([...referenced].sort()).toEqual(sent.map(({ id }: { id: string }) => id).sort());
      }

      const limited = settled.get(ids[98] ?? '');
      const spent = limited.attempts.filter(({ status }: { status: string }) => status !== 'released');
      expect(spent, 'one attempt counted after two refusals for the rate').toHaveLength(1);
      expect(settled.get(ids[95] ?? '').converted).toBe(true);
    },
  );
});

describe('retries', () => {
  it.each([
    ['96', 'completed', 2, 1],
    ['97', 'completed', 3, 3],
    ['70', 'busy', 3, 0],
    ['60', 'no-answer', 3, 3],
    ['80', 'voicemail', 3, 3],
    ['85', 'failed', 3, 0],
    ['89', 'failed', 3, 3],
    ['88', 'failed', 1, 0],
    ['99', 'failed', 1, 0],
  ])(
    'of a number that ends in %s come to %s after %i attempts and %i rings',
    async (digits, status, attempts, rings) => {
      const campaignId = await house.campaign({ max_retries: 2 });
      const to = aNumber(digits);
      const id = await house.call(campaignId, to);
      const call = (await house.settled([id])).get(id);
      expect({ status: call.status, attempts: call.attempts.length }).toEqual({ status, attempts });
      const rang = (await house.ledger()).filter((line) => line.kind === 'ring' && line.to === to);
      expect(rang).toHaveLength(rings);
    },
  );
});

describe('what the carrier is told', () => {
  it('has the placeholders filled from the payload, the length limit, and a deadline', async () => {
    const campaignId = await house.campaign(
      { caller_ids: ['+12025550142'] },
      { max_call_duration_seconds: 90, description: 'Remind {{name}} of {{visit.day}}{{missing}}.' },
    );
    const to = aNumber('00');
    const payload = { name: 'Ana', visit: { day: 'Monday' } };
    const id = await house.call(campaignId, to, { payload });
    const call = (await house.settled([id])).get(id);
    const request = (await house.ledger()).find((line) => line.kind === 'request' && line.to === to);
    expect(request).toMatchObject({
      id: call.attempts[0].id,
      from: '+12025550142',
      max_duration_seconds: 90,
      agent: { description: 'Remind Ana of Monday.', initial_message: 'Hello Ana!' },
      variables: payload,
      not_after: expect.any(String),
    });
    expect(call.missing_placeholders).toEqual(['missing']);
  });
});
