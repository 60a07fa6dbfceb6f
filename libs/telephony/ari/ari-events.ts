import { isUUID } from 'class-validator';
import type { CarrierEvent } from '#policy/reduce-events.js';
import type { CarrierCallback, WaitingCall } from '../telephony-provider.js';
import { readEnd, readState } from './ari-outcomes.js';

/** What one message of the socket tells. */
export interface Heard {
  callback: CarrierCallback | null;
  /** Set with the answer of a call. */
  answered: WaitingCall | null;
  /** Another socket is told from now on, and this one is not. */
  isReplaced: boolean;
}

/** Nothing that concerns us. */
const NOTHING: Heard = { callback: null, answered: null, isReplaced: false };

/** A channel, as far as anything is asked of it. */
export interface Channel {
  id: string;
  state: string;
}

/**
 * Reads a message of Asterisk's. Channels of ours have the attempt's id; what is told of others, what says nothing of how a
 * call stands, and what cannot be read is passed over: an event is evidence, and missing one proves nothing.
 */
export function readMessage(text: string, nowMs: number): Heard {
  const message = objectIn(text);
  if (message === null) return NOTHING;
  switch (message.type) {
    case 'ApplicationReplaced':
      return { ...NOTHING, isReplaced: true };
    case 'Dial':
      // Told once when the request has left Asterisk, and again with every word of how it goes.
      return message.dialstatus === ''
        ? eventOf(message, channelIn(message.peer), 'initiated', nowMs)
        : NOTHING;
    case 'ChannelStateChange': {
      const channel = channelIn(message.channel);
      const state = channel === null ? 'indeterminate' : readState(channel.state);
      if (state === 'indeterminate' || state === 'not_dialled') return NOTHING;
      return eventOf(message, channel, state, nowMs);
    }
    case 'ChannelDestroyed':
      return endOf(message, nowMs);
    default:
      return NOTHING;
  }
}

/** A channel as Asterisk writes it; null: what was read is none, or is not ours. */
export function channelIn(value: unknown): Channel | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, state } = value as Record<string, unknown>;
  return isUUID(id) && typeof state === 'string' ? { id: id as string, state } : null;
}

/** An event of a channel, of which no more is said. */
export function channelEvent(channelId: string, kind: CarrierEvent['kind'], at: Date): CarrierEvent {
  return {
    source: 'callback',
    kind,
    at,
    // Asterisk counts no events. They come in order, over one socket.
    sequence: null,
    providerCallId: channelId,
    answeredAt: null,
    outcome: null,
    durationSeconds: null,
    answeredBy: null,
    converted: false,
    sipCode: null,
    q850: null,
  };
}

type Message = Record<string, unknown>;

function eventOf(
  message: Message,
  channel: Channel | null,
  kind: 'initiated' | 'ringing' | 'answered',
  nowMs: number,
): Heard {
  if (channel === null) return NOTHING;
  const { id } = channel;
  const event = channelEvent(id, kind, instantOf(message, nowMs));
  return {
    callback: { eventKey: `${id}:${kind}`, attemptId: id, event },
    answered: kind === 'answered' ? { attemptId: id, providerCallId: id } : null,
    isReplaced: false,
  };
}

function endOf(message: Message, nowMs: number): Heard {
  const channel = channelIn(message.channel);
  if (channel === null) return NOTHING;
  const { id, state } = channel;
  const cause = wholeNumber(message.cause) ?? 0;
  const techCause = wholeNumber(message.tech_cause);
  const outcome = readEnd({ state, cause, techCause });
  if (outcome === null) return NOTHING;
  const event = {
    ...channelEvent(id, 'ended', instantOf(message, nowMs)),
    outcome,
    sipCode: techCause,
    q850: cause === 0 ? null : cause,
  };
  return { ...NOTHING, callback: { eventKey: `${id}:ended`, attemptId: id, event } };
}

function instantOf({ timestamp }: Message, nowMs: number): Date {
  const atMs = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  return new Date(Number.isNaN(atMs) ? nowMs : atMs);
}

/** Codes as the columns keep them. */
function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 10_000 ? value : null;
}

function objectIn(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Message) : null;
  } catch {
    return null;
  }
}
