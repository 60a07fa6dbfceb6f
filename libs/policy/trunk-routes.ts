/** What a trunk takes. The names of trunks are unique in a house. */
export interface TrunkRoute {
  name: string;
  /** Beginnings of the numbers that it calls, E.164 with the plus; empty: every number. */
  prefixes: readonly string[];
  /** Numbers that it may show, E.164; empty: any. */
  callerIds: readonly string[];
}

/** One call that is to go over some trunk. */
export interface CallToRoute {
  /** E.164. */
  to: string;
  /** What it may come from; empty: the carrier account's own number, which every trunk has. */
  callerIds: readonly string[];
  /** The trunks of its campaign, by name, the first choice first; null: whichever takes it. */
  campaignTrunks: readonly string[] | null;
}

/**
 * The trunks that take a call, the first choice first. Where its campaign names trunks, those and in that order; else the
 * trunk with the longest prefix of the number goes before the others, as routing tables have it (RFC 1812, 5.2.4.3), and
 * those alike in the order in which the operator names them.
 */
export function trunksFor<Trunk extends TrunkRoute>(trunks: readonly Trunk[], call: CallToRoute): Trunk[] {
  const { campaignTrunks } = call;
  const taking = trunks.filter(
    (trunk) => prefixLength(trunk, call.to) !== null && callerIdsOver(trunk, call.callerIds) !== null,
  );
  if (campaignTrunks === null)
    return taking.toSorted((a, b) => prefixLength(b, call.to)! - prefixLength(a, call.to)!);
  return campaignTrunks.flatMap((name) => taking.filter((trunk) => trunk.name === name));
}

/**
 * Which of some caller ids a trunk may show.
 * @returns null where it may show none of them; none where there are none, and the account's own is shown
 */
export function callerIdsOver(trunk: TrunkRoute, callerIds: readonly string[]): readonly string[] | null {
  if (callerIds.length === 0 || trunk.callerIds.length === 0) return callerIds;
  const shown = callerIds.filter((callerId) => trunk.callerIds.includes(callerId));
  return shown.length > 0 ? shown : null;
}

/** Of the longest prefix of a number that a trunk has; 0: it takes every number; null: it does not take this one. */
function prefixLength({ prefixes }: TrunkRoute, to: string): number | null {
  if (prefixes.length === 0) return 0;
  const lengths = prefixes.filter((prefix) => to.startsWith(prefix)).map(({ length }) => length);
  return lengths.length > 0 ? Math.max(...lengths) : null;
}
