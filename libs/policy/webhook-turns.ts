import { shareOut } from './fair-share.js';

/** A try that is under way in this process. */
export interface OpenTry {
  environmentId: string;
  /** When it was begun, by whatever clock `nowMs` is of. */
  begunAtMs: number;
}

/** An endpoint that is owed something, as far as this process knows. */
export interface Waiting {
  endpointId: string;
  environmentId: string;
}

/** A try that is waited for longer than this leaves its place to another: one that is slow keeps nobody else waiting. */
export const PLACE_MS = 1_000;

/** Tries under way at most, those included that have left their place: so many times the places. */
export const OPEN_FACTOR = 4;

/**
 * One environment's part, of what others leave at most: half of all for the first that is slow, a quarter for the second, and
 * so on: with half a dozen that are slow there is still room for one more.
 */
export const ENVIRONMENT_PART = 0.5;

/** More than any endpoint may have under way. */
const MOST_OF_ENDPOINT = 50;

/**
 * Whose deliveries are begun next, and how many of each: one at a time, in turn between environments, those with the
 * fewest tries under way first, and within each between its endpoints in the order given.
 * @param places tries that this process begins at once
 * @returns how many deliveries each endpoint may have taken; those that get none are left out
 */
export function webhookTurns(
  waiting: Waiting[],
  open: readonly OpenTry[],
  places: number,
  nowMs: number,
): Map<string, number> {
  const openOf = new Map<string, number>();
  for (const { environmentId } of open) openOf.set(environmentId, (openOf.get(environmentId) ?? 0) + 1);
  const young = open.filter(({ begunAtMs }) => nowMs - begunAtMs < PLACE_MS).length;
  const most = places * OPEN_FACTOR;
  const free = Math.max(0, Math.min(places - young, most - open.length));
  const inTurn = [...waiting].sort(
    (a, b) => (openOf.get(a.environmentId) ?? 0) - (openOf.get(b.environmentId) ?? 0),
  );
  const demands = inTurn.map(({ environmentId, endpointId }) => ({
    environmentId,
    id: endpointId,
    most: MOST_OF_ENDPOINT,
  }));
  const freeOf = new Map(
    waiting.map(({ environmentId }) => [
      environmentId,
      { free: roomOf(openOf.get(environmentId) ?? 0, open.length, most) },
    ]),
  );
  return shareOut(demands, freeOf, free);
}

/** What an environment may begin beside what it has under way, with so much under way of all. */
function roomOf(own: number, all: number, most: number): number {
  return Math.max(0, Math.ceil((most - (all - own)) * ENVIRONMENT_PART) - own);
}
