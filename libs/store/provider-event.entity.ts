import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { CarrierEvent } from '#policy/reduce-events.js';

/** The inbox: each thing a carrier told us, once. */
@Entity('provider_events')
export class ProviderEvent {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('text')
  provider: string;

  /** The carrier's own id of the event; unique with the provider. */
  @Column('text')
  eventKey: string;

  @Column('uuid')
  attemptId: string;

  /** Normalised; its dates are ISO strings here. */
  @Column('jsonb')
  event: CarrierEvent;

  @Column('timestamptz')
  receivedAt: Date;

  @Column('timestamptz', { nullable: true })
  appliedAt: Date | null;
}
