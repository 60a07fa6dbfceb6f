import { Call } from './call.js';
import { withDrawnFault, type FaultSwitches } from './faults.js';
import type { Ledger } from './ledger.js';
import type { LiveCalls } from './live-calls.js';
import { RandomStream } from './random-stream.js';
import { scenarioOf, type RequestAnswer, type Scenario } from './scenario.js';

/** The body of `POST /calls`. Further fields are tolerated. */
export interface CallRequest {
  id: string;
  to: string;
  from?: string | null;
  callback_url: string;
  ring_timeout_seconds?: number | null;
  max_duration_seconds?: number | null;
  agent?: unknown;
  variables?: unknown;
  not_after?: string | null;
}

/** JSON Schema of CallRequest. */
export const CALL_REQUEST_SCHEMA = {
  type: 'object',
  required: ['id', 'to', 'callback_url'],
  properties: {
    id: { type: 'string', pattern: '^[A-Za-z0-9_.:-]{1,100}$' },
    to: { type: 'string', pattern: '^\\+[1-9][0-9]{2,14}$' },
    from: { type: ['string', 'null'] },
    callback_url: { type: 'string', format: 'uri', pattern: '^https?://' },
    ring_timeout_seconds: { type: ['number', 'null'], exclusiveMinimum: 0, maximum: 600 },
    max_duration_seconds: { type: ['number', 'null'], exclusiveMinimum: 0, maximum: 86_400 },
    not_after: { type: ['string', 'null'], format: 'date-time' },
  },
} as const;

/** How a request was answered, as in the ledger, which has also `invalid` for what cannot be read. */
export type RequestResult = RequestAnswer | 'replayed' | 'too_late' | 'overloaded';

export interface Verdict {
  result: RequestResult;
  /** Null: this request made no call. */
  call: Call | null;
  /** Resolves when the call rings, or ends without. */
  underWay: Promise<void>;
}

/** What a number was asked for. */
interface NumberHistory {
  /** All that were let through by the rate. */
  requests: number;
  /** Of them, those that were refused neither for load nor for rate limits. */
  attempts: number;
  /** Those that its digits refused for rate limits. */
  refusals: number;
}

const DEFAULT_RING_TIMEOUT_SECONDS = 30;
const DEFAULT_MAX_DURATION_SECONDS = 3_600;
const RATE_WINDOW_MS = 1_000;

/** Decides what becomes of each request. Every one, refused ones too, is one line of the ledger. */
export class CallIntake {
  private readonly histories = new Map<string, NumberHistory>();
  /** Times of the latest requests let through, by the monotonic clock. */
  private admittedAtMs: number[] = [];

  constructor(
    private readonly options: { seed: number; ledger: Ledger; calls: LiveCalls; faults: FaultSwitches },
  ) {}

  receive(request: CallRequest): Verdict {
    const { faults, calls } = this.options;
    const known = calls.find(request.id);
    // Asked first: answering "too late" about a call that rang would make its caller ring again.
    if (faults.current.idempotent && known !== undefined) return this.noCall(request, 'replayed', known);
    if (request.not_after && Date.parse(request.not_after) < Date.now())
      return this.noCall(request, 'too_late');
    if (!this.isWithinRate()) return this.noCall(request, 'rate_limited');

    const history = this.historyOf(request.to);
    const attempt = history.attempts + 1;
    if (this.isOverloaded(request.to, ++history.requests)) return this.noCall(request, 'overloaded');
    const scenario = this.scenarioFor(request, attempt, history.refusals);
    if (scenario.answer === 'rate_limited') history.refusals++;
    else history.attempts = attempt;
    if (scenario.script === null) return this.noCall(request, scenario.answer);

    const call = new Call(request.id, request.to, attempt, request.callback_url);
    this.record(request, scenario.answer, call);
    return {
      result: scenario.answer,
      call,
      underWay: calls.begin(call, scenario.script, scenario.callbacks),
    };
  }

  /** Writes down a request that cannot be read. */
  refuseUnreadable(body: unknown): void {
    const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
    const { id, to } = fields;
    this.options.ledger.record({
      kind: 'request',
      id: typeof id === 'string' ? id : null,
      to: typeof to === 'string' ? to : null,
      result: 'invalid',
    });
  }

  private noCall(request: CallRequest, result: RequestResult, known: Call | null = null): Verdict {
    this.record(request, result, known);
    return { result, call: known, underWay: Promise.resolve() };
  }

  private isWithinRate(): boolean {
    const limit = this.options.faults.current.calls_per_second;
    if (!limit) return true;
    const nowMs = performance.now();
    this.admittedAtMs = this.admittedAtMs.filter((atMs) => atMs > nowMs - RATE_WINDOW_MS);
    if (this.admittedAtMs.length >= limit) return false;
    this.admittedAtMs.push(nowMs);
    return true;
  }

  private isOverloaded(to: string, request: number): boolean {
    const { seed, faults } = this.options;
    return new RandomStream(seed, to, request, 'overloaded').chance(faults.current.overloaded);
  }

  private historyOf(to: string): NumberHistory {
    const known = this.histories.get(to);
    if (known !== undefined) return known;
    const fresh = { requests: 0, attempts: 0, refusals: 0 };
    this.histories.set(to, fresh);
    return fresh;
  }

  private scenarioFor(request: CallRequest, attempt: number, refusals: number): Scenario {
    const { seed, faults } = this.options;
    const scenario = scenarioOf({
      seed,
      to: request.to,
      attempt,
      refusals,
      ringTimeoutSeconds: request.ring_timeout_seconds ?? DEFAULT_RING_TIMEOUT_SECONDS,
      maxDurationSeconds: request.max_duration_seconds ?? DEFAULT_MAX_DURATION_SECONDS,
    });
    return withDrawnFault(scenario, faults.current, new RandomStream(seed, request.to, attempt, 'faults'));
  }

  private record(request: CallRequest, result: RequestResult, call: Call | null): void {
    this.options.ledger.record({
      kind: 'request',
      id: request.id,
      to: request.to,
      from: request.from,
      result,
      provider_call_id: call?.providerCallId,
      agent: request.agent,
      variables: request.variables,
      max_duration_seconds: request.max_duration_seconds,
      ring_timeout_seconds: request.ring_timeout_seconds,
      not_after: request.not_after,
    });
  }
}
