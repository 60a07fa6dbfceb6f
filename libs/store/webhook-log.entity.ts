import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** One try to tell an endpoint something, or one that is about to be made. Kept for thirty days. */
@Entity('webhook_logs')
export class WebhookLog {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  endpointId: string;

  /** Null for a test, which owes nothing. */
  @Column('uuid', { nullable: true })
  deliveryId: string | null;

  @Column('text')
  event: string;

  /** Which try of its delivery this is, from 1. */
  @Column('integer')
  attempt: number;

  /**
   * `pending` about to be made or under way: the try's own process moves it on, and should that die, the next try ends
   * it as `retrying`. `success` taken by the receiver. `retrying` failed, and another follows by plan. `failed` failed,
   * and none follows unless somebody asks for it.
   */
  @Column('text')
  status: 'pending' | 'success' | 'failed' | 'retrying';

  /** What a test told; the others tell what their delivery or its event says. */
  @Column('text', { nullable: true })
  testBody: string | null;

  @Column('integer', { nullable: true })
  httpStatus: number | null;

  /** The beginning of it. */
  @Column('text', { nullable: true })
  responseBody: string | null;

  @Column('jsonb', { nullable: true })
  responseHeaders: Record<string, string> | null;

  /** One word for what went wrong before an answer came. */
  @Column('text', { nullable: true })
  error: string | null;

  @Column('integer', { nullable: true })
  durationMs: number | null;

  /** When the receiver took it. */
  @Column('timestamptz', { nullable: true })
  deliveredAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
