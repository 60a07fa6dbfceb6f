import { randomUUID } from 'node:crypto';
import type { CallStatus, ScriptStep } from './scenario.js';

/** Something that has happened to a call. */
export interface CallEvent extends Omit<ScriptStep, 'afterSeconds'> {
  eventId: string;
  at: Date;
  /** 1, 2, 3 … without gaps within a call. */
  sequence: number;
}

/** A look-up's answer. */
export interface CallState {
  id: string;
  provider_call_id: string;
  status: CallStatus;
  started_at: string;
  answered_at: string | null;
  ended_at: string | null;
  duration_seconds: number | null;
  answered_by: 'human' | 'machine' | null;
  sip_code: number | null;
  q850: number | null;
  converted: boolean;
  /** That of the last event that has happened. */
  sequence: number;
}

/** One call: who it is for, and what has happened to it so far. */
export class Call {
  readonly providerCallId = `sim-${randomUUID()}`;
  readonly events: CallEvent[] = [];

  constructor(
    /** The caller's id; several calls may have the same. */
    readonly id: string,
    /** E.164 */
    readonly to: string,
    /** Which attempt for this number it is, from 1. */
    readonly attempt: number,
    readonly callbackUrl: string,
  ) {}

  /** Writes down the next event. */
  happen(step: Omit<ScriptStep, 'afterSeconds'>, at: Date): CallEvent {
    const event = { ...step, eventId: randomUUID(), at, sequence: this.events.length + 1 };
    this.events.push(event);
    return event;
  }

  get hasEnded(): boolean {
    return this.events.some(isEnd);
  }

  get answer(): CallEvent | undefined {
    return this.events.find((event) => event.type === 'answered');
  }

  /** The state as it was at that time; null when the call had not begun. */
  stateAt(timeMs: number): CallState | null {
    const past = this.events.filter((event) => event.at.getTime() <= timeMs);
    const [first] = past;
    const last = past.at(-1);
    if (first === undefined || last === undefined) return null;
    const end = isEnd(last) ? last : undefined;
    return {
      id: this.id,
      provider_call_id: this.providerCallId,
      status: last.type === 'machine' ? 'answered' : last.type,
      started_at: first.at.toISOString(),
      answered_at: past.find((event) => event.type === 'answered')?.at.toISOString() ?? null,
      ended_at: end?.at.toISOString() ?? null,
      duration_seconds: end?.durationSeconds ?? null,
      answered_by: past.findLast((event) => event.answeredBy !== undefined)?.answeredBy ?? null,
      sip_code: end?.sipCode ?? null,
      q850: end?.q850 ?? null,
      converted: end?.converted ?? false,
      sequence: last.sequence,
    };
  }
}

/** Every end tells a duration, and nothing else does. */
export function isEnd(event: Pick<CallEvent, 'durationSeconds'>): boolean {
  return event.durationSeconds !== undefined;
}
