import { createHash, randomUUID } from 'node:crypto';
import { ParticipantInfo, ParticipantInfo_Kind, Room, WebhookEvent } from '@livekit/protocol';
import { AccessToken } from 'livekit-server-sdk';
import { isEnd, type Call, type CallEvent } from '../../apps/carrier/call.js';
import type { Ledger } from '../../apps/carrier/ledger.js';
import { postedInLedger, Posts, type Posted } from '../../apps/carrier/posts.js';
import { Timers } from '../../apps/carrier/timers.js';
import { calleeOf, type EndedBy, type TwinRoom } from './participants.js';

const TIMEOUT_MS = 5_000;

/** LiveKit tries a webhook five times, with pauses that double. */
const RETRIES = 4;
const FIRST_RETRY_MS = 25;

/** Tells of rooms as LiveKit does: signed by a token that holds the body's digest. */
export class TwinWebhooks {
  private readonly timers = new Timers();
  private readonly posts = new Posts(TIMEOUT_MS);
  private isClosed = false;

  constructor(
    private readonly options: {
      apiKey: string;
      apiSecret: string;
      trunkId: string;
      /** Null: LiveKit was told of no place for webhooks. */
      webhookUrl: () => string | null;
      ledger: Ledger;
      roomOf: (call: Call) => TwinRoom | undefined;
      endedBy: EndedBy;
    },
  ) {}

  /** LiveKit tells that a callee has joined, while it is dialled, and that it has left; of what lies between it tells nothing. */
  async send(call: Call, event: CallEvent): Promise<void> {
    if (event.type !== 'initiated' && !isEnd(event)) return;
    const { trunkId, endedBy, roomOf } = this.options;
    const room = roomOf(call);
    if (room === undefined) return;
    const name = isEnd(event) ? 'participant_left' : 'participant_joined';
    await this.tell(room, name, event.eventId, event.at, calleeOf(call, trunkId, endedBy, event));
  }

  /** Of what is in a room besides its callee: nothing of it concerns an attempt. */
  async sendOfRoom(room: TwinRoom, name: 'room_started' | 'room_finished'): Promise<void> {
    await this.tell(room, name, randomUUID(), new Date());
    if (name === 'room_finished') return;
    for (const { agentName } of room.agents) {
      const agent = new ParticipantInfo({ identity: `agent-${agentName}`, kind: ParticipantInfo_Kind.AGENT });
      await this.tell(room, 'participant_joined', randomUUID(), new Date(), agent);
    }
  }

  close(): void {
    this.isClosed = true;
    this.timers.stop();
    this.posts.close();
  }

  private async tell(
    room: TwinRoom,
    name: string,
    id: string,
    at: Date,
    participant?: ParticipantInfo,
  ): Promise<void> {
    const event = new WebhookEvent({
      event: name,
      id: `EV_${id}`,
      createdAt: BigInt(Math.floor(at.getTime() / 1000)),
      room: roomInfo(room),
      ...(participant === undefined ? {} : { participant }),
    });
    const isOfCallee = participant?.kind === ParticipantInfo_Kind.SIP;
    await this.tryOnce(room, isOfCallee ? name : `room: ${name}`, JSON.stringify(event.toJson()), 1);
  }

  private async tryOnce(room: TwinRoom, type: string, body: string, attempt: number): Promise<void> {
    const url = this.options.webhookUrl();
    if (this.isClosed || url === null) return;
    const posted = await this.post(url, body);
    if (this.isClosed) return;
    const to = room.callee?.to ?? null;
    this.options.ledger.record({
      kind: 'callback',
      id: room.name,
      to,
      type,
      attempt,
      ...postedInLedger(posted),
    });
    const isTaken = posted.status !== null && posted.status < 500;
    if (isTaken || attempt > RETRIES) return;
    this.timers.after(
      FIRST_RETRY_MS * 2 ** (attempt - 1),
      () => void this.tryOnce(room, type, body, attempt + 1),
    );
  }

  private async post(url: string, body: string): Promise<Posted> {
    const { apiKey, apiSecret } = this.options;
    const token = new AccessToken(apiKey, apiSecret, { ttl: '5m' });
    token.sha256 = createHash('sha256').update(body).digest('base64');
    const headers = { 'content-type': 'application/webhook+json', authorization: await token.toJwt() };
    return this.posts.post(url, headers, body);
  }
}

export function roomInfo({ sid, name, metadata, createdAt }: TwinRoom): Room {
  return new Room({
    ...{ sid, name, metadata },
    creationTime: BigInt(Math.floor(createdAt.getTime() / 1000)),
  });
}
