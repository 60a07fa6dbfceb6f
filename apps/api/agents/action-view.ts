import { ACTION_TYPES, AUTHORIZATION_SCHEMES, type AgentAction } from '#store/agent-action.entity.js';
import {
  ANY_OBJECT,
  BOOLEAN,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  object,
  oneOf,
  orNull,
  TEXT,
} from '../openapi/schema.js';
import { EXECUTION_MODES, PART_STATUSES } from './agent-words.js';

export const actionSchema = named(
  'Action',
  object({
    id: ID,
    agent_id: ID,
    node_id: TEXT,
    name: TEXT,
    description: TEXT,
    type: oneOf(ACTION_TYPES),
    inputs: list(ANY_OBJECT),
    integration: { type: 'null' },
    url: orNull(TEXT),
    authorization_url: orNull(TEXT),
    authorization_scheme: oneOf(AUTHORIZATION_SCHEMES),
    has_authorization_credential: BOOLEAN,
    custom_headers: list(object({ key: TEXT, value: { type: 'null' } })),
    speak_on_send: BOOLEAN,
    speak_on_receive: BOOLEAN,
    execution_mode: oneOf(EXECUTION_MODES),
    hold_duration: orNull(INTEGER),
    transfer_to: orNull(TEXT),
    current_status: oneOf(PART_STATUSES),
    created_at: INSTANT,
    updated_at: INSTANT,
  }),
);

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
