/** Words that agents are configured with. */
export const SENSITIVITIES = ['low', 'medium', 'high'];

export const DIRECTIONS = ['inbound', 'outbound'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const SPEAKERS = ['agent', 'user'] as const;
export type Speaker = (typeof SPEAKERS)[number];

export const AGENT_STATUSES = ['draft', 'published'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

/** Of the parts of an agent. */
export const PART_STATUSES = ['active', 'inactive'] as const;
export type PartStatus = (typeof PART_STATUSES)[number];

export const EXECUTION_MODES = ['during_call', 'post_call'] as const;
export type ExecutionMode = (typeof EXECUTION_MODES)[number];
