import type { Call } from '../../apps/carrier/call.js';
import type { EventType } from '../../apps/carrier/scenario.js';

/** The carrier's words in Twilio's; `rejected` is `failed` there, told apart by its SIP code alone. */
export const CALL_STATUSES: Record<Exclude<EventType, 'machine'>, string> = {
  initiated: 'initiated',
  ringing: 'ringing',
  answered: 'in-progress',
  completed: 'completed',
  busy: 'busy',
  no_answer: 'no-answer',
  rejected: 'failed',
  failed: 'failed',
  canceled: 'canceled',
};

/** A call as its resource shows it now; words of a progress that only callbacks know are told by the next one. */
export function callResource(
  call: Call,
  accountSid: string,
  from: string,
  createdAt: Date,
): Record<string, unknown> {
  const state = call.stateAt(Date.now());
  const status = CALL_STATUSES[state?.status ?? 'initiated'];
  const sid = sidOf(call);
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${sid}.json`;
  return {
    sid,
    account_sid: accountSid,
    api_version: '2010-04-01',
    date_created: rfc2822(createdAt),
    date_updated: rfc2822(new Date()),
    direction: 'outbound-api',
    to: call.to,
    from,
    status: status === 'initiated' ? 'queued' : status,
    start_time: state === null ? null : rfc2822(new Date(state.started_at)),
    end_time: state?.ended_at == null ? null : rfc2822(new Date(state.ended_at)),
    duration: state?.status === 'completed' ? String(state.duration_seconds ?? 0) : null,
    answered_by: state?.answered_by === 'machine' ? 'machine_start' : (state?.answered_by ?? null),
    parent_call_sid: null,
    group_sid: null,
    queue_time: '0',
    uri,
    subresource_uris: {},
  };
}

/** The sid is the call's own id, written as Twilio writes them. */
export function sidOf(call: Call): string {
  return `CA${call.providerCallId.slice('sim-'.length).replaceAll('-', '')}`;
}

/** The call's own id again. */
export function idOfSid(sid: string): string {
  return sid.replace(/^CA(.{8})(.{4})(.{4})(.{4})(.{12})$/, 'sim-$1-$2-$3-$4-$5');
}

export function rfc2822(at: Date): string {
  return at.toUTCString().replace('GMT', '+0000');
}
