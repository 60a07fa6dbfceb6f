import type { AgentAction } from '#store/agent-action.entity.js';

/** An action; its credential and the values of its headers never. */
export function actionView(action: AgentAction): Record<string, unknown> {
  return {
    id: action.id,
    agent_id: action.agentId,
    node_id: action.nodeId,
    name: action.name,
    description: action.description,
    type: action.type,
    inputs: action.inputs,
    integration: null,
    url: action.url,
    authorization_url: action.authorizationUrl,
    authorization_scheme: action.authorizationScheme,
    has_authorization_credential: action.sealedAuthorizationCredential !== null,
    custom_headers: action.customHeaders.map(({ key }) => ({ key, value: null })),
    speak_on_send: action.speakOnSend,
    speak_on_receive: action.speakOnReceive,
    execution_mode: action.executionMode,
    hold_duration: action.holdDurationSeconds,
    transfer_to: action.transferTo,
    current_status: action.currentStatus,
    created_at: action.createdAt.toISOString(),
    updated_at: action.updatedAt.toISOString(),
  };
}
