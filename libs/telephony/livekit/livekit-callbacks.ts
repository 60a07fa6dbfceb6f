import { createHash, timingSafeEqual } from 'node:crypto';
import { ParticipantInfo_Kind, WebhookEvent, type ParticipantInfo } from '@livekit/protocol';
import { isUUID } from 'class-validator';
import { TokenVerifier } from 'livekit-server-sdk';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { MalformedCallback, type CarrierCallback, type IncomingRequest } from '../telephony-provider.js';
import { readLeaving, readStatus, type Reading } from './livekit-outcomes.js';
import type { MessageJson } from './livekit-requests.js';

/** A JSON Web Token, alone in its header. */
const TOKEN = /^[\w-]{1,1000}\.[\w-]{1,4000}\.[\w-]{1,1000}$/;

/** What LiveKit's own ids look like, of events and of calls. */
const ID = /^[\x21-\x7e]{1,200}$/;

const JOINED = 'participant_joined';
/** The second one is told of a participant that left before its connection to the room stood. */
const LEFT = new Set(['participant_left', 'participant_connection_aborted']);

/** Whether the headers can be those of a signed webhook. */
export function claimsSignature({ authorization }: IncomingRequest['headers']): boolean {
  return typeof authorization === 'string' && TOKEN.test(authorization);
}

/** Tells LiveKit's webhooks from others: by a token under the account's secret, which holds a digest of the body. */
export class LiveKitSignature {
  private readonly verifier: TokenVerifier;

  constructor(apiKey: string, apiSecret: string) {
    this.verifier = new TokenVerifier(apiKey, apiSecret);
  }

  /** Over the bytes as they came: the SDK's own receiver would take them apart into characters first. */
  async isOf({ headers, rawBody }: IncomingRequest): Promise<boolean> {
    if (!claimsSignature(headers)) return false;
    const claims = await this.verifier.verify(headers.authorization as string).catch(() => null);
    if (typeof claims?.sha256 !== 'string') return false;
    const told = Buffer.from(claims.sha256, 'base64');
    const digest = createHash('sha256').update(rawBody).digest();
    return told.length === digest.length && timingSafeEqual(told, digest);
  }
}

/**
 * What a verified webhook tells. Those about anything but the called participant of a room of ours tell nothing: LiveKit
 * tells of all rooms of a project, whoever made them, and of agents and tracks in them.
 * @throws MalformedCallback
 */
export function readWebhook({ rawBody }: IncomingRequest, nowMs: number): CarrierCallback[] {
  const { event, id, room, participant, createdAt } = decoded(rawBody);
  const hasLeft = LEFT.has(event);
  if (participant === undefined || !(hasLeft || event === JOINED)) return [];
  const attemptId = room?.name;
  if (!isUUID(attemptId) || !isCallee(participant, attemptId as string)) return [];
  if (!ID.test(id)) throw new MalformedCallback('id');
  const word = participant.attributes[CALL_STATUS];
  const reading = hasLeft ? readLeaving(participant.disconnectReason, word) : readStatus(word);
  const atMs = hasLeft ? Number(createdAt) * 1000 : Number(participant.joinedAtMs);
  return [
    {
      eventKey: id,
      attemptId: attemptId as string,
      event: {
        source: 'callback',
        ...known(reading, word),
        ...factsOf(participant),
        at: new Date(atMs > 0 ? atMs : nowMs),
      },
      ...(reading.kind === 'indeterminate' ? { isIndeterminate: true as const } : {}),
    },
  ];
}

/** Whether a participant is the one that was called for an attempt: our reference is the room's name and its identity. */
export function isCallee({ identity, kind }: ParticipantInfo, attemptId: string): boolean {
  return identity === attemptId && kind === ParticipantInfo_Kind.SIP;
}

/** Where a call stands. */
export const CALL_STATUS = 'sip.callStatus';

/** What a participant tells of its call, whatever it tells of its state. LiveKit counts no events, and knows no durations. */
export function factsOf({
  attributes,
}: ParticipantInfo): Omit<CarrierEvent, 'source' | 'kind' | 'outcome' | 'at'> {
  const callId = attributes['sip.callID'];
  return {
    sequence: null,
    providerCallId: callId !== undefined && ID.test(callId) ? callId : null,
    answeredAt: null,
    durationSeconds: null,
    answeredBy: null,
    converted: false,
    sipCode: null,
    q850: null,
  };
}

/** Of what nobody knows it is known that there is a call, and how far it had come; the rest is left to the look-up. */
function known(reading: Reading, word: string | undefined): Pick<CarrierEvent, 'kind' | 'outcome'> {
  if (reading.kind !== 'indeterminate') return reading;
  const before = readStatus(word);
  return before.kind === 'indeterminate' ? { kind: 'initiated', outcome: null } : before;
}

function decoded(rawBody: Buffer): WebhookEvent {
  try {
    const body = JSON.parse(rawBody.toString('utf8')) as MessageJson;
    return WebhookEvent.fromJson(body, { ignoreUnknownFields: true });
  } catch {
    throw new MalformedCallback('not a WebhookEvent');
  }
}
