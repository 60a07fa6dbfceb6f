import type { EntityManager } from 'typeorm';
import { hasStart, nextStart, paceAfter, type TrunkAnswer, type TrunkPace } from '#policy/trunk-pace.js';
import type { DialingSettings } from './dialing-settings.js';

/** Which trunk, and how fast it is set to be. */
export type TrunkSettings = Pick<DialingSettings, 'trunk' | 'trunkCallsPerSecond'>;

/** A trunk's pace, and the database clock at the moment of reading. */
export interface TrunkNow {
  pace: TrunkPace;
  nowMs: number;
}

/** Instants as numbers with their fraction: at hundreds a second, whole milliseconds would cost a part of the rate. */
const milliseconds = (column: string) => `extract(epoch FROM ${column})::double precision * 1000`;

const PACE = `${milliseconds('last_start_at')} AS "lastStartAtMs", rate_share AS "rateShare",
  ${milliseconds('slowed_at')} AS "slowedAtMs", ${milliseconds('credited_until')} AS "creditedUntilMs",
  ${milliseconds('resumes_at')} AS "resumesAtMs"`;

/** A trunk's pace as it stands; null: it has never been used. */
export async function readTrunk(manager: EntityManager, trunk: string): Promise<TrunkNow | null> {
  const [row] = await manager.query<TrunkRow[]>(
    `SELECT ${PACE}, ${milliseconds('clock_timestamp()')} AS "nowMs" FROM trunks WHERE name = $1`,
    [trunk],
  );
  return row === undefined ? null : trunkNow(row);
}

/**
 * The next starts of a trunk, whose row is locked from the first that is reserved on: the lock, held until the transaction
 * ends, spaces the starts of all dialers. `write` is to be called before that.
 */
export class TrunkStarts {
  private locked: TrunkNow | null = null;
  private lastStartAtMs: number | null = null;

  constructor(
    private readonly manager: EntityManager,
    private readonly settings: TrunkSettings,
  ) {}

  /**
   * Reserves the trunk's next start, or answers null when that is further ahead than a claim may wait.
   * @param isWanted whether a start at this instant is of any use, asked now; one that is not is left to others
   */
  async reserve(isWanted: (startAt: Date, nowMs: number) => boolean): Promise<Date | null> {
    const { trunk, trunkCallsPerSecond } = this.settings;
    this.locked ??= (await lockTrunk(this.manager, trunk)) ?? (await addTrunk(this.manager, trunk));
    const { pace, nowMs } = this.locked;
    if (!hasStart(pace, trunkCallsPerSecond, nowMs)) return null;
    const startAtMs = nextStart(pace, trunkCallsPerSecond, nowMs);
    const startAt = new Date(startAtMs);
    if (!isWanted(startAt, nowMs)) return null;
    this.lastStartAtMs = startAtMs;
    this.locked = { pace: { ...pace, lastStartAtMs: startAtMs }, nowMs };
    return startAt;
  }

  /** Writes the last start that was reserved. */
  async write(): Promise<void> {
    if (this.lastStartAtMs === null) return;
    await this.manager.query(
      `UPDATE trunks SET last_start_at = to_timestamp($2::double precision / 1000) WHERE name = $1`,
      [this.settings.trunk, this.lastStartAtMs],
    );
  }
}

/** What the provider's answer to a request says of its limits, and when that request left. */
export type SaidOfLimits = { sentAt: Date | null } & (
  { kind: 'accepted' } | { kind: 'limited'; retryAfterSeconds: number | null }
);

/** Notes what a provider's answers say of its limits: one at its limit slows the trunk, accepted calls bring it back. */
export async function noteAnswers(
  manager: EntityManager,
  { trunk, trunkCallsPerSecond }: TrunkSettings,
  answers: SaidOfLimits[],
): Promise<void> {
  const said = answers.flatMap(({ sentAt, ...answer }): TrunkAnswer[] =>
    sentAt === null ? [] : [{ ...answer, sentAtMs: sentAt.getTime() }],
  );
  if (said.length === 0) return;
  // Most calls are accepted on a trunk that nothing slows: those neither wait for its row nor write it.
  const which = said.every(({ kind }) => kind === 'accepted') ? 'AND rate_share < 1' : '';
  const found = await lockTrunk(manager, trunk, which);
  if (found === null) return;
  const { pace: before, nowMs } = found;
  const pace = said.reduce((now, answer) => paceAfter(now, answer, trunkCallsPerSecond, nowMs), before);
  await manager.query(
    `UPDATE trunks SET rate_share = $2, slowed_at = to_timestamp($3::double precision / 1000),
       credited_until = to_timestamp($4::double precision / 1000),
       resumes_at = to_timestamp($5::double precision / 1000)
     WHERE name = $1`,
    [trunk, pace.rateShare, pace.slowedAtMs, pace.creditedUntilMs, pace.resumesAtMs],
  );
}

type TrunkRow = TrunkPace & { nowMs: number };

/** The clock is read outside, once the row is had: a clock from before the wait would put a start into the past. */
async function lockTrunk(manager: EntityManager, trunk: string, which = ''): Promise<TrunkNow | null> {
  const [row] = await manager.query<TrunkRow[]>(
    `SELECT locked.*, ${milliseconds('clock_timestamp()')} AS "nowMs"
     FROM (SELECT ${PACE} FROM trunks WHERE name = $1 ${which} FOR UPDATE) AS locked`,
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

function trunkNow({ nowMs, ...pace }: TrunkRow): TrunkNow {
  return { pace, nowMs };
}
