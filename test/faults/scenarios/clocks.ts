import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { restartApi } from '../api-deaths.js';
import type { Trial } from '../trial.js';

const SKEWED_CLOCK = resolve('test/faults/skewed-clock.mjs');

/** A process whose wall clock is off, and jumps to another error and back every few seconds; in some zone of its own. */
function clock(minutes: number, jumpToMinutes: number, zone: string): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${SKEWED_CLOCK}`,
    SKEW_MS: (minutes * 60_000).toString(),
    JUMP_TO_MS: (jumpToMinutes * 60_000).toString(),
    JUMP_EVERY_MS: '3000',
    TZ: zone,
  };
}

/** Calls made around the end of a window. */
const CALLS_AT_THE_END = 40;

/**
 * Dialers ten minutes off, either way, one of them set right and wrong again; one that goes an hour forth and back, as
 * a machine that keeps summer time by hand; and so the api. They dial as ever, and no window opens or closes by them.
 */
export async function clocks(trial: Trial): Promise<void> {
  const { house, plan } = trial;
  trial.keepDialer(() => clock(10, 10, 'Pacific/Chatham'));
  trial.keepDialer(() => clock(-10, 0, 'America/St_Johns'));
  trial.keepDialer(() => clock(60, -60, 'America/New_York'));
  await restartApi(trial, clock(60, 0, 'Europe/London'));
  const closed = await Promise.all([
    house.campaign({ call_time_ranges: [around(-40, -5)] }),
    house.campaign({ call_time_ranges: [around(5, 40)] }),
  ]);
  for (let nth = 0; nth < 6; nth += 1) {
    const id = await trial.accept(closed[nth % 2] as string, plan.calls + nth);
    if (id !== null) trial.held.add(id);
  }
  await trial.disturb(trial.killEveryMs, (turn) => {
    const victim = trial.someDialer();
    if (turn % 2 === 0 && victim !== undefined) trial.kill(victim);
  });
  const [early] = await trial.query(
    `SELECT count(*)::integer AS count FROM attempts WHERE campaign_id = ANY ($1)`,
    [closed],
  );
  if (early?.count !== 0) trial.breaches.push('a closed campaign was dialled');
  // It takes up to a minute: windows end on whole ones.
  if (!plan.isQuick) await endOfWindow(trial);
}

/** Calls come in while a window ends, faster than they are dialled: by the database's clock none begins after it. */
async function endOfWindow(trial: Trial): Promise<void> {
  const { house, plan } = trial;
  // Far enough ahead that some are dialled, near enough that some are not.
  while (Date.now() % 60_000 > 52_000) await pause(500);
  const closesAt = new Date(Math.ceil(Date.now() / 60_000) * 60_000);
  const closing = closesAt.toISOString().slice(11, 16);
  const campaignId = await house.campaign({
    max_concurrent_calls: 2,
    call_time_ranges: [{ start: '00:00', end: closing === '00:00' ? '24:00' : closing }],
  });
  await pause(closesAt.getTime() - Date.now() - 3_000);
  const places = Array.from({ length: CALLS_AT_THE_END }, (_, nth) => plan.calls + 6 + nth);
  const ids = (await Promise.all(places.map((place) => trial.accept(campaignId, place)))).filter(
    (id) => id !== null,
  );
  await pause(Math.max(0, closesAt.getTime() - Date.now()) + 3_000);
  const rows = await trial.query(
    `SELECT count(*)::integer AS dialled, count(*) FILTER (WHERE sending_at >= $2)::integer AS late
     FROM attempts WHERE campaign_id = $1 AND sending_at IS NOT NULL`,
    [campaignId, closesAt],
  );
  const { dialled, late } = rows[0] as { dialled: number; late: number };
  if (late > 0) trial.breaches.push(`${late} dials began after the window had closed`);
  if (dialled === 0) trial.breaches.push('nothing was dialled before the window closed');
  trial.timings.push(`dialled before a window closed: ${dialled} of ${ids.length} calls, after it ${late}`);
  const waiting = await trial.query(`SELECT id FROM calls WHERE campaign_id = $1 AND status = 'waiting'`, [
    campaignId,
  ]);
  for (const { id } of waiting) trial.held.add(id as string);
}

/** A window from so many minutes from now to so many, in UTC; one that would cross midnight is moved away. */
function around(fromMinutes: number, toMinutes: number): { start: string; end: string } {
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  const [start, end] = [at(fromMinutes), at(toMinutes)];
  return start < end ? { start, end } : { start: '12:00', end: '12:01' };
}
