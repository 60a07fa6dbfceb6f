import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { House } from '../test/house.js';
import { SECRET, type Manner, type Receivers } from '../test/receivers.js';
import type { Report } from './report.js';
import { ratios, sideBySide, type Contender } from './side-by-side.js';
import { TOLD_EVENTS } from './webhook-crowd.js';

/** How much slower dialling may be beside a webhook that drips. */
const LEAST_OF_RATE = 0.9;

/** Clients that make calls at once. */
const CLIENTS = 8;

/** Longest time that the calls of one campaign are waited for. */
const PATIENCE_MS = 120_000;

/** Two healthy webhooks, which hear all; and in the place of a third that is healthy, one that drips. */
const WEBHOOKS = { healthy: ['takes', 'takes', 'takes'], dripping: ['takes', 'takes', 'drips'] } as const;

type Company = keyof typeof WEBHOOKS;

interface Dialling {
  house: House;
  source: DataSource;
  receivers: Receivers;
  quick: boolean;
}

/**
 * How quickly calls are dialled, as many as there are at once, and each told to three webhooks: all of them healthy, or
 * one of them dripping a byte a second into all the room it has. The lines are busy, so that nothing waits for talks.
 */
export async function measureDialling(dialling: Dialling, report: Report): Promise<void> {
  const { quick } = dialling;
  const [pairs, calls] = quick ? [1, 150] : [5, 400];
  const waiting: Record<Company, string[]> = { healthy: [], dripping: [] };
  for (let nth = 0; nth <= pairs; nth += 1) {
    for (const company of ['healthy', 'dripping'] as const) {
      waiting[company].push(await campaignOf(dialling, company, nth, calls));
    }
  }
  const contender =
    (company: Company): Contender =>
    async () => {
      await dialAll(dialling, waiting[company].shift() ?? '');
      return calls;
    };
  const samples = await sideBySide({ healthy: contender('healthy'), dripping: contender('dripping') }, pairs);
  const rates = (company: Company) => samples[company].map(({ wallNs }) => 1e9 / wallNs);
  report.figure('calls dialled per second, all webhooks healthy', rates('healthy'), 'calls/s');
  report.figure('calls dialled per second, one of three dripping', rates('dripping'), 'calls/s');
  const slowed = ratios(samples.healthy, samples.dripping);
  report.ratio('dialling rate, one dripping / all healthy', slowed);
  const median = slowed.toSorted((a, b) => a - b)[Math.floor(slowed.length / 2)] ?? 0;
  if (!quick) report.holds('one that drips slows dialling by less than a tenth', median >= LEAST_OF_RATE);
  const { counts } = dialling.receivers;
  const dripped = [...counts].filter(([name]) => name.endsWith('2 dripping'));
  report.holds('it was told, and dripped', dripped.length === pairs + 1);
}

/** A paused campaign with its webhooks, and so many calls that wait for it: made while its hours were others. */
async function campaignOf(
  { house, receivers }: Dialling,
  company: Company,
  nth: number,
  calls: number,
): Promise<string> {
  const id = await house.campaign({ call_time_ranges: [hourFarFromNow()] });
  for (const [place, manner] of WEBHOOKS[company].entries()) {
    await house.must('POST', `/campaigns/${id}/webhooks`, {
      name: manner,
      webhook_url: receivers.url(manner satisfies Manner, `${id} ${place} ${company}`),
      webhook_secret: SECRET,
      events: TOLD_EVENTS.filter((event) => event.startsWith('campaign_call.') && !event.endsWith('.queued')),
      include_call_events: true,
      max_concurrent_deliveries: 50,
      timeout: 120,
    });
  }
  let made = 0;
  const client = async () => {
    while (made < calls) {
      const place = made++;
      // Ends with 70 to 79: a line that is busy.
      const number = `+1${201 + nth}${(2_000_000 + place * 100 + 70 + (place % 10)).toString()}`;
      await house.call(id, number);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await house.must('PATCH', `/campaigns/${id}/status`, { status: 'paused' });
  await house.must('PUT', `/campaigns/${id}`, { call_time_ranges: [{ start: '00:00', end: '24:00' }] });
  return id;
}

/** Lets a campaign go, waits until its calls have ended, and switches its webhooks off. */
async function dialAll({ house, source, receivers }: Dialling, id: string): Promise<void> {
  await house.must('PATCH', `/campaigns/${id}/status`, { status: 'active' });
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const [{ left }] = await source.query<[{ left: number }]>(
      `SELECT count(*)::integer AS left FROM calls WHERE campaign_id = $1 AND finished_at IS NULL`,
      [id],
    );
    if (left === 0) break;
    if (performance.now() > deadline) throw new Error(`${left} calls were not dialled.`);
    await pause(50);
  }
  // What is owed to them and what drips into them is not to be carried over to the next campaign.
  await source.query(`UPDATE webhook_endpoints SET enabled = false WHERE campaign_id = $1`, [id]);
  await receivers.leave();
  await receivers.listen();
}

function hourFarFromNow(): { start: string; end: string } {
  const hour = ((new Date().getUTCHours() + 12) % 24).toString().padStart(2, '0');
  return { start: `${hour}:00`, end: `${hour}:59` };
}
