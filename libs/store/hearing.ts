import type { EntityManager } from 'typeorm';
import type { DialingSettings } from './dialing-settings.js';

/**
 * The lease of whoever holds the carrier's socket, held only while the socket gives signs of life. Unlike that of the leader
 * it is a fence: past its end, by the database clock, no attempt is sent.
 */
export const HEARING = 'hearing';

/** A condition: somebody hears what the carrier tells. Of a carrier that tells by requests that is always so. */
export function isHeardSql({ hearsBySocket }: Pick<DialingSettings, 'hearsBySocket'>): string {
  return hearsBySocket
    ? `EXISTS (SELECT FROM leases WHERE name = '${HEARING}' AND expires_at > clock_timestamp())`
    : 'true';
}

export async function isHeard(
  manager: EntityManager,
  settings: Pick<DialingSettings, 'hearsBySocket'>,
): Promise<boolean> {
  if (!settings.hearsBySocket) return true;
  const [{ heard }] = await manager.query<[{ heard: boolean }]>(`SELECT ${isHeardSql(settings)} AS heard`);
  return heard;
}
