import type { ConsoleStore } from './console.store.js';
import type { OperatorCallsStore } from './operator-calls.store.js';
import type { WhyStore } from './why.store.js';

/** What the console reads by, on connections that nothing else waits for. */
export class ConsoleStores {
  constructor(
    readonly house: ConsoleStore,
    /** Only to read by. */
    readonly calls: OperatorCallsStore,
    readonly why: WhyStore,
  ) {}
}
