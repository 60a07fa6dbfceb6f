import { isUUID } from 'class-validator';
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import {
  MalformedCallback,
  type AnsweredCall,
  type CarrierCallback,
  type IncomingRequest,
} from '../telephony-provider.js';
import { readAnsweredBy, readStatus } from './twilio-outcomes.js';

const SIGNATURE_HEADER = 'x-twilio-signature';
/** Base64 of 20 bytes, HMAC-SHA1. */
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;

const CALL_SID = /^CA[0-9a-fA-F]{32}$/;
const MAX_INTEGER = 2 ** 31 - 1;

/** What the addresses that Twilio is given carry, each under one name. Twilio signs them with the rest. */
const ATTEMPT = 'attempt';
const ENVIRONMENT = 'environment';
/** Set where the verdict of the machine detection is told there. */
const VERDICT = 'verdict';
/** Set where such a verdict is to be expected. */
const DETECTS = 'detects';

/** The addresses for one attempt, below PUBLIC_URL and the name of the trunk. */
export class TwilioAddresses {
  constructor(
    private readonly publicUrl: string,
    private readonly trunk: string,
  ) {}

  answer(attemptId: string, environmentId: string): string {
    return this.of(`/callbacks/${this.trunk}/answer`, { [ATTEMPT]: attemptId, [ENVIRONMENT]: environmentId });
  }

  status(attemptId: string, detectsMachines: boolean): string {
    return this.of(`/callbacks/${this.trunk}`, {
      [ATTEMPT]: attemptId,
      ...(detectsMachines ? { [DETECTS]: 'machines' } : {}),
    });
  }

  verdict(attemptId: string): string {
    return this.of(`/callbacks/${this.trunk}`, { [ATTEMPT]: attemptId, [VERDICT]: 'machine' });
  }

  /** The address that Twilio asked, which a proxy may have shortened by nothing but scheme and host. */
  whole(path: string): string {
    return `${this.publicUrl.replace(/\/+$/, '')}${path}`;
  }

  private of(path: string, query: Record<string, string>): string {
    return this.whole(`${path}?${new URLSearchParams(query).toString()}`);
  }
}

/** Whether the headers can be those of a signed callback. */
export function claimsSignature({ [SIGNATURE_HEADER]: signature }: IncomingRequest['headers']): boolean {
  return typeof signature === 'string' && SIGNATURE.test(signature);
}

/** A verified request of Twilio's. */
export interface TwilioRequest {
  query: URLSearchParams;
  form: Record<string, string>;
}

/**
 * Verifies a request by the SDK's own rules. Twilio signs the fields and not their bytes, so they are taken apart first,
 * and believed only then.
 * @returns null when Twilio did not sign it
 */
export function verified(
  { path, headers, rawBody }: IncomingRequest,
  addresses: TwilioAddresses,
  authToken: string,
): TwilioRequest | null {
  const signature = headers[SIGNATURE_HEADER];
  if (typeof signature !== 'string') return null;
  const fields: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of new URLSearchParams(rawBody.toString('utf8'))) {
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  if (!validateRequest(authToken, signature, addresses.whole(path), fields)) return null;
  const form = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? (value[0] ?? '') : value]),
  );
  return { query: new URL(path, 'http://here').searchParams, form };
}

/**
 * What a callback tells. Events of a call are counted by `SequenceNumber` from 0; the verdict of the machine detection is
 * no part of that count, and may come before or after any of them.
 * @throws MalformedCallback
 */
export function readCallback({ query, form }: TwilioRequest, nowMs: number): CarrierCallback {
  const attemptId = idIn(query, ATTEMPT);
  const providerCallId = callSidIn(form);
  if (query.has(VERDICT)) {
    const answeredBy = readAnsweredBy(form.AnsweredBy);
    const kind = answeredBy === 'machine' ? 'machine' : 'answered';
    return {
      eventKey: `${providerCallId}:verdict`,
      attemptId,
      event: { ...NOTHING, kind, at: new Date(nowMs), providerCallId, answeredBy, detection: 'told' },
    };
  }
  const status = form.CallStatus;
  if (status === undefined || !/^[a-z-]{1,30}$/.test(status)) throw new MalformedCallback('CallStatus');
  const sipCode = wholeNumberIn(form, 'SipResponseCode');
  const reading = readStatus(status, sipCode);
  const count = wholeNumberIn(form, 'SequenceNumber');
  const at = form.Timestamp === undefined ? nowMs : Date.parse(form.Timestamp);
  if (Number.isNaN(at)) throw new MalformedCallback('Timestamp');
  const isAwaited = status === 'completed' && query.has(DETECTS);
  return {
    eventKey: `${providerCallId}:${count ?? 'uncounted'}:${status}`,
    attemptId,
    event: {
      ...NOTHING,
      // Of a word nobody knows it is known that there is a call; the rest is left to the look-up.
      ...(reading.kind === 'indeterminate' ? { kind: 'initiated' as const } : reading),
      at: new Date(at),
      sequence: count === null ? null : count + 1,
      providerCallId,
      durationSeconds: wholeNumberIn(form, 'CallDuration'),
      answeredBy: readAnsweredBy(form.AnsweredBy),
      sipCode,
      ...(isAwaited ? { detection: 'awaited' as const } : {}),
    },
    ...(reading.kind === 'indeterminate' ? { isIndeterminate: true } : {}),
  };
}

/**
 * The call that a question is about.
 * @throws MalformedCallback
 */
export function readQuestion({ query, form }: TwilioRequest): AnsweredCall {
  return {
    attemptId: idIn(query, ATTEMPT),
    environmentId: idIn(query, ENVIRONMENT),
    providerCallId: callSidIn(form),
  };
}

/** An event of which no more is said. */
const NOTHING: Omit<CarrierEvent, 'kind' | 'at'> = {
  source: 'callback',
  sequence: null,
  providerCallId: null,
  answeredAt: null,
  outcome: null,
  durationSeconds: null,
  answeredBy: null,
  converted: false,
  sipCode: null,
  q850: null,
};

function idIn(query: URLSearchParams, name: string): string {
  const id = query.get(name);
  if (!isUUID(id)) throw new MalformedCallback(`${name} in the address`);
  return id as string;
}

function callSidIn({ CallSid: sid }: Record<string, string>): string {
  if (sid === undefined || !CALL_SID.test(sid)) throw new MalformedCallback('CallSid');
  return sid;
}

function wholeNumberIn(form: Record<string, string>, name: string): number | null {
  const text = form[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value >= MAX_INTEGER) throw new MalformedCallback(name);
  return value;
}
