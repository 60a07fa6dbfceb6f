import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Something that happened, as customers are told it. The body's bytes are fixed once. */
@Entity('webhook_events')
export class WebhookEvent {
  /** Sent as `webhook-id`, the same at every retry. */
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  campaignId: string;

  /** Null of one that was told before replays were. */
  @Column('uuid', { nullable: true })
  agentId: string | null;

  @Column('uuid', { nullable: true })
  callId: string | null;

  @Column('text')
  type: string;

  /** JSON text, exactly as sent and signed. */
  @Column('text')
  body: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}

/** One event owed to one endpoint. Written in the transaction of the change; sent afterwards. */
@Entity('webhook_deliveries')
export class WebhookDelivery {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  eventId: string;

  @Column('uuid')
  endpointId: string;

  /** `pending` not tried, `retrying` tried and due again, `success`, `failed` given up. */
  @Column('text')
  status: 'pending' | 'retrying' | 'success' | 'failed';

  /** Tries made. */
  @Column('integer')
  attempts: number;

  /** Of those, the ones that its plan does not count: made before it was replayed, or cut short by us. */
  @Column('integer')
  triesBefore: number;

  /** When it is due; null once settled. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;

  /** Until when a try is under way; past: its process died. Null: none is. */
  @Column('timestamptz', { nullable: true })
  inHandUntil: Date | null;

  /** What this endpoint is told instead of the event's own body, by its template; fixed as that is. */
  @Column('text', { nullable: true })
  body: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
