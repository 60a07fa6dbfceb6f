import {
  DisconnectReason,
  ParticipantInfo,
  ParticipantInfo_Kind,
  ParticipantInfo_State,
} from '@livekit/protocol';
import { isEnd, type Call, type CallEvent } from '../../apps/carrier/call.js';
import type { EventType } from '../../apps/carrier/scenario.js';

/** A room, and the callee in it: one at a time, for a second one of the same identity drives the first one out. */
export interface TwinRoom {
  name: string;
  sid: string;
  createdAt: Date;
  /** Who was dispatched to it, and what they were told. */
  agents: { agentName: string; metadata: string }[];
  metadata: string;
  callee: Call | null;
}

/** Why a call is being ended from LiveKit's side, where it is. */
export type EndedBy = WeakMap<Call, DisconnectReason>;

/** The status that LiveKit's SIP node sets as a call goes on; a machine is a person to it. */
const STATUSES: Partial<Record<EventType, string>> = {
  initiated: 'dialing',
  ringing: 'ringing',
  answered: 'active',
  machine: 'active',
};

/** A callee as LiveKit shows it at an event of its call, the latest one unless another is named. */
export function calleeOf(
  call: Call,
  trunkId: string,
  endedBy: EndedBy,
  at = call.events.at(-1),
): ParticipantInfo {
  const before = call.events.filter(({ sequence }) => sequence <= (at?.sequence ?? 0));
  const hasLeft = at !== undefined && isEnd(at);
  return new ParticipantInfo({
    sid: `PA_${call.providerCallId}`,
    identity: call.id,
    kind: ParticipantInfo_Kind.SIP,
    state: hasLeft ? ParticipantInfo_State.DISCONNECTED : ParticipantInfo_State.ACTIVE,
    joinedAt: BigInt(Math.floor((call.events[0]?.at.getTime() ?? 0) / 1000)),
    joinedAtMs: BigInt(call.events[0]?.at.getTime() ?? 0),
    isPublisher: true,
    attributes: {
      'sip.callID': callIdOf(call),
      'sip.trunkID': trunkId,
      'sip.phoneNumber': call.to,
      'sip.callStatus': hasLeft && hasHungUp(at, endedBy.has(call)) ? 'hangup' : lastStatus(before),
    },
    disconnectReason: hasLeft ? reasonOf(at, endedBy.get(call)) : DisconnectReason.UNKNOWN_REASON,
  });
}

export function callIdOf(call: Call): string {
  return `SCL_${call.providerCallId.slice('sim-'.length).replaceAll('-', '')}`;
}

/** Told only of the callee's own hanging up: a call that ends with its room leaves its status as it was. */
function hasHungUp({ type }: CallEvent, isEndedByLiveKit: boolean): boolean {
  return type === 'completed' && !isEndedByLiveKit;
}

function lastStatus(events: CallEvent[]): string {
  return events.map(({ type }) => STATUSES[type]).findLast((status) => status !== undefined) ?? 'dialing';
}

/**
 * As LiveKit's SIP node classifies an INVITE that failed (livekit/sip, `classifyInviteError`), and as its server passes that
 * on: whatever is neither unavailable nor rejected has left by itself.
 */
function reasonOf({ type, sipCode = 0 }: CallEvent, endedBy: DisconnectReason | undefined): DisconnectReason {
  if (endedBy !== undefined) return endedBy;
  if (type === 'completed') return DisconnectReason.CLIENT_INITIATED;
  if ([404, 408, 480].includes(sipCode)) return DisconnectReason.USER_UNAVAILABLE;
  const isRejected = (sipCode >= 400 && sipCode < 500) || (sipCode >= 600 && sipCode < 700);
  return isRejected ? DisconnectReason.USER_REJECTED : DisconnectReason.CLIENT_INITIATED;
}
