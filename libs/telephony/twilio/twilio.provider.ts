import type twilio from 'twilio';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { whyUnreachable } from '../agent-reach.js';
import { placementOfFailed, whyFailed, type FailedRequest } from '../failed-request.js';
import {
  TelephonyProvider,
  UNKNOWN_STATUS,
  type CallAnswering,
  type Capabilities,
  type CarrierCallback,
  type IncomingRequest,
  type LookUp,
  type OriginateRequest,
  type Placement,
  type SentAttempt,
} from '../telephony-provider.js';
import { connectDocument, hangUpDocument } from './twilio-answers.js';
import {
  claimsSignature,
  readCallback,
  readQuestion,
  TwilioAddresses,
  verified,
} from './twilio-callbacks.js';
import { readAnsweredBy, readRefusal, readStatus } from './twilio-outcomes.js';
import { twilioClient, TwilioRequestFailed } from './twilio-requests.js';

export interface TwilioAccess {
  /** TWILIO_ACCOUNT_SID */
  accountSid: string;
  /** TWILIO_AUTH_TOKEN: authenticates requests, and signs callbacks. */
  authToken: string;
  /** TWILIO_FROM: called from where a campaign names no caller id. E.164. */
  from: string;
  /** TWILIO_BASE_URL; null: Twilio itself. */
  baseUrl: string | null;
  /** PUBLIC_URL: callbacks come to /callbacks/{name} below it, and are signed by it. */
  publicUrl: string;
  /** TWILIO_MACHINE_DETECTION */
  detectsMachines: boolean;
}

type CallInstance = Awaited<ReturnType<twilio.Twilio['calls']['create']>>;

const CALL_EVENTS = ['initiated', 'ringing', 'answered', 'completed'];

/** Longer than Twilio takes for any answer it gives. */
const REQUEST_TIMEOUT_SECONDS = 15;

/** A look-up by likeness reads this many of the latest calls between two numbers. */
const LATEST_CALLS = 20;

/** The call of a request was created no earlier than this before it left, by clocks that differ; */
const EARLIEST_MS = 30_000;
/** and no later than this after it: the request's own time, and the clocks again. */
const LATEST_MS = (REQUEST_TIMEOUT_SECONDS + 30) * 1000;

/** A call that Twilio keeps waiting for longer has been sent too early: the trunk is over its rate there. */
const LONGEST_QUEUE_MS = 1_000;

/** The adapter of Twilio's Programmable Voice: the Calls resource out, signed forms in. */
export class TwilioProvider extends TelephonyProvider {
  readonly requestTimeoutSeconds = REQUEST_TIMEOUT_SECONDS;
  readonly capabilities: Capabilities = {
    lookUp: 'heuristic',
    events: 'callbacks',
    repeatedRequest: 'rings_again',
    machineDetection: 'separately',
    honoursNotAfter: false,
    queuesStarts: true,
    asksOnAnswer: true,
  };

  override readonly callbackContentType = 'application/x-www-form-urlencoded';

  override readonly answering: CallAnswering = {
    readQuestion: (request) => {
      const asked = verified(request, this.addresses, this.access.authToken);
      return asked === null ? null : readQuestion(asked);
    },
    connect: connectDocument,
    hangUp: hangUpDocument,
  };

  private readonly client: twilio.Twilio;
  private readonly addresses: TwilioAddresses;

  constructor(
    private readonly access: TwilioAccess,
    readonly name = 'twilio',
  ) {
    super();
    this.client = twilioClient(access, this.requestTimeoutSeconds);
    this.addresses = new TwilioAddresses(access.publicUrl, name);
  }

  async originate(request: OriginateRequest): Promise<Placement> {
    const unreachable = whyUnreachable(request.agent.connectTo, ['stream', 'sip', 'document']);
    if (unreachable !== null) return unreachable;
    try {
      const { sid, queueTime } = await this.client.calls.create(this.creationOf(request));
      if (typeof sid !== 'string' || sid === '') return { kind: 'unknown', because: 'unreadable_answer' };
      const isQueued = Number(queueTime) > LONGEST_QUEUE_MS;
      return {
        kind: 'accepted',
        providerCallId: sid,
        ...(isQueued ? { slowDown: { retryAfterSeconds: null } } : {}),
      };
    } catch (error) {
      return placementAfter(error);
    }
  }

  async lookUp(attempt: SentAttempt): Promise<LookUp> {
    try {
      const found =
        attempt.providerCallId === null
          ? await this.alike(attempt)
          : await this.client.calls(attempt.providerCallId).fetch();
      if (found === null) return { kind: 'not_found' };
      if (found === 'several') return { kind: 'cannot_tell', because: 'several_calls_alike' };
      const event = eventOf(found);
      return event === null ? { kind: 'cannot_tell', because: UNKNOWN_STATUS } : { kind: 'found', event };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'refused' && failure.status === 404) return { kind: 'not_found' };
      return { kind: 'cannot_tell', because: whyOf(failure) };
    }
  }

  /** `completed` ends a call in any state, `canceled` only one that nobody has answered yet. */
  async hangUp({ providerCallId }: Pick<SentAttempt, 'providerCallId'>): Promise<void> {
    if (providerCallId === null) return;
    await this.client
      .calls(providerCallId)
      .update({ status: 'completed' })
      .catch(() => undefined);
  }

  claimsSignature(headers: IncomingRequest['headers']): boolean {
    return claimsSignature(headers);
  }

  readCallbacks(request: IncomingRequest): CarrierCallback[] | null {
    const told = verified(request, this.addresses, this.access.authToken);
    return told === null ? null : [readCallback(told, Date.now())];
  }

  private creationOf({
    attemptId,
    environmentId,
    to,
    from,
    agent,
    ...limits
  }: OriginateRequest): Parameters<twilio.Twilio['calls']['create']>[0] {
    const { detectsMachines } = this.access;
    return {
      to,
      from: from ?? this.access.from,
      url: this.addresses.answer(attemptId, environmentId),
      method: 'POST',
      statusCallback: this.addresses.status(attemptId, detectsMachines),
      statusCallbackMethod: 'POST',
      statusCallbackEvent: CALL_EVENTS,
      timeout: limits.ringTimeoutSeconds,
      timeLimit: limits.maxDurationSeconds,
      ...(agent.enableRecording ? { record: true } : {}),
      ...(detectsMachines
        ? {
            machineDetection: 'Enable',
            asyncAmd: 'true',
            asyncAmdStatusCallback: this.addresses.verdict(attemptId),
            asyncAmdStatusCallbackMethod: 'POST',
          }
        : {}),
    };
  }

  /**
   * The one call between these numbers that was created when this request can have been. The list is not narrowed by
   * start time: it is a date there, and a queued call has none.
   */
  private async alike({ to, from, sentAt }: SentAttempt): Promise<CallInstance | 'several' | null> {
    const latest = await this.client.calls.list({
      to,
      from: from ?? this.access.from,
      limit: LATEST_CALLS,
      pageSize: LATEST_CALLS,
    });
    const [found, ...others] = latest.filter(({ direction, dateCreated }) => {
      const afterMs = dateCreated.getTime() - sentAt.getTime();
      return direction.startsWith('outbound') && afterMs >= -EARLIEST_MS && afterMs <= LATEST_MS;
    });
    return others.length > 0 ? 'several' : (found ?? null);
  }
}

/** An answer that the SDK cannot read came from somebody, and so may have a call. */
function failureOf(error: unknown): FailedRequest<number> {
  return error instanceof TwilioRequestFailed
    ? error.failure
    : { kind: 'no_answer', because: 'unreadable_answer' };
}

function whyOf(failure: FailedRequest<number>): string {
  return whyFailed(failure, 'twilio');
}

function placementAfter(error: unknown): Placement {
  const failure = failureOf(error);
  const outcome = failure.kind === 'refused' ? readRefusal(failure.status, failure.code) : null;
  return placementOfFailed(failure, outcome, whyOf(failure));
}

/** A call's state as an event that tells all there is; null: its status is a word that nobody knows. */
function eventOf(call: CallInstance): CarrierEvent | null {
  const reading = readStatus(call.status, null);
  if (reading.kind === 'indeterminate') return null;
  const durationSeconds = call.duration ? Number(call.duration) : null;
  return {
    source: 'lookup',
    ...reading,
    at: dateOf(call.endTime) ?? dateOf(call.startTime) ?? call.dateCreated,
    answeredAt: answeredAtOf(call, durationSeconds),
    sequence: null,
    providerCallId: call.sid,
    durationSeconds,
    answeredBy: readAnsweredBy(call.answeredBy),
    converted: false,
    sipCode: null,
    q850: null,
  };
}

/** Twilio tells no such instant: of a call that has ended it is its duration before its end. */
function answeredAtOf(
  { status, startTime, endTime }: CallInstance,
  durationSeconds: number | null,
): Date | null {
  if (status === 'in-progress') return dateOf(startTime);
  const end = dateOf(endTime);
  return status === 'completed' && end !== null
    ? new Date(end.getTime() - (durationSeconds ?? 0) * 1000)
    : null;
}

/** The SDK makes a date of an absent one too. */
function dateOf(date: Date | null | undefined): Date | null {
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date : null;
}
