import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';

/** One request to ring one phone. */
export interface OriginateRequest {
  /** Our reference at the carrier, fixed before anything is sent. */
  attemptId: string;
  /** E.164. */
  to: string;
  /** E.164; null: the carrier account's own. */
  from: string | null;
  ringTimeoutSeconds: number;
  maxDurationSeconds: number;
  /** The voice agent, its texts filled in. */
  agent: AgentOnCall;
  /** The payload that filled them. */
  variables: Record<string, unknown>;
  /** A carrier that honours it does not start the call later than this. */
  notAfter: Date;
}

export interface AgentOnCall {
  id: string;
  name: string;
  label: string;
  language: string;
  description: string | null;
  initialMessage: string | null;
  whoSpeaksFirst: 'agent' | 'user';
  enableRecording: boolean;
}

/** What an originate request came to. There is no fifth answer, and no thrown error. */
export type Placement =
  /** The carrier took it. */
  | { kind: 'accepted'; providerCallId: string }
  /** A definite no: the phone does not ring for this request. */
  | { kind: 'refused'; outcome: Outcome; because: string; retryAfterSeconds: number | null }
  /** Provably nothing left our side, or the carrier provably did not start. */
  | { kind: 'not_sent'; because: string }
  /**
   * Anything else. The phone may be ringing: never sent again, looked up instead. With `slowDown` it says, whatever became of
   * this request, that the next ones are too many.
   */
  | { kind: 'unknown'; because: string; slowDown?: { retryAfterSeconds: number | null } };

/** What the carrier says when asked about an attempt. */
export type LookUp =
  /** It knows the attempt; this is its state, as an event. */
  | { kind: 'found'; event: CarrierEvent }
  /** It has never heard of it, as of now. A request still under way may yet arrive. */
  | { kind: 'not_found' }
  | { kind: 'cannot_tell'; because: string };

/** A status callback, verified and put into our words. */
export interface CarrierCallback {
  /** The carrier's id of this event; the inbox takes each once. */
  eventKey: string;
  attemptId: string;
  event: CarrierEvent;
}

/** A callback that is rightly signed and yet cannot be read. */
export class MalformedCallback extends Error {
  constructor(because: string) {
    super(`The carrier's callback cannot be read: ${because}`);
    this.name = 'MalformedCallback';
  }
}

/** The port to the telephone network. An adapter translates; it decides nothing and repeats nothing. */
export abstract class TelephonyProvider {
  /** As in the callback path `/callbacks/{name}`. */
  abstract readonly name: string;

  /** Longest an originate request may take, in seconds; afterwards its fate is unknown. */
  abstract readonly requestTimeoutSeconds: number;

  /** Sends one request, once. Never rejects. */
  abstract originate(request: OriginateRequest): Promise<Placement>;

  /** Asks by our reference. Never rejects. */
  abstract lookUp(attemptId: string): Promise<LookUp>;

  /** Asks the carrier to end an attempt. Best effort, and never rejects: what comes of it, its events tell. */
  abstract hangUp(attemptId: string): Promise<void>;

  /** Whether a callback with these headers can be a signed one: asked before its body is read, so that most forged ones never are. */
  abstract claimsSignature(headers: Record<string, string | string[] | undefined>): boolean;

  /**
   * Verifies and reads a callback, in this order: nothing of it is parsed before it is known to be the carrier's.
   * @returns null when the carrier did not sign these bytes
   * @throws MalformedCallback
   */
  abstract readCallbacks(
    rawBody: Buffer,
    headers: Record<string, string | string[] | undefined>,
  ): CarrierCallback[] | null;
}
