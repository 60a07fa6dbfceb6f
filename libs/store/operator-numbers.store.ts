import { audit } from './audit.js';
import { PhoneNumber, type NumberType } from './phone-number.entity.js';
import { ReleaseRequest } from './release-request.entity.js';
import { ScopedDatabase } from './scoped-database.js';

export interface NewNumber {
  /** E.164. */
  number: string;
  type: NumberType;
  capabilities: NumberType[];
  isSandbox: boolean;
}

/** What operators do with numbers; audited. Only they know which numbers the carrier account may call from. */
export class OperatorNumbersStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Adds a number to an environment, or takes a retired one into use again. Null: it is there and not retired. */
  async add(
    environmentId: string,
    { number, type, capabilities, isSandbox }: NewNumber,
  ): Promise<PhoneNumber | null> {
    return this.database.within(environmentId, async (manager) => {
      const rows = await manager.query<{ id: string }[]>(
        `INSERT INTO phone_numbers AS known (environment_id, number, type, capabilities, is_sandbox)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (environment_id, number) DO UPDATE
           SET type = excluded.type, capabilities = excluded.capabilities, is_sandbox = excluded.is_sandbox,
               current_status = 'active', updated_at = clock_timestamp()
           WHERE known.current_status = 'inactive'
         RETURNING id`,
        [environmentId, number, type, capabilities, isSandbox],
      );
      const id = rows[0]?.id;
      if (id === undefined) return null;
      await audit(manager, {
        environmentId,
        actor: 'cli',
        action: 'phone_number.added',
        subjectId: id,
        detail: { type },
      });
      return manager.findOneByOrFail(PhoneNumber, { id, environmentId });
    });
  }

  /** The numbers of an environment, newest first, each with the pending request to release it. */
  async list(environmentId: string): Promise<{ number: PhoneNumber; release: ReleaseRequest | null }[]> {
    return this.database.within(environmentId, async (manager) => {
      const numbers = await manager.find(PhoneNumber, {
        where: { environmentId },
        order: { createdAt: 'DESC', id: 'DESC' },
      });
      const pending = await manager.findBy(ReleaseRequest, { environmentId, status: 'pending' });
      const byNumber = new Map(pending.map((request) => [request.phoneNumberId, request]));
      return numbers.map((number) => ({ number, release: byNumber.get(number.id) ?? null }));
    });
  }

  /**
   * Retires a number: no later claim calls from it for an agent, and a request to release it is granted.
   * @returns how many agents had it; null when there is no such number, or it is retired
   */
  async retire(id: string): Promise<{ agents: number } | null> {
    return this.database.everywhere(async (manager) => {
      const [rows] = await manager.query<[{ environment_id: string }[], number]>(
        `UPDATE phone_numbers SET current_status = 'inactive', updated_at = clock_timestamp()
         WHERE id = $1 AND current_status <> 'inactive' RETURNING environment_id`,
        [id],
      );
      const environmentId = rows[0]?.environment_id;
      if (environmentId === undefined) return null;
      await manager.query(
        `UPDATE phone_number_release_requests SET status = 'approved', resolved_at = clock_timestamp()
         WHERE phone_number_id = $1 AND status = 'pending'`,
        [id],
      );
      // Should it come back one day, the agents must be given it anew: it may be another kind of number by then.
      const [, agents] = await manager.query<[unknown[], number]>(
        `DELETE FROM agent_phone_numbers WHERE environment_id = $1 AND phone_number_id = $2`,
        [environmentId, id],
      );
      const entry = { actor: 'cli', action: 'phone_number.retired', subjectId: id } as const;
      await audit(manager, { environmentId, ...entry, detail: { agents } });
      return { agents };
    });
  }

  /** Rejects a pending request to release a number, which stays. False: there is none, or it is resolved. */
  async rejectRelease(requestId: string): Promise<boolean> {
    return this.database.everywhere(async (manager) => {
      const [rows] = await manager.query<[{ environment_id: string }[], number]>(
        `UPDATE phone_number_release_requests SET status = 'rejected', resolved_at = clock_timestamp()
         WHERE id = $1 AND status = 'pending' RETURNING environment_id`,
        [requestId],
      );
      const environmentId = rows[0]?.environment_id;
      if (environmentId === undefined) return false;
      const entry = { actor: 'cli', action: 'release.rejected', subjectId: requestId } as const;
      await audit(manager, { environmentId, ...entry, detail: {} });
      return true;
    });
  }
}
