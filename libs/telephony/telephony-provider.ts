import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';

/** One request to ring one phone. */
export interface OriginateRequest {
  /** Our reference at the carrier, fixed before anything is sent. */
  attemptId: string;
  callId: string;
  environmentId: string;
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
  /** Where the agent runs, for carriers that connect calls to it; null: the carrier knows, or the agent has no place. */
  connectTo: string | null;
}

/** What an originate request came to. There is no fifth answer, and no thrown error. */
export type Placement =
  /** The carrier took it. With `slowDown` it keeps it waiting, for it gets more than it starts. */
  | { kind: 'accepted'; providerCallId: string; slowDown?: { retryAfterSeconds: number | null } }
  /** A definite no: the phone does not ring for this request. */
  | { kind: 'refused'; outcome: Outcome; because: string; retryAfterSeconds: number | null }
  /** Provably nothing left our side, or the carrier provably did not start. */
  | { kind: 'not_sent'; because: string }
  /**
   * Anything else. The phone may be ringing: never sent again, looked up instead. With `slowDown` it says, whatever became of
   * this request, that the next ones are too many.
   */
  | { kind: 'unknown'; because: string; slowDown?: { retryAfterSeconds: number | null } };

/** An attempt whose request has left, or may have. */
export interface SentAttempt {
  attemptId: string;
  /** The carrier's own id, once its answer or an event of it has told; null: our reference is all there is. */
  providerCallId: string | null;
  /** E.164. */
  to: string;
  /** E.164; null: the carrier account's own. */
  from: string | null;
  /** When the fence committed. Not by this machine's clock, nor by the carrier's. */
  sentAt: Date;
}

/** Why a look-up cannot tell, where the carrier's word for the call's state is one that the adapter has no meaning for. */
export const UNKNOWN_STATUS = 'unknown_status';

/** What the carrier says when asked about an attempt. */
export type LookUp =
  /** It knows the attempt; this is its state, as an event. */
  | { kind: 'found'; event: CarrierEvent }
  /** It has never heard of it, as of now. A request still under way may yet arrive. */
  | { kind: 'not_found' }
  | { kind: 'cannot_tell'; because: string };

/**
 * What a carrier can and cannot do. Whoever adds an adapter declares it here, docs/carriers.md shows it, and the suite in
 * provider-contract.ts holds the adapter to it.
 */
export interface Capabilities {
  /**
   * How surely an attempt is found whose carrier's id we never learnt. `exact`: by our reference. `while_alive`: by our
   * reference, as long as the call lasts; afterwards it is forgotten, so that not found proves nothing. `heuristic`: by
   * numbers and time; it may be another call, so nothing is ever dialled again on it. `none`: it cannot be asked at all.
   * Where the carrier's id is known, one that is `exact` or `heuristic` finds exactly that call, also once it has ended.
   */
  lookUp: 'exact' | 'while_alive' | 'heuristic' | 'none';
  /** How it tells of a call: by requests to the api, or over a socket that the leading dialer holds open to it. */
  events: 'callbacks' | 'socket';
  /** What a second request under the same reference would do. Nothing here sends one; it bounds what a stray copy can do. */
  repeatedRequest: 'rings_again' | 'ignored_while_alive' | 'ignored_for_a_while';
  /** Who tells whether a machine answered: nobody, the events of the call, or an event of its own that may come late. */
  machineDetection: 'none' | 'in_events' | 'separately';
  /** Whether it keeps to `notAfter`. */
  honoursNotAfter: boolean;
  /** Whether it may take a request now and start the call much later, so that accepted does not mean under way. */
  queuesStarts: boolean;
  /** Whether it asks us, once a call is answered, what to connect it to: a second call of one attempt is hung up then. */
  asksOnAnswer: boolean;
}

/** A request of the carrier to us, as it came. */
export interface IncomingRequest {
  /** Path and query, exactly as asked for: some carriers sign them. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  rawBody: Buffer;
}

/** A status callback, verified and put into our words. */
export interface CarrierCallback {
  /** The carrier's id of this event; the inbox takes each once. */
  eventKey: string;
  attemptId: string;
  event: CarrierEvent;
  /** Whether its word for the call's state is one that the adapter has no meaning for: it proves a call, and no more. */
  isIndeterminate?: boolean;
}

/** A callback that is rightly signed and yet cannot be read. */
export class MalformedCallback extends Error {
  constructor(because: string) {
    super(`The carrier's callback cannot be read: ${because}`);
    this.name = 'MalformedCallback';
  }
}

/** A call that was answered, and whose carrier asks what to do with it. */
export interface AnsweredCall {
  environmentId: string;
  attemptId: string;
  providerCallId: string;
}

/** What an answered call is to be connected to. */
export interface CallConnection {
  callId: string;
  attemptId: string;
  agent: Pick<AgentOnCall, 'id' | 'language' | 'connectTo'>;
  /** E.164; null: the carrier account's own. */
  from: string | null;
  maxDurationSeconds: number;
}

/** Instructions to the carrier, in its language. */
export interface AnswerDocument {
  contentType: string;
  body: string;
}

/** A call that was answered at a carrier that tells by a socket, and waits for its agent. */
export type WaitingCall = Omit<AnsweredCall, 'environmentId'>;

/** Who hears what is told over a socket. */
export interface SocketEars {
  told(callbacks: CarrierCallback[]): void;
  answered(call: WaitingCall): void;
  /** Nothing more will be told: what happens from now on is lost, until another socket stands. */
  closed(because: string): void;
}

/** A socket that stands, over which the carrier tells of calls. */
export interface EventSocket {
  /** Whether the other side gave a sign of life within the last seconds. */
  isAlive(): boolean;
  close(): void;
}

/**
 * The part of an adapter whose carrier tells by a socket. One socket at a time is told, the one opened last; and nothing
 * that happened while there was none is told later.
 */
export interface CallListening {
  /**
   * Opens the socket, and sees that it is told what is asked for.
   * @throws Error where it does not stand
   */
  open(ears: SocketEars): Promise<EventSocket>;
  /**
   * Finds the calls that were answered and wait for their agent still: of the time when nobody heard. Each is told as it is
   * found.
   * @throws Error where the carrier cannot say of all of them
   */
  waiting(found: (call: WaitingCall) => void): Promise<void>;
  /**
   * Hands an answered call to its agent. `over`: there is no call to hand any more, or it has its agent. `failed`: nobody can
   * tell; ask again. Never rejects.
   */
  connect(call: CallConnection): Promise<'connected' | 'over' | 'failed'>;
}

/** The part of an adapter whose carrier asks, once a call is answered, what to do with it. */
export interface CallAnswering {
  /**
   * Verifies and reads the question, as `readCallbacks` does.
   * @returns null when the carrier did not sign it
   * @throws MalformedCallback
   */
  readQuestion(request: IncomingRequest): AnsweredCall | null;
  connect(connection: CallConnection): AnswerDocument;
  hangUp(): AnswerDocument;
}

/** The port to the telephone network. An adapter translates; it decides nothing and repeats nothing. */
export abstract class TelephonyProvider {
  /** That of the trunk that it serves, as in the callback path `/callbacks/{name}`; by itself, of its kind. */
  abstract readonly name: string;

  /** Longest an originate request may take, in seconds; afterwards its fate is unknown. */
  abstract readonly requestTimeoutSeconds: number;

  abstract readonly capabilities: Capabilities;

  /** Null where the carrier does not ask. */
  readonly answering: CallAnswering | null = null;

  /** Null where the carrier tells by callbacks. */
  readonly listening: CallListening | null = null;

  /** How it writes what it tells us; anything else is refused unread. */
  readonly callbackContentType:
    'application/json' | 'application/x-www-form-urlencoded' | 'application/webhook+json' =
    'application/json';

  /** Sends one request, once. Never rejects. */
  abstract originate(request: OriginateRequest): Promise<Placement>;

  /** Asks by the carrier's id where it is known, else by our reference or by likeness. Never rejects. */
  abstract lookUp(attempt: SentAttempt): Promise<LookUp>;

  /**
   * Asks the carrier to end a call, answered or not; one that has ended stays as it is. Best effort, and never rejects:
   * what comes of it, its events tell. A call that is only known by likeness is left alone: it may be another one.
   */
  abstract hangUp(call: Pick<SentAttempt, 'attemptId' | 'providerCallId'>): Promise<void>;

  /** Whether a callback with these headers can be a signed one: asked before its body is read, so that most forged ones never are. */
  abstract claimsSignature(headers: IncomingRequest['headers']): boolean;

  /**
   * Verifies and reads a callback, in this order: nothing of it is believed before it is known to be the carrier's.
   * @returns null when the carrier did not sign it; none where it tells of nothing that concerns an attempt
   * @throws MalformedCallback
   */
  abstract readCallbacks(
    request: IncomingRequest,
  ): CarrierCallback[] | null | Promise<CarrierCallback[] | null>;
}
