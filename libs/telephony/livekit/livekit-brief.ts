import type { OriginateRequest } from '../telephony-provider.js';

/**
 * What the agent of a call is to know, as JSON: the metadata of its dispatch. Its texts are filled in. The number is not
 * in it: LiveKit tells it to whoever is in the room.
 */
export function briefOf({ callId, attemptId, agent, variables }: OriginateRequest): string {
  return JSON.stringify({
    call_id: callId,
    attempt_id: attemptId,
    agent: {
      id: agent.id,
      name: agent.name,
      label: agent.label,
      language: agent.language,
      prompt: agent.description,
      initial_message: agent.initialMessage,
      who_speaks_first: agent.whoSpeaksFirst,
      enable_recording: agent.enableRecording,
    },
    variables,
  });
}
