import type { PayloadTemplate } from '#policy/webhook-template.js';
import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import type { AuthorizationScheme, SealedHeader } from './agent-action.entity.js';

/** The secrets that a delivery is signed with now, by the database clock; null for those there are not. Of `endpoint`. */
export const SIGNING_SECRETS = `ARRAY[endpoint.sealed_secret,
  CASE WHEN endpoint.previous_secret_until > clock_timestamp() THEN endpoint.previous_sealed_secret END]`;

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

  /** The signing secret of before, encrypted: deliveries are signed with it too until its time is over. */
  @Column('text', { nullable: true })
  previousSealedSecret: string | null;

  @Column('timestamptz', { nullable: true })
  previousSecretUntil: Date | null;

  @Column('integer')
  timeoutSeconds: number;

  /** Retries after the first try, 0–10. */
  @Column('integer')
  maxRetries: number;

  /** Most tries to tell it something that are under way at once, 1–50. */
  @Column('integer')
  maxConcurrentDeliveries: number;

  @Column('boolean')
  enabled: boolean;

  /** Why we switched it off: it said that it is gone, or it failed for days. Null: we did not. */
  @Column('text', { nullable: true })
  disabledBecause: 'gone' | 'failing' | null;

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

  /** Since when every try has failed; null: the last one was taken. */
  @Column('timestamptz', { nullable: true })
  failingSince: Date | null;

  /** Tries that have failed since the last one that was taken. */
  @Column('integer')
  consecutiveFailures: number;

  /** Until when it is left alone. */
  @Column('timestamptz', { nullable: true })
  pausedUntil: Date | null;

  /** Pauses since the last try that was taken: while there are any, one try at a time finds out how it is. */
  @Column('integer')
  pauses: number;

  /** Set once it is deleted: it is told nothing, is shown to nobody, and its logs stay until they are old. */
  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
