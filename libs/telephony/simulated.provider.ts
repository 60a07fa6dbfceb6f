import { createHmac } from 'node:crypto';
import { plainToInstance } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsUUID,
  Max,
  Matches,
  Min,
  validateSync,
} from 'class-validator';
import { isSameSecret } from '#environment/same-secret.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { pauseAskedFor, refusalOf } from './failed-request.js';
import { sendSingle, type SingleAnswer } from './single-request.js';
import { readState, SIMULATED_STATES, type SimulatedState } from './simulated-outcomes.js';
import {
  MalformedCallback,
  TelephonyProvider,
  type Capabilities,
  type CarrierCallback,
  type IncomingRequest,
  type LookUp,
  type OriginateRequest,
  type Placement,
  type SentAttempt,
} from './telephony-provider.js';

export interface SimulatedCarrierAccess {
  /** CARRIER_URL */
  url: string;
  /** CARRIER_SECRET */
  secret: string;
  /** PUBLIC_URL: callbacks come to /callbacks/{name} below it. */
  publicUrl: string;
}

/** Called from when a campaign names no caller id; a number nobody owns. */
const ACCOUNT_CALLER_ID = '+12025550199';

const SIGNATURE_HEADER = 'x-carrier-signature';
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/** Answers by which the carrier says for sure that it will not ring: the request, our account or its own limits. */
const DEFINITE_NO = new Set([400, 401, 403, 404, 413, 422]);

/** Largest number a column keeps; a carrier that sends a larger one is not to be read. */
const MAX_INTEGER = 2 ** 31 - 1;

/** The part of a call's state that events and look-ups share. */
class SimulatedStateBody {
  @IsUUID() id: string;
  @IsOptional() @Matches(/^[\x21-\x7e]{1,200}$/) provider_call_id?: string | null;
  @IsInt() @Min(0) @Max(MAX_INTEGER) sequence: number;
  @IsOptional() @IsInt() @Min(0) @Max(MAX_INTEGER) duration_seconds?: number | null;
  @IsOptional() @IsIn(['human', 'machine', 'unknown']) answered_by?: string | null;
  @IsOptional() @IsInt() @Min(0) @Max(MAX_INTEGER) sip_code?: number | null;
  @IsOptional() @IsInt() @Min(0) @Max(MAX_INTEGER) q850?: number | null;
  @IsOptional() @IsBoolean() converted?: boolean | null;
}

class SimulatedCallback extends SimulatedStateBody {
  @Matches(/^[\x21-\x7e]{1,200}$/) event_id: string;
  @IsIn(SIMULATED_STATES) type: SimulatedState;
  @IsISO8601() at: string;
}

class SimulatedCall extends SimulatedStateBody {
  @IsIn(SIMULATED_STATES) status: SimulatedState;
  @IsISO8601() started_at: string;
  @IsOptional() @IsISO8601() answered_at?: string | null;
  @IsOptional() @IsISO8601() ended_at?: string | null;
}

/** The adapter of the simulated carrier: plain HTTP out, signed callbacks in. */
export class SimulatedProvider extends TelephonyProvider {
  readonly requestTimeoutSeconds = 10;
  readonly capabilities: Capabilities = {
    lookUp: 'exact',
    events: 'callbacks',
    repeatedRequest: 'rings_again',
    machineDetection: 'in_events',
    honoursNotAfter: true,
    queuesStarts: false,
    asksOnAnswer: false,
  };

  constructor(
    private readonly access: SimulatedCarrierAccess,
    readonly name = 'simulated',
  ) {
    super();
  }

  async originate(request: OriginateRequest): Promise<Placement> {
    const answer = await sendSingle({
      url: new URL('/calls', this.access.url),
      method: 'POST',
      body: this.originateBody(request),
      timeoutSeconds: this.requestTimeoutSeconds,
    });
    switch (answer.kind) {
      case 'answered':
        return readPlacement(answer);
      case 'not_connected':
        return { kind: 'not_sent', because: answer.because };
      case 'no_answer':
        return { kind: 'unknown', because: answer.because };
    }
  }

  async lookUp({ attemptId }: Pick<SentAttempt, 'attemptId'>): Promise<LookUp> {
    const answer = await sendSingle({
      url: new URL(`/calls/${attemptId}`, this.access.url),
      method: 'GET',
      timeoutSeconds: 5,
    });
    if (answer.kind !== 'answered') return { kind: 'cannot_tell', because: answer.because };
    if (answer.status === 404) return { kind: 'not_found' };
    if (answer.status !== 200) return { kind: 'cannot_tell', because: `status_${answer.status}` };
    try {
      return { kind: 'found', event: lookUpEvent(read(SimulatedCall, answer.body)) };
    } catch (error) {
      if (error instanceof MalformedCallback) return { kind: 'cannot_tell', because: 'unreadable_answer' };
      throw error;
    }
  }

  async hangUp({ attemptId }: Pick<SentAttempt, 'attemptId'>): Promise<void> {
    await sendSingle({
      url: new URL(`/calls/${attemptId}`, this.access.url),
      method: 'DELETE',
      timeoutSeconds: 5,
    });
  }

  claimsSignature({ [SIGNATURE_HEADER]: signature }: IncomingRequest['headers']): boolean {
    return typeof signature === 'string' && SIGNATURE.test(signature);
  }

  readCallbacks({ rawBody, headers }: Omit<IncomingRequest, 'path'>): CarrierCallback[] | null {
    if (!this.isSigned(rawBody, headers[SIGNATURE_HEADER])) return null;
    let parsed: unknown;
    try {
      parsed = JSON.parse(rawBody.toString('utf8'));
    } catch {
      throw new MalformedCallback('not JSON');
    }
    const body = read(SimulatedCallback, parsed);
    return [{ eventKey: body.event_id, attemptId: body.id, event: callbackEvent(body) }];
  }

  private originateBody(request: OriginateRequest): Record<string, unknown> {
    const { agent } = request;
    return {
      id: request.attemptId,
      to: request.to,
      from: request.from ?? ACCOUNT_CALLER_ID,
      callback_url: new URL(`/callbacks/${this.name}`, this.access.publicUrl).href,
      ring_timeout_seconds: request.ringTimeoutSeconds,
      max_duration_seconds: request.maxDurationSeconds,
      agent: {
        id: agent.id,
        name: agent.name,
        label: agent.label,
        language: agent.language,
        description: agent.description,
        initial_message: agent.initialMessage,
        who_speaks_first: agent.whoSpeaksFirst,
        enable_recording: agent.enableRecording,
      },
      variables: request.variables,
      not_after: request.notAfter.toISOString(),
    };
  }

  private isSigned(rawBody: Buffer, header: string | string[] | undefined): boolean {
    if (typeof header !== 'string') return false;
    const signature = createHmac('sha256', this.access.secret).update(rawBody).digest('hex');
    return isSameSecret(header, `sha256=${signature}`);
  }
}

function readPlacement(answer: Extract<SingleAnswer, { kind: 'answered' }>): Placement {
  const { status, body } = answer;
  const code = codeIn(body) ?? `status_${status}`;
  if (status === 201 || status === 200) {
    const providerCallId = (body as { provider_call_id?: unknown } | null)?.provider_call_id;
    return typeof providerCallId === 'string'
      ? { kind: 'accepted', providerCallId }
      : { kind: 'unknown', because: 'unreadable_answer' };
  }
  if (status === 429 || (status === 503 && code === 'overloaded'))
    return refusalOf(answer, 'carrier_limit', code);
  // Without that word it may come from a proxy, behind which the phone rings.
  if (status === 503)
    return { kind: 'unknown', because: code, slowDown: { retryAfterSeconds: pauseAskedFor(answer) } };
  if (!DEFINITE_NO.has(status)) return { kind: 'unknown', because: code };
  if (code === 'too_late') return { kind: 'not_sent', because: code };
  const outcome = status === 422 && code === 'invalid_number' ? 'invalid_number' : 'our_fault';
  return refusalOf(answer, outcome, code);
}

/** The carrier's word for a refusal. It reaches logs and reasons, so free text, which may hold a number, is no word. */
function codeIn(body: unknown): string | null {
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[a-z][a-z_]{1,39}$/.test(code) ? code : null;
}

function callbackEvent(body: SimulatedCallback): CarrierEvent {
  return { source: 'callback', at: new Date(body.at), answeredAt: null, ...stateOf(body, body.type) };
}

function lookUpEvent(body: SimulatedCall): CarrierEvent {
  const at = body.ended_at ?? body.answered_at ?? body.started_at;
  const answeredAt = typeof body.answered_at === 'string' ? new Date(body.answered_at) : null;
  return { source: 'lookup', at: new Date(at), answeredAt, ...stateOf(body, body.status) };
}

function stateOf(
  body: SimulatedStateBody,
  state: SimulatedState,
): Omit<CarrierEvent, 'source' | 'at' | 'answeredAt'> {
  const sipCode = body.sip_code ?? null;
  const q850 = body.q850 ?? null;
  return {
    ...readState(state, sipCode, q850),
    sequence: body.sequence,
    providerCallId: body.provider_call_id ?? null,
    durationSeconds: body.duration_seconds ?? null,
    answeredBy: body.answered_by === 'human' || body.answered_by === 'machine' ? body.answered_by : null,
    converted: body.converted ?? false,
    sipCode,
    q850,
  };
}

/** Checks what came from outside before any of it is believed. Unknown fields are left aside. */
function read<T extends object>(shape: new () => T, value: unknown): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedCallback('not an object');
  const body = plainToInstance(shape, value);
  const [first] = validateSync(body);
  if (first !== undefined) throw new MalformedCallback(Object.values(first.constraints ?? {}).join(', '));
  return body;
}
