/** What is told of the whole house, as read at one moment. Ages and lags are in seconds. */
export interface HouseFacts {
  callsReceived: number;
  talkSeconds: number;
  /** Calls that became final, by state. */
  callsFinished: ReadonlyMap<string, number>;
  /** Calls that ended undialled, by what ended them. */
  callsRefused: ReadonlyMap<string, number>;
  /** Dials that are over, by outcome. */
  attemptsEnded: ReadonlyMap<string, number>;
  /** Calls that are not final, by state. */
  calls: ReadonlyMap<string, number>;
  /** Attempts that are not over, by state. */
  attemptsOpen: ReadonlyMap<string, number>;
  /** By state, the age of what has been in it for the longest; 0: nothing is. */
  oldestWait: ReadonlyMap<string, number>;
  dispatchLag: number;
  webhookLag: number;
  slots: readonly { environmentId: string; inUse: number; limit: number }[];
  trunks: { name: string; callsPerSecond: number; limit: number; rests: boolean }[];
  leaders: number;
}

/** Tickets in a queue, in one state. */
export interface QueueDepth {
  queue: string;
  state: string;
  jobs: number;
}

/** The connections of one pool. */
export interface PoolUse {
  pool: string;
  /** Most that there may be. */
  limit: number;
  open: number;
  idle: number;
  /** Who waits for one. */
  waiting: number;
}

/** One value for each of a metric's only label. */
export function byLabel<Label extends string>(
  label: Label,
  values: ReadonlyMap<string, number>,
): { labels: Record<Label, string>; value: number }[] {
  return [...values].map(([of, value]) => ({ labels: { [label]: of } as Record<Label, string>, value }));
}

/** The value of a metric without labels. */
export function plain(value: number): { labels: Record<never, string>; value: number }[] {
  return [{ labels: {}, value }];
}
