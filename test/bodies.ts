import type { components } from '../docs/openapi.d.ts';

/** Bodies of requests that are right as they are. */
type Bodies = components['schemas'];

/** An agent that has something to say. */
export const AN_AGENT = {
  label: 'reminder',
  name: 'Reminder',
  description: 'You remind {{name}} of an appointment.',
  initial_message: 'Hello {{name}}!',
  language: 'en-US',
  interrupt_sensitivity: 'medium',
  endpointing_sensitivity: 'auto',
  ivr_navigation_mode: 'off',
  conversation_speed: 1,
  initial_message_delay: 0,
  ask_if_human_present_on_idle: false,
  idle_time_seconds: 10,
  llm_temperature: 0.3,
  enable_recording: false,
  direction: 'outbound',
  who_speaks_first: 'agent',
} satisfies Bodies['CreateAgentBody'];

/** A campaign, but for its agent: open around the clock, and nothing is tried again. */
export const A_CAMPAIGN = {
  name: 'Reminders',
  campaign_type: 'reminder',
  start_date: '2026-01-01',
  days_of_week: [1, 2, 3, 4, 5, 6, 7],
  call_time_ranges: [{ start: '00:00', end: '24:00' }],
  timezone: 'UTC',
  max_retries: 0,
  retry_cooldown_hours: 1,
  success_cooldown_hours: 1,
  voicemail_cooldown_hours: 1,
  no_answer_cooldown_hours: 1,
  busy_cooldown_hours: 1,
  failed_cooldown_hours: 1,
} satisfies Omit<Bodies['CreateCampaignBody'], 'agent_id'>;

/** The statuses a campaign goes through to get from draft to another. */
export const WAY_TO: Record<string, string[]> = {
  draft: [],
  active: ['active'],
  paused: ['active', 'paused'],
  completed: ['active', 'completed'],
  cancelled: ['cancelled'],
};

/** An agent at the ends of its ranges, with nothing to say yet. */
export const A_BARE_AGENT = {
  label: 'sales',
  name: 'Sales',
  language: 'en-US',
  interrupt_sensitivity: 'medium',
  endpointing_sensitivity: 'auto',
  ivr_navigation_mode: 'off',
  conversation_speed: 0.1,
  initial_message_delay: 60,
  ask_if_human_present_on_idle: true,
  idle_time_seconds: 60,
  llm_temperature: 2,
  enable_recording: true,
  direction: 'outbound',
  who_speaks_first: 'user',
};

export const KNOWLEDGE = {
  description: 'You sell fences.',
  initial_message: 'Hello there!',
  interrupt_sensitivity: 'high',
  ask_if_human_present_on_idle: false,
  llm_temperature: 0.5,
  initial_message_delay: 1,
};

export const VOICE = { voice_id: 'alloy', conversation_speed: 1.5, who_speaks_first: 'agent' };

export const TRAINING = { subject: 'Hours', instructions: 'Nine to five.' };

/** An action that asks a server. */
export const A_WEBHOOK_ACTION = {
  node_id: 'book',
  name: 'Book',
  description: 'Books a slot.',
  type: 'webhook',
  url: 'https://example.com/book',
};
