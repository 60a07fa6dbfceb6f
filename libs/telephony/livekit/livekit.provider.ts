import {
  CreateRoomRequest,
  CreateSIPParticipantRequest,
  DeleteRoomRequest,
  DeleteRoomResponse,
  ListParticipantsRequest,
  ListParticipantsResponse,
  Room,
  SIPParticipantInfo,
} from '@livekit/protocol';
import { placementOfFailed, refusalOf, whyFailed } from '../failed-request.js';
import {
  TelephonyProvider,
  UNKNOWN_STATUS,
  type Capabilities,
  type CarrierCallback,
  type IncomingRequest,
  type LookUp,
  type OriginateRequest,
  type Placement,
  type SentAttempt,
} from '../telephony-provider.js';
import {
  CALL_STATUS,
  claimsSignature,
  factsOf,
  isCallee,
  LiveKitSignature,
  readWebhook,
} from './livekit-callbacks.js';
import { briefOf } from './livekit-brief.js';
import { readRefusal, readStatus } from './livekit-outcomes.js';
import { LiveKitServices, type LiveKitAnswer, type LiveKitFailure } from './livekit-requests.js';

export interface LiveKitAccess {
  /** LIVEKIT_URL */
  url: string;
  /** LIVEKIT_API_KEY */
  apiKey: string;
  /** LIVEKIT_API_SECRET: authenticates requests, and webhooks are signed by it. */
  apiSecret: string;
  /** LIVEKIT_SIP_TRUNK: the outbound trunk that calls go through. */
  sipTrunkId: string;
  /** LIVEKIT_AGENT_NAME; null: every agent that is dispatched to all rooms. */
  agentName: string | null;
}

/** Of everything but the call itself. */
const ROOM_TIMEOUT_SECONDS = 5;

/** LiveKit answers once its SIP node is in the room, some hundred milliseconds; what takes longer, its events tell. */
const CALL_TIMEOUT_SECONDS = 15;

/** A room where nobody was called is closed after this, and the agent in it is sent home. */
const EMPTY_ROOM_SECONDS = 60;
/** As is one whose callee has left. */
const LEFT_ROOM_SECONDS = 20;

/**
 * The adapter of LiveKit's telephony: a room for each attempt, an agent in it, and then the callee, as a participant that a
 * SIP trunk is dialled for. The attempt's id is the name of the room and the identity of the callee, never used again: a
 * second participant of one identity drives the first one out of its call, and is dialled.
 */
export class LiveKitProvider extends TelephonyProvider {
  readonly requestTimeoutSeconds = 2 * ROOM_TIMEOUT_SECONDS + CALL_TIMEOUT_SECONDS;
  readonly capabilities: Capabilities = {
    lookUp: 'while_alive',
    events: 'callbacks',
    repeatedRequest: 'rings_again',
    machineDetection: 'none',
    honoursNotAfter: false,
    queuesStarts: false,
    asksOnAnswer: false,
  };

  override readonly callbackContentType = 'application/webhook+json';

  private readonly services: LiveKitServices;
  private readonly signature: LiveKitSignature;

  constructor(
    private readonly access: LiveKitAccess,
    readonly name = 'livekit',
  ) {
    super();
    this.services = new LiveKitServices(access.url, access.apiKey, access.apiSecret);
    this.signature = new LiveKitSignature(access.apiKey, access.apiSecret);
  }

  /** Only the last request can ring: where one before it fails, however it does, nothing was sent. */
  async originate(request: OriginateRequest): Promise<Placement> {
    const room = await this.openRoom(request);
    if (room.kind !== 'answered') {
      if (room.kind === 'no_answer') await this.closeRoom(request.attemptId);
      return withoutRoom(room);
    }
    const callee = await this.call(request);
    const placement = placementOf(callee);
    // Where the callee may be ringing, closing the room would end that call.
    if (placement.kind === 'refused' || placement.kind === 'not_sent')
      await this.closeRoom(request.attemptId);
    return placement;
  }

  /** LiveKit knows a participant by our reference for as long as it is in its room, and forgets it with its leaving. */
  async lookUp({ attemptId, providerCallId }: SentAttempt): Promise<LookUp> {
    const answer = await this.services.call({
      path: 'RoomService/ListParticipants',
      body: new ListParticipantsRequest({ room: attemptId }),
      answer: ListParticipantsResponse,
      grants: { video: { roomAdmin: true, room: attemptId } },
      timeoutSeconds: ROOM_TIMEOUT_SECONDS,
    });
    if (answer.kind === 'refused' && answer.code === 'not_found') return { kind: 'not_found' };
    if (answer.kind !== 'answered') return { kind: 'cannot_tell', because: whyOf(answer) };
    const callee = answer.message.participants.find((participant) => isCallee(participant, attemptId));
    if (callee === undefined) return { kind: 'not_found' };
    const reading = readStatus(callee.attributes[CALL_STATUS]);
    if (reading.kind === 'indeterminate') return { kind: 'cannot_tell', because: UNKNOWN_STATUS };
    const facts = factsOf(callee);
    if (providerCallId !== null && facts.providerCallId !== providerCallId)
      return { kind: 'cannot_tell', because: 'another_call_of_the_attempt' };
    // LiveKit does not say since when it stands so: no later than now.
    return { kind: 'found', event: { source: 'lookup', ...reading, ...facts, at: new Date() } };
  }

  /** Without its room there is neither call nor agent, whatever they were doing. */
  async hangUp({ attemptId }: Pick<SentAttempt, 'attemptId'>): Promise<void> {
    await this.closeRoom(attemptId);
  }

  claimsSignature(headers: IncomingRequest['headers']): boolean {
    return claimsSignature(headers);
  }

  async readCallbacks(request: IncomingRequest): Promise<CarrierCallback[] | null> {
    return (await this.signature.isOf(request)) ? readWebhook(request, Date.now()) : null;
  }

  /**
   * The agent is dispatched with the room: it comes before the phone rings, and one request less can fail. Without a name
   * LiveKit dispatches the agents that ask for no name, and what they are to know they find in the room.
   */
  private openRoom(request: OriginateRequest): Promise<LiveKitAnswer<Room>> {
    const { agentName } = this.access;
    const metadata = briefOf(request);
    return this.services.call({
      path: 'RoomService/CreateRoom',
      body: new CreateRoomRequest({
        name: request.attemptId,
        emptyTimeout: EMPTY_ROOM_SECONDS,
        departureTimeout: LEFT_ROOM_SECONDS,
        ...(agentName === null ? { metadata } : { agents: [{ agentName, metadata }] }),
      }),
      answer: Room,
      grants: { video: { roomCreate: true } },
      timeoutSeconds: ROOM_TIMEOUT_SECONDS,
    });
  }

  private call({
    attemptId,
    to,
    from,
    ringTimeoutSeconds,
    maxDurationSeconds,
  }: OriginateRequest): Promise<LiveKitAnswer<SIPParticipantInfo>> {
    return this.services.call({
      path: 'SIP/CreateSIPParticipant',
      body: new CreateSIPParticipantRequest({
        sipTrunkId: this.access.sipTrunkId,
        sipCallTo: to,
        // Without one LiveKit takes a number of the trunk's.
        ...(from === null ? {} : { sipNumber: from }),
        roomName: attemptId,
        participantIdentity: attemptId,
        ringingTimeout: { seconds: BigInt(ringTimeoutSeconds) },
        maxCallDuration: { seconds: BigInt(maxDurationSeconds) },
        // An answer that comes only when somebody picks up is lost with every connection that breaks while it rings.
        waitUntilAnswered: false,
      }),
      answer: SIPParticipantInfo,
      grants: { sip: { call: true } },
      timeoutSeconds: CALL_TIMEOUT_SECONDS,
    });
  }

  private async closeRoom(attemptId: string): Promise<void> {
    await this.services.call({
      path: 'RoomService/DeleteRoom',
      body: new DeleteRoomRequest({ room: attemptId }),
      answer: DeleteRoomResponse,
      grants: { video: { roomCreate: true } },
      timeoutSeconds: ROOM_TIMEOUT_SECONDS,
    });
  }
}

function whyOf(failed: LiveKitFailure): string {
  return whyFailed(failed, 'livekit');
}

/** Nothing rings for want of a room; what cannot be told from a passing trouble is tried again later. */
function withoutRoom(failed: LiveKitFailure): Placement {
  if (failed.kind === 'not_connected') return { kind: 'not_sent', because: failed.because };
  const because = `room: ${whyOf(failed)}`;
  if (failed.kind === 'no_answer') return { kind: 'not_sent', because };
  const outcome = failed.status === 503 ? 'carrier_limit' : readRefusal(failed);
  return outcome === null ? { kind: 'not_sent', because } : refusalOf(failed, outcome, because);
}

function placementOf(answer: LiveKitAnswer<SIPParticipantInfo>): Placement {
  if (answer.kind !== 'answered')
    return placementOfFailed(answer, answer.kind === 'refused' ? readRefusal(answer) : null, whyOf(answer));
  const { sipCallId } = answer.message;
  return sipCallId === ''
    ? { kind: 'unknown', because: 'unreadable_answer' }
    : { kind: 'accepted', providerCallId: sipCallId };
}
