import type { EntityManager } from 'typeorm';
import { healthAfter, isResting, WELL, type SaidOfHealth, type TrunkHealth } from '#policy/trunk-health.js';
import {
  currentRate,
  FRESH_TRUNK,
  hasStart,
  nextStart,
  paceAfter,
  type TrunkAnswer,
  type TrunkPace,
} from '#policy/trunk-pace.js';
import type { Trunk } from './dialing-settings.js';

/** A trunk's pace and health, and the database clock at the moment of reading. */
export interface TrunkNow {
  pace: TrunkPace;
  health: TrunkHealth;
  nowMs: number;
}

/** Instants as numbers with their fraction: at hundreds a second, whole milliseconds would cost a part of the rate. */
const milliseconds = (column: string) => `extract(epoch FROM ${column})::double precision * 1000`;

const PACE = `${milliseconds('last_start_at')} AS "lastStartAtMs", rate_share AS "rateShare",
  ${milliseconds('slowed_at')} AS "slowedAtMs", ${milliseconds('credited_until')} AS "creditedUntilMs",
  ${milliseconds('resumes_at')} AS "resumesAtMs"`;

const HEALTH = `failed_requests AS "failedRequests", failed_calls AS "failedCalls",
  ${milliseconds('failure_sent_at')} AS "failureSentAtMs", rests, ${milliseconds('rests_until')} AS "restsUntilMs"`;

/** How trunks stand, by name; one that was never used is at its whole rate, and well. */
export async function readTrunks(
  manager: EntityManager,
  trunks: readonly Pick<Trunk, 'name'>[],
): Promise<Map<string, TrunkNow>> {
  const rows = await manager.query<(Partial<TrunkRow> & { name: string; nowMs: number })[]>(
    `SELECT asked.name, known.*, ${milliseconds('clock_timestamp()')} AS "nowMs"
     FROM unnest($1::text[]) AS asked (name)
       LEFT JOIN LATERAL (SELECT true AS known, ${PACE}, ${HEALTH} FROM trunks WHERE trunks.name = asked.name) AS known ON true`,
    [trunks.map(({ name }) => name)],
  );
  return new Map(rows.map((row) => [row.name, trunkNow(row)]));
}

/** How fast a trunk is at this moment. */
export interface TrunkRate {
  name: string;
  /** Starts a second, as it is set. */
  limit: number;
  rests: boolean;
  /** Starts a second, as it makes them. */
  callsPerSecond: number;
}

/** While nobody hears its carrier nothing is sent, as in a pause that it asked for, and while it rests. */
export function rateOf(trunk: Trunk, known: ReadonlyMap<string, TrunkNow>, heard: Trunk[]): TrunkRate {
  const { name, limitPerSecond: limit } = trunk;
  const { pace, health, nowMs } = known.get(name)!;
  const rests = isResting(health, nowMs);
  const isPaused = rests || !heard.includes(trunk) || (pace.resumesAtMs !== null && pace.resumesAtMs > nowMs);
  return { name, limit, rests, callsPerSecond: isPaused ? 0 : currentRate(pace, limit, nowMs) };
}

/**
 * The next starts of trunks, whose rows are locked from the first that is reserved on: the lock, held until the transaction
 * ends, spaces the starts of all dialers. `write` is to be called before that.
 */
export class TrunkStarts {
  private readonly locked = new Map<string, TrunkNow>();
  private readonly lastStartAtMs = new Map<string, number>();

  constructor(private readonly manager: EntityManager) {}

  /** Where starts are reserved on more than one: all of them, in one order, before the first. */
  async lock(trunks: readonly Trunk[]): Promise<void> {
    let nowMs = 0;
    for (const trunk of inOneOrder(trunks)) ({ nowMs } = await this.lockOne(trunk));
    // The clock of the first is from before the wait for the others, and would put its starts into the past.
    for (const [name, one] of this.locked) this.locked.set(name, { ...one, nowMs });
  }

  /**
   * Reserves a trunk's next start, or answers null when that is further ahead than a claim may wait.
   * @param isWanted whether a start at this instant is of any use, asked now; one that is not is left to others
   */
  async reserve(trunk: Trunk, isWanted: (startAt: Date, nowMs: number) => boolean): Promise<Date | null> {
    const { name, callsPerSecond } = trunk;
    const { pace, ...rest } = this.locked.get(name) ?? (await this.lockOne(trunk));
    const { nowMs } = rest;
    if (!hasStart(pace, callsPerSecond, nowMs)) return null;
    const startAtMs = nextStart(pace, callsPerSecond, nowMs);
    const startAt = new Date(startAtMs);
    if (!isWanted(startAt, nowMs)) return null;
    this.lastStartAtMs.set(name, startAtMs);
    this.locked.set(name, { ...rest, pace: { ...pace, lastStartAtMs: startAtMs } });
    return startAt;
  }

  /** Writes the last starts that were reserved. */
  async write(): Promise<void> {
    if (this.lastStartAtMs.size === 0) return;
    await this.manager.query(
      `UPDATE trunks SET last_start_at = to_timestamp(started.at / 1000)
       FROM unnest($1::text[], $2::double precision[]) AS started (name, at) WHERE trunks.name = started.name`,
      [[...this.lastStartAtMs.keys()], [...this.lastStartAtMs.values()]],
    );
  }

  private async lockOne({ name }: Trunk): Promise<TrunkNow> {
    const locked = (await lockTrunk(this.manager, name)) ?? (await addTrunk(this.manager, name));
    this.locked.set(name, locked);
    return locked;
  }
}

/** What became of a request says of its trunk, and when that request left. */
export type SaidOfTrunk = { sentAt: Date | null } & (
  { kind: SaidOfHealth } | { kind: 'limited'; retryAfterSeconds: number | null }
);

/**
 * Notes what was heard of trunks: a provider at its limit slows its trunk, and accepted calls bring it back; one that fails
 * rests.
 */
export async function noteOfTrunks(
  manager: EntityManager,
  heard: readonly { trunk: Trunk; said: SaidOfTrunk[] }[],
): Promise<void> {
  for (const { trunk, said } of heard.toSorted((a, b) => byName(a.trunk, b.trunk)))
    await noteOfTrunk(manager, trunk, said);
}

async function noteOfTrunk(
  manager: EntityManager,
  { name, callsPerSecond }: Trunk,
  words: SaidOfTrunk[],
): Promise<void> {
  const said = words.filter(({ sentAt }) => sentAt !== null);
  if (said.length === 0) return;
  const isGood = said.every(({ kind }) => GOOD.has(kind));
  // Most go well on a trunk that nothing slows: those neither wait for its row nor write it.
  const troubled = said.some(({ kind }) => kind === 'taken') ? `(rate_share < 1 OR ${FAILS})` : FAILS;
  const found = await lockTrunk(manager, name, isGood ? `AND ${troubled}` : '');
  if (found === null) return;
  const { nowMs } = found;
  let { pace, health } = found;
  for (const word of said) {
    const sentAtMs = word.sentAt!.getTime();
    const answer = answerOf(word, sentAtMs);
    if (answer !== null) pace = paceAfter(pace, answer, callsPerSecond, nowMs);
    if (word.kind !== 'limited') health = healthAfter(health, { says: word.kind, sentAtMs }, nowMs);
  }
  await manager.query(
    `UPDATE trunks SET rate_share = $2, slowed_at = to_timestamp($3::double precision / 1000),
       credited_until = to_timestamp($4::double precision / 1000),
       resumes_at = to_timestamp($5::double precision / 1000), failed_requests = $6, failed_calls = $7,
       failure_sent_at = to_timestamp($8::double precision / 1000), rests = $9,
       rests_until = to_timestamp($10::double precision / 1000)
     WHERE name = $1`,
    [
      name,
      pace.rateShare,
      pace.slowedAtMs,
      pace.creditedUntilMs,
      pace.resumesAtMs,
      health.failedRequests,
      health.failedCalls,
      health.failureSentAtMs,
      health.rests,
      health.restsUntilMs,
    ],
  );
}

const GOOD: ReadonlySet<SaidOfTrunk['kind']> = new Set(['taken', 'exists', 'reached']);

const FAILS = '(failed_requests > 0 OR failed_calls > 0 OR rests > 0)';

/** What a word says of the limits of its provider; null: nothing. */
function answerOf(word: SaidOfTrunk, sentAtMs: number): TrunkAnswer | null {
  if (word.kind === 'taken') return { kind: 'accepted', sentAtMs };
  if (word.kind !== 'limited') return null;
  return { kind: 'limited', sentAtMs, retryAfterSeconds: word.retryAfterSeconds };
}

type TrunkRow = TrunkPace & TrunkHealth & { nowMs: number };

/** The clock is read outside, once the row is had: a clock from before the wait would put a start into the past. */
async function lockTrunk(manager: EntityManager, trunk: string, which = ''): Promise<TrunkNow | null> {
  const [row] = await manager.query<TrunkRow[]>(
    `SELECT locked.*, ${milliseconds('clock_timestamp()')} AS "nowMs"
     FROM (SELECT true AS known, ${PACE}, ${HEALTH} FROM trunks WHERE name = $1 ${which} FOR UPDATE) AS locked`,
    [trunk],
  );
  return row === undefined ? null : trunkNow(row);
}

async function addTrunk(manager: EntityManager, trunk: string): Promise<TrunkNow> {
  await manager.query(`INSERT INTO trunks (name) VALUES ($1) ON CONFLICT DO NOTHING`, [trunk]);
  const added = await lockTrunk(manager, trunk);
  if (added === null) throw new Error(`The trunk ${trunk} is gone`);
  return added;
}

/** One that has no row was never used. */
function trunkNow(row: Partial<TrunkRow> & { known?: boolean | null; nowMs: number }): TrunkNow {
  const { nowMs } = row;
  if (!row.known) return { pace: FRESH_TRUNK, health: WELL, nowMs };
  const { lastStartAtMs, rateShare, slowedAtMs, creditedUntilMs, resumesAtMs } = row as TrunkRow;
  const { failedRequests, failedCalls, failureSentAtMs, rests, restsUntilMs } = row as TrunkRow;
  return {
    pace: { lastStartAtMs, rateShare, slowedAtMs, creditedUntilMs, resumesAtMs },
    health: { failedRequests, failedCalls, failureSentAtMs, rests, restsUntilMs },
    nowMs,
  };
}

/** Their rows are locked in this order, by everybody. */
function inOneOrder(trunks: readonly Trunk[]): Trunk[] {
  return [...new Map(trunks.map((trunk) => [trunk.name, trunk])).values()].sort(byName);
}

function byName(a: Trunk, b: Trunk): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
