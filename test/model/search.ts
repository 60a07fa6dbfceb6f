/** One move of a model: a name that says which code makes it, and the state it leads to. */
export interface Move<State> {
  step: string;
  to: State;
}

export interface Model<State> {
  start: State;
  moves: (state: State) => Move<State>[];
  /** What is wrong with a state, or null. */
  breach: (state: State) => string | null;
  /** Whether nothing more has to happen. From every state some path must lead to such a one. */
  settled: (state: State) => boolean;
}

export interface Finding {
  states: number;
  transitions: number;
  /** The shortest way to something that must not be; null when there is none. */
  counterExample: { breach: string; steps: string[] } | null;
}

interface Seen {
  cameFrom: string | null;
  step: string;
}

/** Walks every state that can be reached, nearest first. Exhaustive: it ends when there is nothing new. */
export function explore<State>(model: Model<State>): Finding {
  const start = JSON.stringify(model.start);
  const seen = new Map<string, Seen>([[start, { cameFrom: null, step: '' }]]);
  const leadsTo = new Map<string, string[]>();
  const settled: string[] = [];
  const queue = [start];
  let transitions = 0;
  const found = (key: string, breach: string | null): Finding => ({
    states: seen.size,
    transitions,
    counterExample: breach === null ? null : { breach, steps: pathTo(seen, key) },
  });

  for (let next = 0; next < queue.length; next += 1) {
    const key = queue[next] as string;
    const state = JSON.parse(key) as State;
    const breach = model.breach(state);
    if (breach !== null) return found(key, breach);
    if (model.settled(state)) settled.push(key);
    for (const { step, to } of model.moves(state)) {
      transitions += 1;
      const target = JSON.stringify(to);
      leadsTo.set(target, [...(leadsTo.get(target) ?? []), key]);
      if (seen.has(target)) continue;
      seen.set(target, { cameFrom: key, step });
      queue.push(target);
    }
  }
  const stuck = firstThatCannotReach(queue, settled, leadsTo);
  return found(stuck ?? start, stuck === null ? null : 'stuck: from here it can never settle');
}

/** Goes back from every settled state; what is not met on the way is stuck. */
function firstThatCannotReach(
  all: string[],
  settled: string[],
  leadsTo: Map<string, string[]>,
): string | null {
  const reaching = new Set(settled);
  const queue = [...settled];
  for (let next = 0; next < queue.length; next += 1) {
    for (const before of leadsTo.get(queue[next] as string) ?? []) {
      if (reaching.has(before)) continue;
      reaching.add(before);
      queue.push(before);
    }
  }
  return all.find((key) => !reaching.has(key)) ?? null;
}

function pathTo(seen: Map<string, Seen>, key: string): string[] {
  const steps: string[] = [];
  for (let at = seen.get(key); at !== undefined && at.cameFrom !== null; at = seen.get(at.cameFrom)) {
    steps.unshift(at.step);
  }
  return steps;
}
