/** One of an environment's that asks for a share: a campaign with calls to start, an endpoint with events to be told. */
export interface Demand {
  environmentId: string;
  id: string;
  /** The most it may get now: its free slots. */
  most: number;
  /** Of two that ask for more than there is, one of twice the weight gets twice as much. 1 where it is not said. */
  weight?: number;
}

/** What an environment may get, and how much it weighs among others. */
export interface EnvironmentRoom {
  free: number;
  weight?: number;
}

/**
 * How far everybody has come, from one sharing to the next: so that of a thousand that ask for one of ten starts each gets
 * its turn, and not always the same ten. Whoever asks for nothing saves nothing up: it comes back where the others are. Whoever
 * asks and cannot get anything, for there is no room, is not forgotten: else the first by order would go first each time.
 */
export interface Turns {
  environments: Level;
  /** By environment. */
  members: Map<string, Level>;
}

interface Level {
  /** How far the one has come that was served last. */
  reached: number;
  passes: Map<string, number>;
}

export function noTurns(): Turns {
  return { environments: newLevel(), members: new Map() };
}

/**
 * Shares a number of starts out, one at a time, by weight: between environments, and within each between those that ask. A
 * campaign of a million gets its share, not the queue. Stride scheduling (Waldspurger and Weihl, 1995): next is whoever has
 * come the least far, and a start takes it on by the inverse of its weight.
 * @param turns moved on by what is given
 * @returns how many each gets, by id, in the order of their first turns
 */
export function shareOut(
  demands: Demand[],
  rooms: ReadonlyMap<string, EnvironmentRoom>,
  starts: number,
  turns: Turns = noTurns(),
): Map<string, number> {
  const shares = new Map<string, number>();
  const environments = new Race(turns.environments);
  const members = new Map<string, Race>();
  for (const { environmentId, id, most, weight } of demands) {
    const room = rooms.get(environmentId);
    if (room === undefined) continue;
    if (!members.has(environmentId)) {
      const level = turns.members.get(environmentId) ?? newLevel();
      turns.members.set(environmentId, level);
      members.set(environmentId, new Race(level));
    }
    members.get(environmentId)!.enter(id, most, weight ?? 1);
  }
  for (const [environmentId, ofEnvironment] of members) {
    const { free, weight = 1 } = rooms.get(environmentId)!;
    environments.enter(environmentId, ofEnvironment.isOver ? 0 : free, weight);
  }
  for (let left = starts; left > 0; left -= 1) {
    const environmentId = environments.next();
    if (environmentId === undefined) break;
    const ofEnvironment = members.get(environmentId)!;
    const id = ofEnvironment.next()!;
    shares.set(id, (shares.get(id) ?? 0) + 1);
    if (ofEnvironment.isOver) environments.leave(environmentId);
  }
  // Those that did not ask are forgotten: they would be put where the others are anyway.
  environments.forgetOthers();
  for (const environmentId of turns.members.keys()) {
    if (members.has(environmentId)) members.get(environmentId)!.forgetOthers();
    else turns.members.delete(environmentId);
  }
  return shares;
}

/** What a campaign weighs: with 25 more of `priority` twice as much, from a sixteenth to sixteen. */
export function weightOf({ priority }: { priority: number }): number {
  return 2 ** (priority / 25);
}

interface Runner {
  id: string;
  left: number;
  stride: number;
  pass: number;
}

/** Those of one level that still want something, and can get it. */
class Race {
  private runners: Runner[] = [];
  private readonly asked = new Set<string>();

  constructor(private readonly level: Level) {}

  get isOver(): boolean {
    return this.runners.length === 0;
  }

  enter(id: string, most: number, weight: number): void {
    const pass = Math.max(this.level.passes.get(id) ?? 0, this.level.reached);
    this.level.passes.set(id, pass);
    this.asked.add(id);
    if (most > 0) this.runners.push({ id, left: most, stride: 1 / weight, pass });
  }

  /** Whose turn it is: it has one less to get from then on. Of those that are equal, who entered first. */
  next(): string | undefined {
    let [runner] = this.runners;
    if (runner === undefined) return undefined;
    for (const one of this.runners) if (one.pass < runner.pass) runner = one;
    this.level.reached = runner.pass;
    runner.pass += runner.stride;
    runner.left -= 1;
    this.level.passes.set(runner.id, runner.pass);
    if (runner.left === 0) this.leave(runner.id);
    return runner.id;
  }

  leave(id: string): void {
    this.runners = this.runners.filter((runner) => runner.id !== id);
  }

  forgetOthers(): void {
    for (const id of this.level.passes.keys()) if (!this.asked.has(id)) this.level.passes.delete(id);
  }
}

function newLevel(): Level {
  return { reached: 0, passes: new Map() };
}
