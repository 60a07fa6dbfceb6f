import type { EntityManager } from 'typeorm';
import { NOTHING_FENCED, passAt, type FencedStarts, type FenceVerdict } from '#policy/fence-window.js';
import type { Trunk } from './dialing-settings.js';

/**
 * What passed the fence lately over some trunks, whose rows of it are locked until the transaction ends: no two dialers count
 * the same room. Lock them last, right before attempts are moved, for every other fence over these trunks waits.
 */
export class LockedFence {
  private readonly after = new Map<string, FencedStarts>();

  private constructor(
    private readonly known: ReadonlyMap<string, FencedStarts>,
    /** The instant at which whatever passes now passes, by the database clock: once all rows are had. */
    readonly nowMs: number,
  ) {}

  static async lock(manager: EntityManager, trunks: readonly Trunk[]): Promise<LockedFence> {
    const names = [...new Set(trunks.map(({ name }) => name))].sort();
    let rows = await lockRows(manager, names);
    if (rows.length < names.length) {
      await manager.query(
        `INSERT INTO fenced_starts (trunk) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`,
        [names],
      );
      rows = await lockRows(manager, names);
    }
    // Of the first row, the clock is from before the wait for the others.
    const nowMs = Math.max(...rows.map((row) => row.nowMs));
    return new LockedFence(new Map(rows.map(({ trunk, passed }) => [trunk, passed])), nowMs);
  }

  /** Which of so many starts over a trunk pass now; those are counted. */
  pass({ name, fence }: Trunk, asked: number): FenceVerdict {
    const verdict = passAt(this.known.get(name) ?? NOTHING_FENCED, asked, fence, this.nowMs);
    if (verdict.passing > 0) this.after.set(name, verdict.after);
    return verdict;
  }

  /** What is to be written with the attempts that move: trunks, and what is known of each from now on. */
  counted(): [trunks: string[], passed: string[]] {
    return [[...this.after.keys()], [...this.after.values()].map((passed) => JSON.stringify(passed))];
  }
}

interface FencedRow {
  trunk: string;
  passed: FencedStarts;
  nowMs: number;
}

/** In the order of their names, everywhere. The clock is read outside, as each row is had. */
function lockRows(manager: EntityManager, names: string[]): Promise<FencedRow[]> {
  return manager.query<FencedRow[]>(
    `SELECT locked.*, extract(epoch FROM clock_timestamp())::double precision * 1000 AS "nowMs"
     FROM (SELECT trunk, passed FROM fenced_starts WHERE trunk = ANY ($1) ORDER BY trunk FOR UPDATE) AS locked`,
    [names],
  );
}
