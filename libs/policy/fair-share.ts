/** One of an environment's that asks for a share: a campaign with calls to start, an endpoint with events to be told. */
export interface Demand {
  environmentId: string;
  id: string;
  /** The most it may get now: its free slots. */
  most: number;
}

/**
 * Shares a number of starts out, one at a time, in turn between environments and within each between those that
 * ask: a campaign of a million gets its share, not the queue. Returns how many each gets, by id.
 */
export function shareOut(
  demands: Demand[],
  freeByEnvironment: ReadonlyMap<string, number>,
  starts: number,
): Map<string, number> {
  const shares = new Map<string, number>();
  const environments = new Map<string, { free: number; waiting: Demand[] }>();
  for (const demand of demands.filter(({ most }) => most > 0)) {
    const { environmentId } = demand;
    const environment = environments.get(environmentId) ?? {
      free: freeByEnvironment.get(environmentId) ?? 0,
      waiting: [],
    };
    environment.waiting.push(demand);
    environments.set(environmentId, environment);
  }
  let left = starts;
  let given = true;
  while (given) {
    given = false;
    for (const environment of environments.values()) {
      if (left === 0 || environment.free === 0) continue;
      const demand = environment.waiting.shift();
      if (demand === undefined) continue;
      const share = (shares.get(demand.id) ?? 0) + 1;
      shares.set(demand.id, share);
      if (share < demand.most) environment.waiting.push(demand);
      environment.free -= 1;
      left -= 1;
      given = true;
    }
  }
  return shares;
}
