import type { AgentTraining } from '#store/agent-training.entity.js';
import { ID, INSTANT, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';
import { PART_STATUSES } from './agent-words.js';

export const trainingSchema = named(
  'Training',
  object({
    id: ID,
    agent_id: ID,
    node_id: orNull(TEXT),
    subject: TEXT,
    instructions: TEXT,
    current_status: oneOf(PART_STATUSES),
    created_at: INSTANT,
    updated_at: INSTANT,
  }),
);

export function trainingView(training: AgentTraining): Record<string, unknown> {
  return {
    id: training.id,
    agent_id: training.agentId,
    node_id: training.nodeId,
    subject: training.subject,
    instructions: training.instructions,
    current_status: training.currentStatus,
    created_at: training.createdAt.toISOString(),
    updated_at: training.updatedAt.toISOString(),
  };
}
