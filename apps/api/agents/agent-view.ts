import { isReadyToPublish } from '#policy/agent-readiness.js';
import type { AgentParts } from '#store/agent-parts.store.js';
import type { Agent, Voice } from '#store/agent.entity.js';
import { phoneNumberSchema, phoneNumberView } from '../phone-numbers/phone-number-view.js';
import { actionSchema, actionView } from './action-view.js';
import { AGENT_STATUSES, DIRECTIONS, SENSITIVITIES, SPEAKERS } from './agent-words.js';
import { trainingSchema, trainingView } from './training-view.js';
import {
  BOOLEAN,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  NUMBER,
  object,
  oneOf,
  orNull,
  TEXT,
} from '../openapi/schema.js';

const voiceSchema = named(
  'Voice',
  object({
    id: TEXT,
    name: TEXT,
    label: TEXT,
    stability: orNull(NUMBER),
    similarity_boost: orNull(NUMBER),
    ambient_background: orNull(TEXT),
    ambient_volume: NUMBER,
    template: object({ id: TEXT, name: TEXT }),
  }),
);

export const agentSchema = named(
  'Agent',
  object({
    id: ID,
    name: TEXT,
    label: TEXT,
    description: orNull(TEXT),
    language: TEXT,
    voice: orNull(voiceSchema),
    initial_message: orNull(TEXT),
    interrupt_sensitivity: oneOf(SENSITIVITIES),
    endpointing_sensitivity: TEXT,
    ivr_navigation_mode: TEXT,
    conversation_speed: NUMBER,
    initial_message_delay: NUMBER,
    ask_if_human_present_on_idle: BOOLEAN,
    idle_time_seconds: INTEGER,
    llm_temperature: NUMBER,
    enable_recording: BOOLEAN,
    direction: oneOf(DIRECTIONS),
    who_speaks_first: oneOf(SPEAKERS),
    max_idle_check_count: orNull(INTEGER),
    max_call_duration_seconds: INTEGER,
    say_goodbye_on_max_duration: orNull(BOOLEAN),
    user_inactivity_timeout_seconds: orNull(INTEGER),
    initial_idle_time_seconds: orNull(INTEGER),
    initial_max_idle_check_count: orNull(INTEGER),
    connect_to: orNull(TEXT),
    current_status: oneOf(AGENT_STATUSES),
    is_sandbox: BOOLEAN,
    is_ready_to_publish: BOOLEAN,
    created_at: INSTANT,
    updated_at: INSTANT,
    trainings: list(trainingSchema),
    actions: list(actionSchema),
    phone_numbers: list(phoneNumberSchema),
  }),
);

export const agentSummarySchema = named('AgentSummary', object({ id: ID, name: TEXT, label: TEXT }));

export function agentView(agent: Agent, parts: AgentParts | undefined): Record<string, unknown> {
  return {
    id: agent.id,
    name: agent.name,
    label: agent.label,
    description: agent.description,
    language: agent.language,
    voice: agent.voice === null ? null : voiceView(agent.voice),
    initial_message: agent.initialMessage,
    interrupt_sensitivity: agent.interruptSensitivity,
    endpointing_sensitivity: agent.endpointingSensitivity,
    ivr_navigation_mode: agent.ivrNavigationMode,
    conversation_speed: agent.conversationSpeed,
    initial_message_delay: agent.initialMessageDelay,
    ask_if_human_present_on_idle: agent.askIfHumanPresentOnIdle,
    idle_time_seconds: agent.idleTimeSeconds,
    llm_temperature: agent.llmTemperature,
    enable_recording: agent.enableRecording,
    direction: agent.direction,
    who_speaks_first: agent.whoSpeaksFirst,
    max_idle_check_count: agent.maxIdleCheckCount,
    max_call_duration_seconds: agent.maxCallDurationSeconds,
    say_goodbye_on_max_duration: agent.sayGoodbyeOnMaxDuration,
    user_inactivity_timeout_seconds: agent.userInactivityTimeoutSeconds,
    initial_idle_time_seconds: agent.initialIdleTimeSeconds,
    initial_max_idle_check_count: agent.initialMaxIdleCheckCount,
    connect_to: agent.connectTo,
    current_status: agent.currentStatus,
    is_sandbox: false,
    is_ready_to_publish: isReadyToPublish(agent),
    created_at: agent.createdAt.toISOString(),
    updated_at: agent.updatedAt.toISOString(),
    trainings: parts?.trainings.map(trainingView) ?? [],
    actions: parts?.actions.map(actionView) ?? [],
    phone_numbers: parts?.phoneNumbers.map(phoneNumberView) ?? [],
  };
}

/** There is no catalogue of voices here: a voice is called by the word that the carrier's side knows it by. */
function voiceView(voice: Voice): Record<string, unknown> {
  return {
    id: voice.id,
    name: voice.id,
    label: voice.id,
    stability: voice.stability,
    similarity_boost: voice.similarity,
    ambient_background: voice.ambientBackground,
    ambient_volume: voice.ambientVolume,
    template: { id: voice.id, name: voice.id },
  };
}

/** An agent as campaigns and calls name it. */
export function agentSummary(agent: Agent | undefined): Record<string, unknown> | null {
  return agent === undefined ? null : { id: agent.id, name: agent.name, label: agent.label };
}
