import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTCOME_NAMES, type Outcome } from './outcomes.js';
import {
  AGENT_EVENTS,
  agentEventsOfEnd,
  CAMPAIGN_EVENTS,
  eventsOfTaker,
  eventsOfUndialledEnd,
  SILENT_AGENT_EVENTS,
  SILENT_CAMPAIGN_EVENTS,
  type ToldTaker,
} from './webhook-events.js';

/** The events of the compatible API's pages, as they stand there. */
const DOCUMENTED_AT_AGENTS = `event_phone_call_started event_phone_call_ended event_phone_call_did_not_connect
  event_phone_call_connected event_phone_call_disconnected event_phone_call_error event_participant_joined
  event_participant_left event_voicemail_detected event_voicemail_message_left event_conversation_started
  event_conversation_ended event_action event_action_failed event_recording event_connection_established
  event_connection_closed event_connection_error event_user_connected event_user_disconnected event_client_connected
  event_client_disconnected`.split(/\s+/);

const DOCUMENTED_AT_CAMPAIGNS =
  `campaign.created campaign.started campaign.paused campaign.completed campaign.updated
  campaign_call.queued campaign_call.started campaign_call.completed campaign_call.retry_scheduled campaign_call.failed
  event_recording event_call_transcript event_call_report`.split(/\s+/);

const OURS = `campaign.cancelled campaign.resumed campaign_call.blocked campaign_call.cancelled
  campaign_call.expired`.split(/\s+/);

describe('the events', () => {
  it('are those that are documented and those that are ours, each told or said why it is not', () => {
    const atAgents = Object.keys({ ...AGENT_EVENTS, ...SILENT_AGENT_EVENTS });
    expect(atAgents.sort()).toEqual([...DOCUMENTED_AT_AGENTS].sort());
    const atCampaigns = Object.keys({ ...CAMPAIGN_EVENTS, ...SILENT_CAMPAIGN_EVENTS, event_recording: '' });
    expect(atCampaigns.sort()).toEqual([...DOCUMENTED_AT_CAMPAIGNS, ...OURS].sort());
    for (const meaning of Object.values({ ...SILENT_AGENT_EVENTS, ...SILENT_CAMPAIGN_EVENTS }))
      expect(meaning).toMatch(/Not told: the voice platform knows\.$/);
  });
});

const UP_TO: Record<string, string[]> = {
  somebody: ['event_phone_call_connected'],
  human: ['event_phone_call_connected', 'event_conversation_started'],
  machine: ['event_phone_call_connected', 'event_voicemail_detected'],
};

describe('who took an attempt', () => {
  it.each(Object.entries(UP_TO))('is told at once where it is %s', (known, events) => {
    expect(eventsOfTaker(null, known as ToldTaker)).toEqual(events);
  });

  it('is told once for each word, in whatever order the news comes', () => {
    const news = fc.array(fc.constantFrom<ToldTaker>(null, 'somebody', 'human', 'machine'), { maxLength: 8 });
    fc.assert(
      fc.property(news, (words) => {
        let told: ToldTaker = null;
        const events: string[] = [];
        for (const known of words) {
          const types = eventsOfTaker(told, known);
          if (types.length > 0) told = known;
          events.push(...types);
        }
        expect(new Set(events).size).toBe(events.length);
        if (events.length > 0) expect(events[0]).toBe('event_phone_call_connected');
        expect(events.includes('event_voicemail_detected')).toBe(words.includes('machine'));
      }),
    );
  });

  it('ends the conversation that there never was, where a machine is heard after a person', () => {
    expect(eventsOfTaker('human', 'machine')).toEqual([
      'event_voicemail_detected',
      'event_conversation_ended',
    ]);
    expect(eventsOfTaker('somebody', 'machine')).toEqual(['event_voicemail_detected']);
    expect(eventsOfTaker('machine', 'human')).toEqual([]);
  });
});

describe('the end of an attempt', () => {
  it.each<[Outcome, ToldTaker, string[]]>([
    ['answered', 'human', ['conversation_ended', 'phone_call_disconnected', 'phone_call_ended']],
    ['answered', 'somebody', ['phone_call_disconnected', 'phone_call_ended']],
    ['voicemail', 'machine', ['phone_call_disconnected', 'phone_call_ended']],
    ['voicemail', 'somebody', ['voicemail_detected', 'phone_call_disconnected', 'phone_call_ended']],
    // Vouched for by somebody, with nothing told before.
    ['voicemail', null, ['voicemail_detected', 'phone_call_disconnected', 'phone_call_ended']],
    ['answered', null, ['phone_call_disconnected', 'phone_call_ended']],
    // Hung up by the API in the middle of it.
    ['cancelled', 'human', ['conversation_ended', 'phone_call_disconnected', 'phone_call_ended']],
    [
      'carrier_failure',
      'human',
      ['conversation_ended', 'phone_call_error', 'phone_call_disconnected', 'phone_call_ended'],
    ],
    ['carrier_failure', null, ['phone_call_error']],
    ['our_fault', null, ['phone_call_error']],
    ['busy', null, ['phone_call_did_not_connect']],
    ['no_answer', null, ['phone_call_did_not_connect']],
    ['invalid_number', null, ['phone_call_did_not_connect']],
    ['cancelled', null, ['phone_call_did_not_connect']],
  ])('%s, taken by %s, is %j', (outcome, taker, events) => {
    expect(agentEventsOfEnd(outcome, taker)).toEqual(events.map((event) => `event_${event}`));
  });

  it('tells of every conversation that began that it ended, and of every line that opened that it closed', () => {
    for (const outcome of OUTCOME_NAMES) {
      for (const taker of ['somebody', 'human', 'machine'] as const) {
        const told = [...eventsOfTaker(null, taker), ...agentEventsOfEnd(outcome, taker)];
        expect(told.includes('event_conversation_started')).toBe(told.includes('event_conversation_ended'));
        expect(told).toContain('event_phone_call_disconnected');
        expect(new Set(told).size).toBe(told.length);
      }
    }
  });
});

describe('a call that ends undialled', () => {
  it('is told of at its campaign, and outside campaigns at its agent, who would hear nothing else', () => {
    expect(eventsOfUndialledEnd('blocked', false)).toEqual(['campaign_call.blocked']);
    expect(eventsOfUndialledEnd('expired', true)).toEqual([
      'campaign_call.expired',
      'event_phone_call_did_not_connect',
    ]);
    expect(eventsOfUndialledEnd('failed', false)).toEqual(['campaign_call.failed', 'event_phone_call_error']);
  });
});
