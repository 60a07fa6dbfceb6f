import type { TestedCarrier } from '../tested-carriers.js';
import type { Trial } from './trial.js';

/** One kind of trouble. It makes the calls, does the harm while they are dialled, and heals it before it returns. */
export interface Scenario {
  name: string;
  /** Of the fault table in docs/reliability.md. */
  number: number;
  run: (trial: Trial) => Promise<void>;
  /** Without: the trial's own dialers do. */
  dialers?: number;
  /** Calls are stopped on purpose, so their ends cannot be those of the run without faults. */
  endsDiffer?: boolean;
  callsPerSecond?: number;
  /** Which carrier, if not the simulated one. */
  carrier?: TestedCarrier;
  /** Calls of a run of this scenario alone, where more are needed than usual. */
  calls?: number;
}
