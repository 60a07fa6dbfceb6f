import type { CallState } from './call-lifecycle.js';
import type { Outcome } from './outcomes.js';

/** Campaign-level events, with what each means. Each is raised in the transaction of the change it tells of. */
export const CAMPAIGN_EVENTS = {
  'campaign.created': 'A campaign was created.',
  'campaign.started': 'A campaign became active for the first time.',
  'campaign.paused': 'A campaign was paused.',
  'campaign.resumed': 'A paused campaign became active again.',
  'campaign.completed': 'A campaign was completed.',
  'campaign.cancelled': 'A campaign was cancelled, or deleted before it was completed.',
  'campaign.updated': 'The settings of a campaign changed.',
  'campaign_call.queued': 'A call was taken in.',
  'campaign_call.started': 'An attempt of a call was placed with the carrier.',
  'campaign_call.completed': 'A call ended with a conversation or a voicemail, and no retry follows.',
  'campaign_call.retry_scheduled': 'An attempt ended and the call will be tried again.',
  'campaign_call.failed': 'A call ended without a conversation, and no retry follows.',
  'campaign_call.blocked': 'A rule forbids the call; it is not dialled.',
  'campaign_call.cancelled': 'A waiting call was cancelled.',
  'campaign_call.expired': 'A waiting call outlived its campaign or its own deadline.',
} as const;

/** Agent-level events that are told, with what each means. */
export const AGENT_EVENTS = {
  event_phone_call_started: 'An attempt was placed with the carrier.',
  event_phone_call_connected: 'Somebody, or a machine, took the call.',
  event_voicemail_detected: 'A machine took the call, as the carrier heard.',
  event_conversation_started: 'A person took the call, as the carrier heard.',
  event_conversation_ended:
    'The line of a call that a person had taken closed, or a machine was heard after all.',
  event_phone_call_disconnected: 'The line of a call that had been taken closed.',
  event_phone_call_ended: 'A call that had been taken ended.',
  event_phone_call_did_not_connect:
    'An attempt ended without being taken, or a call outside campaigns ended without an attempt.',
  event_phone_call_error: 'An attempt failed at the carrier, or could not be placed with it.',
} as const;

/**
 * Events of the compatible API that are not told: what they tell happens inside the voice platform that talks, or in a
 * browser, and no word of it reaches whoever places the call. They may be subscribed to.
 */
export const SILENT_AGENT_EVENTS = {
  event_participant_joined: 'Somebody joined a call. Not told: the voice platform knows.',
  event_participant_left: 'Somebody left a call. Not told: the voice platform knows.',
  event_voicemail_message_left: 'The agent left a message. Not told: the voice platform knows.',
  event_action: 'The agent did an action. Not told: the voice platform knows.',
  event_action_failed: 'An action of the agent failed. Not told: the voice platform knows.',
  event_recording: 'A recording is ready. Not told: the voice platform knows.',
  event_connection_established: 'The agent is connected to the call. Not told: the voice platform knows.',
  event_connection_closed: 'The agent is disconnected from the call. Not told: the voice platform knows.',
  event_connection_error: 'The agent could not be connected to the call. Not told: the voice platform knows.',
  event_user_connected: 'A person is connected in a browser. Not told: the voice platform knows.',
  event_user_disconnected: 'A person is disconnected in a browser. Not told: the voice platform knows.',
  event_client_connected: 'A client is connected. Not told: the voice platform knows.',
  event_client_disconnected: 'A client is disconnected. Not told: the voice platform knows.',
} as const;

/** The same at campaigns: made from a recording of what was said. */
export const SILENT_CAMPAIGN_EVENTS = {
  event_call_transcript: 'What was said in a call. Not told: the voice platform knows.',
  event_call_report: 'A report on a call. Not told: the voice platform knows.',
} as const;

export type CampaignEventType = keyof typeof CAMPAIGN_EVENTS;
export type AgentEventType = keyof typeof AGENT_EVENTS;
export type OfCampaign = Extract<CampaignEventType, `campaign.${string}`>;
export type CallEventType = Exclude<CampaignEventType, OfCampaign> | AgentEventType;

/** Who has taken an attempt, as far as webhooks were told: nobody yet, somebody, a person, a machine. */
export type ToldTaker = null | 'somebody' | 'human' | 'machine';

/**
 * What is told once an attempt is known to have been taken, and by whom. The same news again tells nothing; a machine
 * that is heard after a person ends the conversation that there never was.
 */
export function eventsOfTaker(told: ToldTaker, known: ToldTaker): AgentEventType[] {
  if (known === null || told === 'machine' || told === known) return [];
  const connected: AgentEventType[] = told === null ? ['event_phone_call_connected'] : [];
  switch (known) {
    case 'somebody':
      return connected;
    case 'human':
      return [...connected, 'event_conversation_started'];
    case 'machine':
      return [
        ...connected,
        'event_voicemail_detected',
        ...(told === 'human' ? (['event_conversation_ended'] as const) : []),
      ];
  }
}

/** What an attempt's end is to the agent's endpoints. */
export function agentEventsOfEnd(outcome: Outcome, taker: ToldTaker): AgentEventType[] {
  const isFault = outcome === 'carrier_failure' || outcome === 'carrier_limit' || outcome === 'our_fault';
  const fault: AgentEventType[] = isFault ? ['event_phone_call_error'] : [];
  const wasTaken = taker !== null || outcome === 'answered' || outcome === 'voicemail';
  if (!wasTaken) return isFault ? fault : ['event_phone_call_did_not_connect'];
  return [
    ...(outcome === 'voicemail' ? eventsOfTaker(taker ?? 'somebody', 'machine') : []),
    ...(taker === 'human' && outcome !== 'voicemail' ? (['event_conversation_ended'] as const) : []),
    ...fault,
    'event_phone_call_disconnected',
    'event_phone_call_ended',
  ];
}

/** What an attempt's end is to the campaign's endpoints, by the state that it leaves the call in. */
export function campaignEventOfEnd(status: CallState): CallEventType {
  switch (status) {
    case 'waiting':
      return 'campaign_call.retry_scheduled';
    case 'completed':
    case 'voicemail':
      return 'campaign_call.completed';
    case 'cancelled':
      return 'campaign_call.cancelled';
    default:
      return 'campaign_call.failed';
  }
}

/**
 * What is told of a call that ends without an attempt that was placed. One outside campaigns is told of at its agent
 * too: nothing else would tell its end.
 */
export function eventsOfUndialledEnd(
  status: 'blocked' | 'cancelled' | 'expired' | 'failed',
  isDirect: boolean,
): CallEventType[] {
  const atAgent: CallEventType =
    status === 'failed' ? 'event_phone_call_error' : 'event_phone_call_did_not_connect';
  return [`campaign_call.${status}`, ...(isDirect || status === 'failed' ? [atAgent] : [])];
}
