import { isResting } from '#policy/trunk-health.js';
import { audit } from './audit.js';
import { ScopedDatabase } from './scoped-database.js';
import { readTrunks } from './trunks.js';

/** A trunk that calls went over, as an operator sees it. */
export interface TrunkStanding {
  name: string;
  /** Of the rate it is set to. */
  rateShare: number;
  /** Until when it rests; null: it does not. */
  restsUntil: Date | null;
  failedRequests: number;
  failedCalls: number;
}

/** What operators do with trunks; audited. */
export class OperatorTrunksStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Every trunk that was ever used, by name. */
  async list(): Promise<TrunkStanding[]> {
    return this.database.everywhere(async (manager) => {
      const names = await manager.query<{ name: string }[]>(`SELECT name FROM trunks ORDER BY name`);
      const known = await readTrunks(manager, names);
      return [...known].map(([name, { pace, health, nowMs }]) => ({
        name,
        rateShare: pace.rateShare,
        restsUntil: isResting(health, nowMs) ? new Date(health.restsUntilMs!) : null,
        failedRequests: health.failedRequests,
        failedCalls: health.failedCalls,
      }));
    });
  }

  /**
   * Ends the rest of a trunk whose carrier is well again, and forgets why it rested. Calls that have stepped back for it come when
   * the rest would have ended. False: it does not rest.
   */
  async wake(name: string): Promise<boolean> {
    return this.database.everywhere(async (manager) => {
      const [, woken] = await manager.query<[unknown[], number]>(
        `UPDATE trunks SET failed_requests = 0, failed_calls = 0, failure_sent_at = NULL, rests = 0, rests_until = NULL
         WHERE name = $1 AND rests_until > clock_timestamp()`,
        [name],
      );
      if (woken === 0) return false;
      const entry = { environmentId: null, actor: 'cli', action: 'trunk.woken', subjectId: null } as const;
      await audit(manager, { ...entry, detail: { trunk: name } });
      return true;
    });
  }

  /**
   * Says over which trunks a campaign's calls go, the first choice first; null: whichever takes them. Claims that were decided
   * before do not pass the fence.
   * @returns whose campaign it is; null: there is no such campaign
   */
  async route(campaignId: string, trunks: string[] | null): Promise<{ environmentId: string } | null> {
    return this.database.everywhere(async (manager) => {
      const [rows] = await manager.query<[{ environmentId: string }[], number]>(
        `UPDATE campaigns SET trunks = $2, rules_version = rules_version + 1, updated_at = clock_timestamp()
         WHERE id = $1 AND deleted_at IS NULL RETURNING environment_id AS "environmentId"`,
        [campaignId, trunks],
      );
      const environmentId = rows[0]?.environmentId;
      if (environmentId === undefined) return null;
      const entry = {
        environmentId,
        actor: 'cli',
        action: 'campaign.changed',
        subjectId: campaignId,
      } as const;
      await audit(manager, { ...entry, detail: { trunks } });
      return { environmentId };
    });
  }
}
