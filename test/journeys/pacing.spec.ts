import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { openedThisMinute } from '../opened-this-minute.js';
import { House, type LedgerLine } from '../running-house.js';

let house: House | undefined;

afterEach(() => house?.close());

const isRefused = ({ result }: LedgerLine) => result === 'rate_limited' || result === 'overloaded';

async function requests(of: House): Promise<LedgerLine[]> {
  return (await of.ledger()).filter(({ kind }) => kind === 'request');
}

async function change({ databaseUrl }: House, statement: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Lets time pass for the trunk, as if no word of limits had come for ten minutes. */
const QUIET = `UPDATE trunks SET slowed_at = slowed_at - interval '10 minutes', resumes_at = resumes_at - interval '10 minutes'`;

describe('a campaign whose hours have just opened', () => {
  it(
    'starts slowly, says so, and goes on at its whole rate once its ramp is off',
    { timeout: 90_000 },
    async () => {
      house = await House.open({ speed: 600 });
      const { timezone, ranges } = openedThisMinute();
      const hours = { timezone, call_time_ranges: ranges };
      const campaignId = await house.campaign({ ...hours, max_calls_per_minute: 60, ramp_seconds: 3_600 });
      const [first, second] = [
        await house.call(campaignId, aNumber()),
        await house.call(campaignId, aNumber()),
      ];
      await house.settled([first]);

      const { data: campaign } = await house.must('GET', `/campaigns/${campaignId}/why`);
      const [said] = campaign.reasons;
      expect(said).toMatchObject({ reason: 'campaign_ramp', effect: 'slows' });
      expect(said.sentence).toMatch(
        /^Its hours opened at .*:00\.000Z: its starts rise .* 3600 seconds, .* 2\d % of it\.$/,
      );
      const { data: call } = await house.must('GET', `/calls/${second}/why`);
      expect(call.reason).toBe('campaign_ramp');
      expect(call.sentence).toContain('The hours of its campaign have just opened');

      await house.must('PUT', `/campaigns/${campaignId}`, { ramp_seconds: 0 });
      await house.settled([second]);
      const after = await house.must('GET', `/campaigns/${campaignId}`);
      expect(after.data.ramp_seconds).toBe(0);
    },
  );
});

describe('a carrier with a limit of ten calls a second', () => {
  it(
    'never has more arrive in any second, from two dialers, with head-room for how long each is under way',
    { timeout: 90_000 },
    async () => {
      house = await House.open({
        dialers: 2,
        speed: 600,
        settings: { TRUNK_CALLS_PER_SECOND: '10', TRUNK_JITTER_MS: '1000' },
      });
      const running = house;
      const campaignId = await house.campaign();
      const ids = await Promise.all(Array.from({ length: 40 }, () => running.call(campaignId, aNumber())));
      await house.settled(ids);
      const arrivedMs = (await requests(house)).map(({ at }) => Date.parse(at)).toSorted((a, b) => a - b);
      expect(arrivedMs).toHaveLength(40);
      const most = Math.max(
        ...arrivedMs.map(
          (fromMs) => arrivedMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1_000).length,
        ),
      );
      expect(most).toBeLessThanOrEqual(10);
    },
  );
});

describe('a house that is full', () => {
  it(
    'lets a direct call go at once where room is kept for it, while campaign calls wait and say why',
    { timeout: 90_000 },
    async () => {
      house = await House.open({ speed: 1, settings: { RESERVED_SHARE: '0.25' } });
      const running = house;
      await house.must('PATCH', '/environment', { max_concurrent_calls: 4 });
      const campaignId = await house.campaign();
      const ids = await Promise.all(Array.from({ length: 6 }, () => running.call(campaignId, aNumber('60'))));
      const waiting = async () => {
        const calls = await Promise.all(ids.map((id) => running.readCall(id)));
        return calls.filter(({ status }) => status === 'queued');
      };
      await house.until('three ring', async () => (await waiting()).length === 3);
      const { data } = await house.must('GET', `/calls/${(await waiting())[0].id}/why`);
      expect(data.reason).toBe('environment_slots_in_use');

      const agentId = await house.agent();
      const made = await house.must('POST', `/agents/${agentId}/call`, { to: aNumber('60') });
      const direct = made.data.id as string;
      await house.until(
        'the direct call rings',
        async () => (await running.readCall(direct)).status !== 'queued',
      );
      expect(await waiting()).toHaveLength(3);
    },
  );
});

describe('a carrier that takes fewer calls than the trunk is set to', () => {
  it(
    'slows it by its 429s: every call rings once, none is lost, failed or counted, and the rate comes back',
    { timeout: 120_000 },
    async () => {
      house = await House.open({
        dialers: 2,
        speed: 600,
        settings: { TRUNK_CALLS_PER_SECOND: '40' },
      });
      const running = house;
      const campaignId = await house.campaign();
      await house.setFaults({ calls_per_second: 6, retry_after_seconds: 2 });
      const numbers = Array.from({ length: 40 }, () => aNumber());
      const ids = await Promise.all(numbers.map((to) => running.call(campaignId, to)));

      const why = await house.until('the campaign says that the provider slows it', async () => {
        const { data } = await running.must('GET', `/campaigns/${campaignId}/why`);
        return data.reasons.some(({ reason }: { reason: string }) => reason === 'trunk_slowed') && data;
      });
      expect(why.pace.current_calls_per_second).toBeLessThan(40);

      const settled = await house.settled(ids);
      expect([...settled.values()].map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
      const lines = await house.ledger();
      const rang = lines.filter(({ kind }) => kind === 'ring').map(({ to }) => to);
      expect(rang.toSorted()).toEqual(numbers.toSorted());
      for (const call of settled.values()) {
        const counted = call.attempts.filter(({ outcome }: { outcome: unknown }) => outcome !== null);
        expect(counted).toHaveLength(1);
      }

      const refused = (await requests(house)).filter(isRefused);
      expect(refused.length).toBeGreaterThan(0);
      // Without slowing, 34 of the first 40 would have been turned away, 28 of the next 34, and so on: 114.
      expect(refused.length).toBeLessThan(2 * numbers.length);

      await house.setFaults({ calls_per_second: 0 });
      await change(house, QUIET);
      await house.must('PATCH', '/environment', { kill_switch: true });
      const later = Array.from({ length: 40 }, () => aNumber());
      const laterIds = await Promise.all(later.map((to) => running.call(campaignId, to)));
      await house.must('PATCH', '/environment', { kill_switch: false });
      await house.settled(laterIds);
      const arrived = (await requests(house)).filter(({ to }) => later.includes(to));
      expect(arrived).toHaveLength(40);
      const { data } = await house.must('GET', `/campaigns/${campaignId}/why`);
      expect(data.pace.current_calls_per_second).toBe(40);
    },
  );

  it(
    'that says itself that it is overloaded is asked again, and rings each once',
    { timeout: 90_000 },
    async () => {
      house = await House.open({ speed: 600, settings: { TRUNK_CALLS_PER_SECOND: '40' } });
      const running = house;
      const campaignId = await house.campaign();
      await house.setFaults({ overloaded: 1, retry_after_seconds: 0 });
      const numbers = Array.from({ length: 5 }, () => aNumber());
      const ids = await Promise.all(numbers.map((to) => running.call(campaignId, to)));
      await house.until('one is refused', async () => (await running.ledger()).some(isRefused));
      await house.setFaults({ overloaded: 0 });
      const settled = await house.settled(ids);
      expect([...settled.values()].map(({ status }) => status)).toEqual(numbers.map(() => 'completed'));
      const lines = await house.ledger();
      const rang = lines.filter(({ kind }) => kind === 'ring').map(({ to }) => to);
      expect(rang.toSorted()).toEqual(numbers.toSorted());
    },
  );
});
