import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';

export const ACTION_TYPES = ['webhook', 'transfer', 'hold', 'external'] as const;
export type ActionType = (typeof ACTION_TYPES)[number];

export const AUTHORIZATION_SCHEMES = ['none', 'bearer', 'basic', 'api_key', 'custom'] as const;
export type AuthorizationScheme = (typeof AUTHORIZATION_SCHEMES)[number];

/** A header sent with an action. Its value may be a key to somebody's house, so it is kept sealed and never shown. */
export interface SealedHeader {
  key: string;
  sealedValue: string;
}

/** Something that an agent may do during or after a call, known by its node. */
@Entity('agent_actions')
export class AgentAction {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  agentId: string;

  /** The client's own name for it. */
  @Column('text')
  nodeId: string;

  @Column('text')
  name: string;

  @Column('text')
  description: string;

  @Column('text')
  type: ActionType;

  /** What the agent asks for before it acts, in the client's words. */
  @Column('jsonb')
  inputs: Record<string, unknown>[];

  @Column('text', { nullable: true })
  url: string | null;

  @Column('text', { nullable: true })
  authorizationUrl: string | null;

  @Column('text')
  authorizationScheme: AuthorizationScheme;

  /** Never shown. */
  @Column('text', { nullable: true })
  sealedAuthorizationCredential: string | null;

  @Column('jsonb')
  customHeaders: SealedHeader[];

  @Column('boolean')
  speakOnSend: boolean;

  @Column('boolean')
  speakOnReceive: boolean;

  @Column('text')
  executionMode: 'during_call' | 'post_call';

  /** Set if and only if it is a hold. */
  @Column('integer', { nullable: true })
  holdDurationSeconds: number | null;

  /** E.164; set if and only if it is a transfer. */
  @Column('text', { nullable: true })
  transferTo: string | null;

  @Column('text')
  currentStatus: 'active' | 'inactive';

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
