import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PhoneNumber, type NumberType } from './phone-number.entity.js';
import { ReleaseRequest } from './release-request.entity.js';
import { ScopedDatabase } from './scoped-database.js';

export interface NumberFilter {
  type?: NumberType | undefined;
  hasVoice?: boolean | undefined;
  hasWhatsapp?: boolean | undefined;
  /** Part of the number; all but its digits is left aside. */
  search?: string | undefined;
}

/** A request with the number it is about. */
export interface ReleaseOfNumber {
  request: ReleaseRequest;
  number: PhoneNumber;
}

export type ReleaseAsked =
  | { kind: 'asked'; release: ReleaseOfNumber }
  | { kind: 'not_found' }
  | { kind: 'not_active' }
  | { kind: 'already_pending' }
  | { kind: 'in_use' };

/** The numbers an environment calls from, and the wishes to give them back. Every method is scoped by the environment. */
@Injectable()
export class PhoneNumbersStore {
  constructor(private readonly database: ScopedDatabase) {}

  async list(
    environmentId: string,
    { type, hasVoice, hasWhatsapp, search }: NumberFilter,
  ): Promise<PhoneNumber[]> {
    return this.database.within(environmentId, async (manager) => {
      const query = manager
        .createQueryBuilder(PhoneNumber, 'number')
        .where('number.environmentId = :environmentId', { environmentId });
      if (type !== undefined) query.andWhere('number.type = :type', { type });
      if (hasVoice !== undefined)
        query.andWhere(`('voice' = ANY (number.capabilities)) = :hasVoice`, { hasVoice });
      if (hasWhatsapp !== undefined)
        query.andWhere(`('whatsapp' = ANY (number.capabilities)) = :hasWhatsapp`, { hasWhatsapp });
      if (search !== undefined) {
        const digits = search.replace(/\D/g, '');
        query.andWhere(`:digits <> '' AND strpos(number.number, :digits) > 0`, { digits });
      }
      return query.orderBy('number.createdAt', 'DESC').addOrderBy('number.id', 'DESC').getMany();
    });
  }

  async find(environmentId: string, id: string): Promise<PhoneNumber | null> {
    return this.database.within(environmentId, (manager) =>
      manager.findOneBy(PhoneNumber, { id, environmentId }),
    );
  }

  /** Asks the operator to take a number back that nothing uses any more. */
  async askRelease(environmentId: string, numberId: string, reason: string): Promise<ReleaseAsked> {
    return this.database.within(environmentId, async (manager) => {
      // Excludes agents that are getting the number; only the next statement sees those that just got it.
      const number = await manager.findOne(PhoneNumber, {
        where: { id: numberId, environmentId },
        lock: { mode: 'pessimistic_write' },
      });
      if (number === null) return { kind: 'not_found' };
      const pending = { environmentId, phoneNumberId: numberId, status: 'pending' as const };
      if (await manager.existsBy(ReleaseRequest, pending)) return { kind: 'already_pending' };
      if (number.currentStatus !== 'active') return { kind: 'not_active' };
      if (await isInUse(manager, number)) return { kind: 'in_use' };
      const { id } = await manager.save(manager.create(ReleaseRequest, { ...pending, reason }));
      const request = await manager.findOneByOrFail(ReleaseRequest, { id, environmentId });
      return { kind: 'asked', release: { request, number } };
    });
  }

  /** Every request of the environment, newest first. */
  async releases(environmentId: string): Promise<ReleaseOfNumber[]> {
    return this.database.within(environmentId, async (manager) => {
      const requests = await manager.find(ReleaseRequest, {
        where: { environmentId },
        order: { createdAt: 'DESC', id: 'DESC' },
      });
      const numbers = await manager.findBy(PhoneNumber, { environmentId });
      const byId = new Map(numbers.map((number) => [number.id, number]));
      return requests.flatMap((request) => {
        const number = byId.get(request.phoneNumberId);
        return number === undefined ? [] : [{ request, number }];
      });
    });
  }

  /** Takes a request back. Null: there is no such request. */
  async cancelRelease(environmentId: string, id: string): Promise<'cancelled' | 'already_resolved' | null> {
    const [, cancelled] = await this.database.within(environmentId, (manager) =>
      manager.query<[unknown[], number]>(
        `UPDATE phone_number_release_requests SET status = 'cancelled', resolved_at = clock_timestamp()
       WHERE environment_id = $1 AND id = $2 AND status = 'pending'`,
        [environmentId, id],
      ),
    );
    if (cancelled === 1) return 'cancelled';
    const exists = await this.database.within(environmentId, (manager) =>
      manager.existsBy(ReleaseRequest, { id, environmentId }),
    );
    return exists ? 'already_resolved' : null;
  }
}

/** Whether an agent or an open campaign calls from the number. */
async function isInUse(manager: EntityManager, { environmentId, id, number }: PhoneNumber): Promise<boolean> {
  const [{ used }] = await manager.query<[{ used: boolean }]>(
    `SELECT EXISTS (SELECT FROM agent_phone_numbers WHERE environment_id = $1 AND phone_number_id = $2)
         OR EXISTS (SELECT FROM campaigns WHERE environment_id = $1 AND $3 = ANY (caller_ids)
                      AND status IN ('draft', 'active', 'paused')) AS used`,
    [environmentId, id, number],
  );
  return used;
}
