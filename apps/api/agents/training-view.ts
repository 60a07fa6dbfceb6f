import type { AgentTraining } from '#store/agent-training.entity.js';

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
