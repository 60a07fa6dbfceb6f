import type { EntityManager } from 'typeorm';
import type { Trunk } from './dialing-settings.js';

/**
 * The lease of whoever holds the socket of a trunk's carrier, held only while the socket gives signs of life. Unlike that of
 * the leader it is a fence: past its end, by the database clock, no attempt is sent over that trunk.
 */
export function hearingOf(trunk: string): string {
  return `hearing:${trunk}`;
}

/**
 * A condition over `attempts`: somebody hears what the carrier of its trunk tells. Of one that tells by requests that is
 * always so. @param bySocket a parameter, the names of the trunks whose carriers tell by a socket
 */
export function isHeardSql(bySocket: string): string {
  return `(attempts.trunk <> ALL (${bySocket}::text[]) OR EXISTS (SELECT FROM leases
    WHERE leases.name = '${hearingOf('')}' || attempts.trunk AND leases.expires_at > clock_timestamp()))`;
}

/** The names of those trunks that are told of by a socket. */
export function toldBySocket(trunks: readonly Trunk[]): string[] {
  return trunks.filter(({ hearsBySocket }) => hearsBySocket).map(({ name }) => name);
}

/** Those of some trunks whose carriers somebody hears. */
export async function heardTrunks(manager: EntityManager, trunks: readonly Trunk[]): Promise<Trunk[]> {
  const bySocket = toldBySocket(trunks);
  if (bySocket.length === 0) return [...trunks];
  const rows = await manager.query<{ name: string }[]>(
    `SELECT name FROM leases WHERE name = ANY ($1) AND expires_at > clock_timestamp()`,
    [bySocket.map(hearingOf)],
  );
  const held = new Set(rows.map(({ name }) => name));
  return trunks.filter(({ name, hearsBySocket }) => !hearsBySocket || held.has(hearingOf(name)));
}
