import type { Model, Move } from './search.js';

/**
 * The protocol of one call as a small machine: workers with tickets, the reconciler, the feeder, an operator's stop, and
 * a carrier behind a network that delays and loses. Every step may be put off for ever, and a worker may die before any.
 * Each step names the code it mirrors; change the one, change the other.
 */
export interface Protocol {
  workers: number;
  /** Attempts a call may come to in the model; beyond, the walk is cut. */
  attempts: number;
  /** What is broken on purpose. */
  mutant?: Mutant;
}

export const MUTANTS = {
  no_claim_cas: 'the claim reads the call and writes it later, without asking again',
  no_fence: 'the request is sent from the claim, with no second step',
  requeue_from_sending: 'a request that the carrier has not heard of is taken back and made anew',
  retrying_client: 'the HTTP client repeats a request whose answer was lost',
  check_then_post: 'the naive dialer: look at the call, send, write it down',
  stop_without_barrier: 'a stop answers as soon as it is written',
  fence_without_cas: 'the fence trusts what was read, and does not ask whether the claim still stands',
} as const;

export type Mutant = keyof typeof MUTANTS;

interface AttemptRow {
  status: 'claimed' | 'sending' | 'placed' | 'ended' | 'released' | 'unknown';
  /** Claimed so long ago that the fence refuses it, and the reconciler may take it back. */
  tooOld: boolean;
  /** Requests that have left and not arrived. */
  onTheWay: number;
  rings: number;
  /** What the carrier answered, while the answer is on its way. */
  answer: 'none' | 'accepted' | 'refused';
}

type Worker =
  | { at: 'idle' }
  /** Only where the claim's compare-and-set is taken out: the call was read as waiting. */
  | { at: 'has_read'; attempt: number }
  | { at: 'has_claimed'; attempt: number }
  /** The locks are held and the facts are read; the fence has not committed. */
  | { at: 'fencing'; attempt: number; allowed: boolean }
  | { at: 'refused'; attempt: number }
  | { at: 'may_send'; attempt: number }
  | { at: 'has_sent'; attempt: number };

type Reconciler =
  | { at: 'idle' }
  | { at: 'saw_old_claim'; attempt: number }
  | { at: 'has_looked_up'; attempt: number; found: boolean };

export interface ProtocolState {
  call: 'waiting' | 'open' | 'final' | 'outcome_unknown';
  attempts: AttemptRow[];
  /** Attempt numbers that tickets lie ready for. */
  tickets: number[];
  workers: Worker[];
  reconciler: Reconciler;
  stop: 'none' | 'written' | 'answered';
  /** A request was allowed out after a stop had been answered. */
  sentAfterStop: boolean;
}

const IDLE = { at: 'idle' } as const;

export function dialProtocol(protocol: Protocol): Model<ProtocolState> {
  return {
    start: {
      call: 'waiting',
      attempts: [],
      tickets: [1],
      workers: Array.from({ length: protocol.workers }, () => IDLE),
      reconciler: IDLE,
      stop: 'none',
      sentAfterStop: false,
    },
    moves: (state) => {
      const moves = [
        ...state.workers.flatMap((_, index) => workerMoves(state, index, protocol)),
        ...state.attempts.flatMap((_, index) => attemptMoves(state, index)),
        ...reconcilerMoves(state, protocol),
        ...ticketMoves(state, protocol),
        ...stopMoves(state, protocol),
      ];
      return moves.map(({ step, to }) => ({ step, to: canonical(to) }));
    },
    breach,
    settled: ({ call, attempts, stop }) =>
      call !== 'waiting' && call !== 'open'
        ? true
        : call === 'waiting' && (stop !== 'none' || attempts.length === protocol.attempts),
  };
}

function breach({ attempts, call, sentAfterStop }: ProtocolState): string | null {
  const rings = attempts.reduce((sum, attempt) => sum + attempt.rings, 0);
  if (rings > 1) return 'rung twice';
  if (sentAfterStop) return 'a dial began after the stop had answered';
  if (attempts.some(({ status, rings: rang }) => status === 'released' && rang > 0)) {
    return 'given back as never dialled, and yet it rang';
  }
  if (call === 'final' && rings === 0) return 'final, and nothing ever rang';
  if (attempts.some(({ status, rings: rang }) => status === 'placed' && rang === 0)) {
    return 'placed, and the carrier has no such call';
  }
  return null;
}

function workerMoves(state: ProtocolState, index: number, { mutant }: Protocol): Move<ProtocolState>[] {
  const worker = state.workers[index] as Worker;
  const moves: Move<ProtocolState>[] = [];
  const name = 'a worker';
  const add = (step: string, change: (next: ProtocolState) => void) =>
    moves.push({ step: `${name}: ${step}`, to: changed(state, change) });
  const become = (next: ProtocolState, to: Worker) => (next.workers[index] = to);
  if (worker.at !== 'idle') add('dies', (next) => become(next, IDLE));

  switch (worker.at) {
    case 'idle':
      for (const attempt of state.tickets) {
        // A ticket may come again: taking it does not always use it up.
        for (const used of [true, false]) {
          const taken = used ? 'takes a ticket' : 'takes a ticket that comes again';
          if (state.call !== 'waiting' || state.attempts.length !== attempt - 1 || state.stop !== 'none') {
            if (used) add(`${taken}: stale`, (next) => useUp(next, attempt));
            continue;
          }
          add(`${taken}; ClaimStore.claim`, (next) => {
            if (used) useUp(next, attempt);
            if (mutant === 'check_then_post' || mutant === 'no_claim_cas') {
              become(next, { at: 'has_read', attempt });
              return;
            }
            openAttempt(next);
            become(next, { at: 'has_claimed', attempt });
          });
        }
      }
      break;
    case 'has_read':
      add('writes what it read a while ago', (next) => {
        openAttempt(next);
        const attempt = next.attempts.length;
        become(next, { at: mutant === 'check_then_post' ? 'may_send' : 'has_claimed', attempt });
        if (mutant === 'check_then_post') row(next, attempt).status = 'sending';
      });
      break;
    case 'has_claimed':
      if (mutant === 'no_fence') {
        add('sends straight from the claim', (next) => {
          row(next, worker.attempt).status = 'sending';
          become(next, { at: 'may_send', attempt: worker.attempt });
        });
        break;
      }
      add('ClaimStore.fence, locks and facts', (next) =>
        become(next, { at: 'fencing', attempt: worker.attempt, allowed: state.stop === 'none' }),
      );
      break;
    case 'fencing':
      add('ClaimStore.fence, compare and set', (next) => {
        const attempt = row(next, worker.attempt);
        const stands = attempt.status === 'claimed' && !attempt.tooOld;
        if (!worker.allowed || (!stands && mutant !== 'fence_without_cas')) {
          become(next, { at: 'refused', attempt: worker.attempt });
          return;
        }
        attempt.status = 'sending';
        next.sentAfterStop ||= state.stop === 'answered';
        become(next, { at: 'may_send', attempt: worker.attempt });
      });
      break;
    case 'refused':
      add('AttemptsStore.releaseClaim', (next) => {
        giveBack(next, worker.attempt, 'claimed');
        become(next, IDLE);
      });
      break;
    case 'may_send':
      add('TelephonyProvider.originate', (next) => {
        row(next, worker.attempt).onTheWay += 1;
        become(next, { at: 'has_sent', attempt: worker.attempt });
      });
      add('TelephonyProvider.originate finds nobody listening; recordPlacement(not_sent)', (next) => {
        giveBack(next, worker.attempt, 'sending');
        become(next, IDLE);
      });
      break;
    case 'has_sent': {
      const { answer } = row(state, worker.attempt);
      if (answer === 'accepted') {
        add('AttemptsStore.recordPlacement(accepted)', (next) => {
          const attempt = row(next, worker.attempt);
          attempt.answer = 'none';
          if (attempt.status === 'sending') attempt.status = 'placed';
          become(next, IDLE);
        });
      }
      if (answer === 'refused') {
        add('AttemptsStore.recordPlacement(refused)', (next) => {
          row(next, worker.attempt).answer = 'none';
          giveBack(next, worker.attempt, 'sending');
          become(next, IDLE);
        });
      }
      add('hears nothing; AttemptsStore.recordPlacement(unknown)', (next) => {
        row(next, worker.attempt).answer = 'none';
        if (mutant === 'retrying_client' && row(next, worker.attempt).onTheWay === 0) {
          row(next, worker.attempt).onTheWay += 1;
          return;
        }
        become(next, IDLE);
      });
    }
  }
  return moves;
}

/** What happens to an attempt by itself: time, the network, the carrier. */
function attemptMoves(state: ProtocolState, index: number): Move<ProtocolState>[] {
  const attempt = state.attempts[index] as AttemptRow;
  const moves: Move<ProtocolState>[] = [];
  const name = `attempt ${index + 1}`;
  const add = (step: string, change: (row: AttemptRow, next: ProtocolState) => void) =>
    moves.push({
      step: `${name}: ${step}`,
      to: changed(state, (next) => change(next.attempts[index] as AttemptRow, next)),
    });

  if (attempt.status === 'claimed' && !attempt.tooOld) {
    add('two seconds pass', (row) => (row.tooOld = true));
  }
  if (attempt.onTheWay > 0) {
    add('the request is lost', (row) => (row.onTheWay -= 1));
    add('the request arrives, and it rings', (row) => {
      row.onTheWay -= 1;
      row.rings += 1;
      row.answer = 'accepted';
    });
    add('the request arrives, and the carrier refuses', (row) => {
      row.onTheWay -= 1;
      row.answer = 'refused';
    });
  }
  const open = attempt.status === 'sending' || attempt.status === 'placed' || attempt.status === 'unknown';
  if (attempt.rings > 0 && open) {
    add('the carrier tells its end; AttemptsStore.applyEvents', (row, next) => {
      row.status = 'ended';
      next.call = 'final';
    });
  }
  return moves;
}

function reconcilerMoves(state: ProtocolState, { mutant }: Protocol): Move<ProtocolState>[] {
  const { reconciler } = state;
  const moves: Move<ProtocolState>[] = [];
  const add = (step: string, change: (next: ProtocolState) => void) =>
    moves.push({
      step: `reconciler: ${step}`,
      to: changed(state, (next) => {
        next.reconciler = IDLE;
        change(next);
      }),
    });

  switch (reconciler.at) {
    case 'idle':
      state.attempts.forEach((attempt, index) => {
        if (attempt.status === 'claimed' && attempt.tooOld) {
          add('ReconcileStore.silent finds an old claim', (next) => {
            next.reconciler = { at: 'saw_old_claim', attempt: index + 1 };
          });
        }
        if (attempt.status === 'sending' || attempt.status === 'placed' || attempt.status === 'unknown') {
          add('TelephonyProvider.lookUp', (next) => {
            next.reconciler = { at: 'has_looked_up', attempt: index + 1, found: attempt.rings > 0 };
          });
        }
      });
      break;
    case 'saw_old_claim':
      add('AttemptsStore.releaseClaim', (next) => giveBack(next, reconciler.attempt, 'claimed'));
      break;
    case 'has_looked_up':
      if (reconciler.found) {
        add('AttemptsStore.applyEvents adopts what was found', (next) => {
          const attempt = row(next, reconciler.attempt);
          if (attempt.status === 'sending') attempt.status = 'placed';
        });
        break;
      }
      if (mutant === 'requeue_from_sending') {
        add('takes a request back that was not found', (next) =>
          giveBack(next, reconciler.attempt, 'sending'),
        );
        break;
      }
      add('ReconcileStore.heardNothing, before the horizon', () => undefined);
      add('ReconcileStore.heardNothing, past the horizon', (next) => {
        const attempt = row(next, reconciler.attempt);
        if (attempt.status !== 'sending') return;
        attempt.status = 'unknown';
        next.call = 'outcome_unknown';
      });
  }
  return moves;
}

function ticketMoves(state: ProtocolState, { attempts }: Protocol): Move<ProtocolState>[] {
  const moves: Move<ProtocolState>[] = [];
  const next = state.attempts.length + 1;
  if (state.call === 'waiting' && next <= attempts && !state.tickets.includes(next)) {
    moves.push({
      step: 'feeder: FeedStore.offer',
      to: changed(state, (offered) => offered.tickets.push(next)),
    });
  }
  for (const ticket of state.tickets) {
    moves.push({ step: 'queue: a ticket is lost', to: changed(state, (lost) => useUp(lost, ticket)) });
  }
  return moves;
}

function stopMoves(state: ProtocolState, { mutant }: Protocol): Move<ProtocolState>[] {
  if (state.stop === 'none') {
    return [
      {
        step: 'operator: CampaignsStore.changeStatus',
        to: changed(state, (next) => (next.stop = 'written')),
      },
    ];
  }
  // The barrier is passed when nobody holds the locks of a fence.
  const passed = mutant === 'stop_without_barrier' || state.workers.every(({ at }) => at !== 'fencing');
  if (state.stop !== 'written' || !passed) return [];
  return [
    { step: 'operator: CampaignsStore.confirmStop', to: changed(state, (next) => (next.stop = 'answered')) },
  ];
}

function changed(state: ProtocolState, change: (next: ProtocolState) => void): ProtocolState {
  const next = structuredClone(state);
  change(next);
  return next;
}

function row(state: ProtocolState, attempt: number): AttemptRow {
  return state.attempts[attempt - 1] as AttemptRow;
}

function openAttempt(state: ProtocolState): void {
  state.attempts.push({ status: 'claimed', tooOld: false, onTheWay: 0, rings: 0, answer: 'none' });
  state.call = 'open';
}

/** Like giveBack in the store: it names the state it moves from. */
function giveBack(state: ProtocolState, attempt: number, from: AttemptRow['status']): void {
  const given = row(state, attempt);
  if (given.status !== from) return;
  given.status = 'released';
  if (state.call === 'open') state.call = 'waiting';
}

function useUp(state: ProtocolState, ticket: number): void {
  state.tickets = state.tickets.filter((other) => other !== ticket);
}

/** Workers are alike: which of them does a thing makes no new state. */
function canonical(state: ProtocolState): ProtocolState {
  const workers = state.workers.map((worker) => JSON.stringify(worker)).sort();
  return { ...state, workers: workers.map((worker) => JSON.parse(worker) as Worker) };
}
