import type { Told } from '../receivers.js';

/** An event owed to a webhook, as the database has it at the end. */
export interface OwedRow {
  /** The webhook's name. */
  webhook: string;
  eventId: string;
  /** SHA-256 of what is to be told, hex. */
  digest: string;
  status: 'pending' | 'retrying' | 'success' | 'failed';
}

/** All that is owed, as OwedRow. */
export const OWED = `
  SELECT endpoint.name AS webhook, owed.event_id AS "eventId", owed.status,
    encode(sha256(convert_to(coalesce(owed.body, event.body), 'UTF8')), 'hex') AS digest
  FROM webhook_deliveries AS owed JOIN webhook_events AS event ON event.id = event_id
    JOIN webhook_endpoints AS endpoint ON endpoint.id = endpoint_id`;

/** What a call's webhooks must have heard, by other evidence than what was owed. */
export interface CallToTell {
  id: string;
  /** How many events of it there are: they are numbered from 1. */
  events: number;
  /** Types that are told once, each under one id. */
  once: readonly string[];
}

export interface WebhookJudgement {
  /** Owed to a webhook that must hear everything, and never taken by its receiver. */
  lost: string[];
  /** The same, and not noted down as taken, though it may have been. */
  unsettled: string[];
  /** Noted down as taken, and its receiver has taken no such thing. */
  falselyTaken: string[];
  /** Told under another id, or in other bytes, than it is owed; at any try. */
  changed: string[];
  /** Told without a signature that is right. */
  unsigned: string[];
  /** Calls of which a webhook that must hear everything heard other numbers than 1, 2, 3 … to the last. */
  gaps: string[];
  /** Calls of which it did not hear, or heard under two ids, what is told once. */
  notOnce: string[];
}

/**
 * Holds what receivers were told against what the database owes them. Nothing is asked of whoever delivers.
 * @param mustHear webhooks that hear all events of their calls and take them sooner or later, each with its calls
 */
export function judgeWebhooks(
  owed: readonly OwedRow[],
  told: readonly Told[],
  mustHear: ReadonlyMap<string, readonly CallToTell[]>,
): WebhookJudgement {
  const owedByKey = new Map(owed.map((row) => [keyOf(row.webhook, row.eventId), row]));
  const taken = new Set(told.filter(wasTaken).map(({ webhook, id }) => keyOf(webhook, id)));
  const keyed = (rows: readonly OwedRow[]) => rows.map(({ webhook, eventId }) => keyOf(webhook, eventId));
  const owedToAll = owed.filter(({ webhook }) => mustHear.has(webhook));
  const heard = [...mustHear].flatMap(([webhook, calls]) => heardOfCalls(webhook, calls, told));
  return {
    lost: keyed(owedToAll).filter((key) => !taken.has(key)),
    unsettled: keyed(owedToAll.filter(({ status }) => status !== 'success')),
    falselyTaken: keyed(owed.filter(({ status }) => status === 'success')).filter((key) => !taken.has(key)),
    changed: told
      .filter(({ webhook, id, digest, body }) => {
        const row = owedByKey.get(keyOf(webhook, id));
        return row === undefined || row.digest !== digest || body.id !== id;
      })
      .map(({ webhook, id }) => keyOf(webhook, id)),
    unsigned: told.filter(({ isSigned }) => !isSigned).map(({ webhook, id }) => keyOf(webhook, id)),
    gaps: heard.filter(({ call, numbers }) => !isWhole(numbers, call.events)).map(({ key }) => key),
    notOnce: heard
      .filter(({ call, idsOf }) => call.once.some((type) => idsOf.get(type)?.size !== 1))
      .map(({ key }) => key),
  };
}

function wasTaken({ answered }: Told): boolean {
  return answered !== null && answered >= 200 && answered < 300;
}

/** What one webhook's receiver has taken of one call. */
interface Heard {
  key: string;
  call: CallToTell;
  numbers: Set<number>;
  /** Ids of the events, by type. */
  idsOf: Map<string, Set<string>>;
}

function heardOfCalls(webhook: string, calls: readonly CallToTell[], told: readonly Told[]): Heard[] {
  const byCall = new Map(
    calls.map((call): [string, Heard] => [
      call.id,
      { key: keyOf(webhook, call.id), call, numbers: new Set(), idsOf: new Map() },
    ]),
  );
  for (const one of told) {
    const heard = one.webhook === webhook && wasTaken(one) ? byCall.get(one.body.callId ?? '') : undefined;
    if (heard === undefined) continue;
    heard.numbers.add(one.body.sequence);
    const ids = heard.idsOf.get(one.body.type) ?? new Set();
    heard.idsOf.set(one.body.type, ids.add(one.id));
  }
  return [...byCall.values()];
}

function isWhole(numbers: ReadonlySet<number>, last: number): boolean {
  return (
    numbers.size === last && Array.from({ length: last }, (_, nth) => nth + 1).every((n) => numbers.has(n))
  );
}

function keyOf(webhook: string, id: string): string {
  return `${webhook} ${id}`;
}
