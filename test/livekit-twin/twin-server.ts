import { randomUUID } from 'node:crypto';
import {
  AgentDispatch,
  CreateAgentDispatchRequest,
  CreateRoomRequest,
  CreateSIPParticipantRequest,
  DeleteRoomRequest,
  DeleteRoomResponse,
  DisconnectReason,
  ListParticipantsRequest,
  ListParticipantsResponse,
  SIPParticipantInfo,
} from '@livekit/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TokenVerifier, type ClaimGrants } from 'livekit-server-sdk';
import type { Logger } from 'pino';
import type { MessageJson } from '#telephony/livekit/livekit-requests.js';
import { CallIntake, type Verdict } from '../../apps/carrier/call-intake.js';
import { Call, isEnd } from '../../apps/carrier/call.js';
import {
  addFaultRoutes,
  addLedgerRoute,
  emptyServer,
  type Carrier,
} from '../../apps/carrier/carrier-server.js';
import { FaultSwitches } from '../../apps/carrier/faults.js';
import { Ledger } from '../../apps/carrier/ledger.js';
import { LiveCalls } from '../../apps/carrier/live-calls.js';
import { calleeOf, callIdOf, type EndedBy, type TwinRoom } from './participants.js';
import { TwinWebhooks, roomInfo } from './webhooks.js';

export interface TwinSettings {
  apiKey: string;
  apiSecret: string;
  /** The one outbound trunk. */
  trunkId: string;
  /** Where webhooks go, as LiveKit's configuration has it; asked when there is something to tell. */
  webhookUrl: () => string | null;
  /** Virtual seconds that pass in a real one. */
  speed: number;
  seed: number;
  ledgerFile: string;
}

/** The trunk's own number: called from where none is named. */
const TRUNK_NUMBER = '+12025550177';

/** What the network does to a number that does not exist: LiveKit itself refuses none. */
const NO_SUCH_NUMBER = [
  { afterSeconds: 0, type: 'initiated' as const },
  { afterSeconds: 1, type: 'failed' as const, durationSeconds: 0, sipCode: 404, q850: 1, converted: false },
];

/**
 * A twin of LiveKit: the rooms, dispatches and SIP participants of its server API over real HTTP, each request decoded by
 * LiveKit's own messages, with nothing in it that they do not know, and answered with them. Behind it are the scripts, faults
 * and ledger of the simulated carrier, so that the last two digits of a number decide here too. What rings is a SIP
 * participant, so that is the request of the ledger, under the name of its room. As at LiveKit, a participant is forgotten
 * when it leaves, and a second one of the same identity drives the first one out and is dialled.
 */
export async function buildTwin(settings: TwinSettings, log: Logger): Promise<Carrier> {
  const { apiKey, apiSecret, trunkId, webhookUrl, seed, speed } = settings;
  const ledger = await Ledger.open(settings.ledgerFile);
  const faults = new FaultSwitches();
  const rooms = new Map<string, TwinRoom>();
  const roomsOfCalls = new WeakMap<Call, TwinRoom>();
  const endedBy: EndedBy = new WeakMap();
  const roomOf = (call: Call) => roomsOfCalls.get(call) ?? rooms.get(call.id);
  const webhooks = new TwinWebhooks({ apiKey, apiSecret, trunkId, webhookUrl, ledger, roomOf, endedBy });
  const calls = new LiveCalls({ seed, speed, ledger, callbacks: webhooks, faults });
  const intake = new CallIntake({ seed, ledger, calls, faults });
  const twin = new Twin({ settings, ledger, faults, rooms, roomsOfCalls, endedBy, webhooks, calls, intake });

  const http = emptyServer(log);
  twin.addRoutes(http);
  addFaultRoutes(http, faults);
  addLedgerRoute(http, ledger);
  http.get('/health', () => ({ status: 'ok' }));
  const close = async () => {
    calls.close();
    webhooks.close();
    await http.close();
    await ledger.close();
  };
  return { http, ledger, close };
}

/** Twirp's errors that the twin gives, by their HTTP statuses. */
const STATUSES = {
  malformed: 400,
  invalid_argument: 400,
  unauthenticated: 401,
  not_found: 404,
  resource_exhausted: 429,
  internal: 500,
  unavailable: 503,
} as const;

interface Message<T> {
  fromJson(json: MessageJson, options: { ignoreUnknownFields: boolean }): T;
}

class Twin {
  private readonly verifier: TokenVerifier;

  constructor(
    private readonly house: {
      settings: TwinSettings;
      ledger: Ledger;
      faults: FaultSwitches;
      rooms: Map<string, TwinRoom>;
      roomsOfCalls: WeakMap<Call, TwinRoom>;
      endedBy: EndedBy;
      webhooks: TwinWebhooks;
      calls: LiveCalls;
      intake: CallIntake;
    },
  ) {
    const { apiKey, apiSecret } = house.settings;
    this.verifier = new TokenVerifier(apiKey, apiSecret);
  }

  addRoutes(http: FastifyInstance): void {
    const route = <T>(
      path: string,
      request: Message<T>,
      mayCall: (claims: ClaimGrants, body: T) => boolean,
      handle: (body: T, reply: FastifyReply) => unknown,
    ) =>
      http.post(`/twirp/livekit.${path}`, async (incoming, reply) => {
        let body: T;
        try {
          body = request.fromJson(incoming.body as MessageJson, { ignoreUnknownFields: false });
        } catch (error) {
          return refuse(reply, 'malformed', (error as Error).message);
        }
        const claims = await this.claimsOf(incoming);
        if (claims === null || !mayCall(claims, body))
          return refuse(reply, 'unauthenticated', 'permissions denied');
        return handle(body, reply);
      });
    const isAdminOf = ({ video }: ClaimGrants, room: string) =>
      video?.roomAdmin === true && video.room === room;
    const mayCreate = ({ video }: ClaimGrants) => video?.roomCreate === true;
    route('RoomService/CreateRoom', CreateRoomRequest, mayCreate, (body) => this.createRoom(body));
    route('RoomService/DeleteRoom', DeleteRoomRequest, mayCreate, ({ room }, reply) =>
      this.deleteRoom(room, reply),
    );
    route(
      'RoomService/ListParticipants',
      ListParticipantsRequest,
      (claims, { room }) => isAdminOf(claims, room),
      ({ room }, reply) => this.list(room, reply),
    );
    route(
      'AgentDispatchService/CreateDispatch',
      CreateAgentDispatchRequest,
      (claims, { room }) => isAdminOf(claims, room),
      (body) => this.dispatch(body),
    );
    route(
      'SIP/CreateSIPParticipant',
      CreateSIPParticipantRequest,
      ({ sip }) => sip?.call === true,
      (body, reply) => this.call(body, reply),
    );
  }

  private createRoom({ name, agents, metadata }: CreateRoomRequest): MessageJson {
    const known = this.house.rooms.get(name);
    return roomInfo(known ?? this.openRoom(name, agents, metadata)).toJson();
  }

  private openRoom(
    name: string,
    agents: { agentName: string; metadata: string }[],
    metadata: string,
  ): TwinRoom {
    const told = agents.map((agent) => ({ agentName: agent.agentName, metadata: agent.metadata }));
    const sid = `RM_${randomUUID().slice(0, 8)}`;
    const room: TwinRoom = { name, sid, createdAt: new Date(), agents: told, metadata, callee: null };
    this.house.rooms.set(name, room);
    for (const agent of told) this.noteDispatch(name, agent.agentName, agent.metadata);
    void this.house.webhooks.sendOfRoom(room, 'room_started');
    return room;
  }

  private dispatch({ room: name, agentName, metadata }: CreateAgentDispatchRequest): MessageJson {
    const room = this.house.rooms.get(name) ?? this.openRoom(name, [], '');
    room.agents.push({ agentName, metadata });
    this.noteDispatch(name, agentName, metadata);
    return new AgentDispatch({
      id: `AD_${randomUUID().slice(0, 8)}`,
      agentName,
      room: name,
      metadata,
    }).toJson();
  }

  private noteDispatch(id: string, agentName: string, metadata: string): void {
    this.house.ledger.record({
      kind: 'callback',
      id,
      to: null,
      type: 'dispatch',
      agent: agentName,
      metadata,
    });
  }

  private deleteRoom(name: string, reply: FastifyReply): unknown {
    const room = this.house.rooms.get(name);
    if (room === undefined) return refuse(reply, 'not_found', 'requested room does not exist');
    this.house.rooms.delete(name);
    this.end(room.callee, DisconnectReason.ROOM_DELETED);
    void this.house.webhooks.sendOfRoom(room, 'room_finished');
    return new DeleteRoomResponse().toJson();
  }

  private list(name: string, reply: FastifyReply): unknown {
    const { faults, rooms, settings, endedBy } = this.house;
    if (Number(faults.current.lookup_down) >= 1)
      return refuse(reply, 'unavailable', 'no response from servers');
    const callee = rooms.get(name)?.callee ?? null;
    // LiveKit forgets a participant with its leaving, and a room that nobody is in any more.
    const participants =
      callee === null || callee.events.some(isEnd) ? [] : [calleeOf(callee, settings.trunkId, endedBy)];
    return new ListParticipantsResponse({ participants }).toJson();
  }

  private async call(body: CreateSIPParticipantRequest, reply: FastifyReply): Promise<unknown> {
    const { settings, rooms, intake } = this.house;
    const { roomName, participantIdentity, sipCallTo, sipNumber, sipTrunkId } = body;
    const mistake = mistakeIn(body);
    if (mistake !== null) {
      intake.refuseUnreadable({ id: roomName, to: sipCallTo });
      return refuse(reply, 'invalid_argument', mistake);
    }
    if (sipTrunkId !== settings.trunkId)
      return refuse(reply, 'not_found', 'requested sip trunk does not exist');
    const verdict = intake.receive({
      id: participantIdentity,
      to: sipCallTo,
      from: sipNumber === '' ? TRUNK_NUMBER : sipNumber,
      callback_url: '',
      ring_timeout_seconds: Number(body.ringingTimeout?.seconds ?? 180),
      max_duration_seconds: Number(body.maxCallDuration?.seconds ?? 86_400),
      agent: rooms.get(roomName)?.agents,
    });
    if (verdict.call !== null) this.seat(roomName, verdict.call);
    return this.answer(verdict, body, reply);
  }

  private seat(roomName: string, call: Call): void {
    const { rooms, roomsOfCalls } = this.house;
    const room = rooms.get(roomName) ?? this.openRoom(roomName, [], '');
    this.end(room.callee, DisconnectReason.DUPLICATE_IDENTITY);
    room.callee = call;
    roomsOfCalls.set(call, room);
  }

  private end(call: Call | null, reason: DisconnectReason): void {
    if (call === null || call.hasEnded) return;
    this.house.endedBy.set(call, reason);
    this.house.calls.hangUp(call);
  }

  private async answer(
    { result, call, underWay }: Verdict,
    { roomName, participantIdentity, sipCallTo }: CreateSIPParticipantRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const accepted = (made: Call) =>
      new SIPParticipantInfo({
        participantId: `PA_${made.providerCallId}`,
        participantIdentity,
        roomName,
        sipCallId: callIdOf(made),
      }).toJson();
    switch (result) {
      case 'accepted':
      case 'replayed':
        return call === null ? undefined : accepted(call);
      case 'invalid_number': {
        const refused = new Call(participantIdentity, sipCallTo, 1, '');
        this.seat(roomName, refused);
        void this.house.calls.begin(refused, NO_SUCH_NUMBER, 'each_once');
        return accepted(refused);
      }
      case 'rate_limited':
        return refuse(this.askPause(reply), 'resource_exhausted', 'too many requests');
      case 'overloaded':
      case 'too_late':
        return refuse(this.askPause(reply), 'unavailable', 'no response from servers');
      case 'error':
        await underWay;
        return refuse(reply, 'internal', 'update room failed');
      case 'dropped':
        await underWay;
        reply.hijack();
        reply.raw.destroy();
        return undefined;
      case 'hung':
        reply.hijack();
        return undefined;
    }
  }

  private askPause(reply: FastifyReply): FastifyReply {
    const seconds = this.house.faults.current.retry_after_seconds;
    return seconds ? reply.header('retry-after', seconds.toString()) : reply;
  }

  private async claimsOf({ headers: { authorization = '' } }: FastifyRequest): Promise<ClaimGrants | null> {
    const token = /^Bearer (.+)$/.exec(authorization)?.[1];
    return token === undefined ? null : this.verifier.verify(token).catch(() => null);
  }
}

/** What LiveKit would refuse, and what would make it wait for the answer, or call somebody under a name used by others. */
function mistakeIn(body: CreateSIPParticipantRequest): string | null {
  if (!/^\+[1-9]\d{6,14}$/.test(body.sipCallTo)) return 'sip_call_to is no number in E.164';
  if (body.roomName === '') return 'missing room name';
  if (body.participantIdentity !== body.roomName) return 'an identity that is not of this room alone';
  return body.waitUntilAnswered ? 'it would wait for the answer' : null;
}

function refuse(reply: FastifyReply, code: keyof typeof STATUSES, msg: string): FastifyReply {
  return reply.code(STATUSES[code]).send({ code, msg });
}
