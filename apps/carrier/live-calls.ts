import { Call, isEnd, type CallEvent, type CallState } from './call.js';
import { drawnCopies, type FaultSwitches } from './faults.js';
import type { Ledger, LedgerKind } from './ledger.js';
import { RandomStream } from './random-stream.js';
import type { CallbackManner, EventType, ScriptStep } from './scenario.js';
import { Timers } from './timers.js';

const LEDGER_KINDS: Partial<Record<EventType, LedgerKind>> = { ringing: 'ring', answered: 'answer' };
const COPIES_WHEN_TRIPLED = 3;

/** A call while it runs. */
interface Running {
  script: ScriptStep[];
  /** Wall clock, from which the script's virtual seconds count. */
  beginsAtMs: number;
  timer: NodeJS.Timeout | undefined;
  callbacks: CallbackManner;
  /** Told in any order after the end, instead of as they happen. */
  kept: CallEvent[] | null;
  /** The last callback's turn; the next one waits for it. */
  told: Promise<void>;
  /** Called once something has happened after `initiated`. */
  whenUnderWay: () => void;
}

/** Every call of this process, ended ones included. Kept in memory: about a kilobyte each. */
export class LiveCalls {
  private readonly byId = new Map<string, Call[]>();
  private readonly byProviderCallId = new Map<string, Call>();
  private readonly running = new Map<Call, Running>();
  private readonly timers = new Timers();

  constructor(
    private readonly options: {
      seed: number;
      speed: number;
      ledger: Ledger;
      /** Tells one event; never rejects. */
      callbacks: { send(call: Call, event: CallEvent): Promise<void> };
      faults: FaultSwitches;
    },
  ) {}

  /**
   * Lets a script happen to a call, its first step at once unless the start is late.
   * @returns resolves when the phone rings or the call ends without; with a late start, at once
   */
  begin(call: Call, script: ScriptStep[], callbacks: CallbackManner): Promise<void> {
    const { late_start_ms: lateMs, shuffle_callbacks: shuffling } = this.options.faults.current;
    const shuffled = this.stream(call, 'shuffle').chance(shuffling) || callbacks === 'three_times_shuffled';
    return new Promise((resolve) => {
      const run: Running = {
        script: [...script],
        beginsAtMs: Date.now() + lateMs,
        timer: undefined,
        callbacks,
        kept: shuffled ? [] : null,
        told: Promise.resolve(),
        whenUnderWay: resolve,
      };
      this.byId.set(call.id, [...(this.byId.get(call.id) ?? []), call]);
      this.byProviderCallId.set(call.providerCallId, call);
      this.running.set(call, run);
      if (lateMs > 0) resolve();
      this.awaitNextStep(call, run);
    });
  }

  /** The latest call with this id, or the call with this provider_call_id. */
  find(id: string): Call | undefined {
    return this.byId.get(id)?.at(-1) ?? this.byProviderCallId.get(id);
  }

  /** What a look-up at that time would have said; null when nothing had begun. */
  stateAt(id: string, timeMs: number): CallState | null {
    const calls = this.byId.get(id) ?? [this.byProviderCallId.get(id)];
    return calls.map((call) => call?.stateAt(timeMs) ?? null).findLast((state) => state !== null) ?? null;
  }

  /** Ends a call that still runs: completed when it was answered, canceled before. An ended one stays as it is. */
  hangUp(call: Call): void {
    const run = this.running.get(call);
    if (run === undefined) return;
    this.timers.cancel(run.timer);
    const { answer } = call;
    if (answer === undefined) {
      this.happen(call, run, { type: 'canceled', durationSeconds: 0, sipCode: 487, converted: false });
      return;
    }
    const talkedSeconds = ((Date.now() - answer.at.getTime()) * this.options.speed) / 1000;
    this.happen(call, run, {
      type: 'completed',
      answeredBy: call.events.findLast((event) => event.answeredBy !== undefined)?.answeredBy,
      durationSeconds: Math.max(1, Math.round(talkedSeconds)),
      sipCode: 200,
      q850: 16,
      converted: false,
    });
  }

  /** Nothing happens to any call afterwards. */
  close(): void {
    this.timers.stop();
  }

  private awaitNextStep(call: Call, run: Running): void {
    const next = run.script.shift();
    if (next === undefined) return;
    const { afterSeconds, ...step } = next;
    const act = () => {
      this.happen(call, run, step);
      this.awaitNextStep(call, run);
    };
    // Counted from the beginning, so that late timers do not add up.
    const delayMs = run.beginsAtMs + (afterSeconds * 1000) / this.options.speed - Date.now();
    // A call exists before its request is answered: a look-up straight after the answer must find it.
    if (afterSeconds === 0 && delayMs <= 0) act();
    else run.timer = this.timers.after(delayMs, act);
  }

  private happen(call: Call, run: Running, step: Omit<ScriptStep, 'afterSeconds'>): void {
    const event = call.happen(step, new Date());
    this.record(call, event);
    this.tell(call, run, event);
    if (event.type !== 'initiated') run.whenUnderWay();
    if (isEnd(event)) this.running.delete(call);
  }

  private record(call: Call, event: CallEvent): void {
    const kind = isEnd(event) ? 'end' : LEDGER_KINDS[event.type];
    if (kind === undefined) return;
    const line = { kind, id: call.id, to: call.to, provider_call_id: call.providerCallId };
    const about = { answered_by: event.answeredBy, duration_seconds: event.durationSeconds };
    const end = { status: event.type, sip_code: event.sipCode, q850: event.q850, converted: event.converted };
    this.options.ledger.record({ ...line, ...about, ...(kind === 'end' ? end : {}) }, event.at);
  }

  private tell(call: Call, run: Running, event: CallEvent): void {
    if (run.callbacks === 'none') return;
    if (run.kept === null) {
      this.queue(call, run, event);
      return;
    }
    run.kept.push(event);
    if (!isEnd(event)) return;
    const copies = run.callbacks === 'three_times_shuffled' ? COPIES_WHEN_TRIPLED : 1;
    const all = run.kept.flatMap((kept) => Array<CallEvent>(copies).fill(kept));
    for (const each of this.stream(call, 'order').shuffled(all)) this.queue(call, run, each);
  }

  private queue(call: Call, run: Running, event: CallEvent): void {
    const { faults, callbacks } = this.options;
    const copies = drawnCopies(faults.current, this.stream(call, 'callback', event.sequence));
    const dueAtMs = Date.now() + faults.current.callback_delay_ms;
    for (let copy = 0; copy < copies; copy++) {
      run.told = run.told.then(async () => {
        const earlyMs = dueAtMs - Date.now();
        if (earlyMs > 0) await this.timers.pause(earlyMs);
        await callbacks.send(call, event);
      });
    }
  }

  private stream(call: Call, ...purpose: (string | number)[]): RandomStream {
    return new RandomStream(this.options.seed, call.to, call.attempt, ...purpose);
  }
}
