import type { Agent } from '#store/agent.entity.js';

/** An agent must have something to say before it may call anybody. */
export function isReadyToPublish({ description, initialMessage }: Agent): boolean {
  return (description ?? '').trim().length >= 5 || (initialMessage ?? '').trim().length >= 5;
}

export function agentView(agent: Agent): Record<string, unknown> {
  return {
    id: agent.id,
    name: agent.name,
    label: agent.label,
    description: agent.description,
    language: agent.language,
    voice: null,
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
    current_status: agent.currentStatus,
    is_sandbox: false,
    is_ready_to_publish: isReadyToPublish(agent),
    created_at: agent.createdAt.toISOString(),
    updated_at: agent.updatedAt.toISOString(),
    trainings: [],
    actions: [],
    phone_numbers: [],
  };
}

/** An agent as campaigns and calls name it. */
export function agentSummary(agent: Agent | undefined): Record<string, unknown> | null {
  return agent === undefined ? null : { id: agent.id, name: agent.name, label: agent.label };
}
