import type { PayloadTemplate } from '#policy/webhook-template.js';
import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import type { AuthorizationScheme, SealedHeader } from './agent-action.entity.js';

/** Where a customer wants to hear of a campaign's or an agent's calls. Exactly one of the two ids is set. */
@Entity('webhook_endpoints')
export class WebhookEndpoint {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid', { nullable: true })
  campaignId: string | null;

  @Column('uuid', { nullable: true })
  agentId: string | null;

  @Column('text')
  name: string;

  @Column('text')
  webhookUrl: string;

  @Column('text', { array: true })
  events: string[];

  /** The signing secret, encrypted; null: deliveries are not signed. Never returned. */
  @Column('text', { nullable: true })
  sealedSecret: string | null;

  @Column('integer')
  timeoutSeconds: number;

  /** Retries after the first try, 0–10. */
  @Column('integer')
  maxRetries: number;

  @Column('boolean')
  enabled: boolean;

  @Column('text')
  httpMethod: 'POST' | 'PUT' | 'PATCH';

  /** For a campaign's endpoint: also the agent-level events of its calls. */
  @Column('boolean')
  includeCallEvents: boolean;

  /** How deliveries say who they are, besides the signature. */
  @Column('text')
  authorizationScheme: AuthorizationScheme;

  /** What the scheme says it with, encrypted. Never returned. */
  @Column('text', { nullable: true })
  sealedAuthorizationCredential: string | null;

  @Column('jsonb')
  customHeaders: SealedHeader[];

  /** By event: what is told instead of the whole event. */
  @Column('jsonb')
  payloadTemplates: Record<string, PayloadTemplate>;

  /** Since when deliveries are given up here; null: the last one settled was taken. */
  @Column('timestamptz', { nullable: true })
  failingSince: Date | null;

  /** Set once it is deleted: it is told nothing, is shown to nobody, and its logs stay until they are old. */
  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
