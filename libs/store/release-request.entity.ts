import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A customer's wish to give a number back. The operator grants it by retiring the number, or rejects it. */
@Entity('phone_number_release_requests')
export class ReleaseRequest {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  phoneNumberId: string;

  @Column('text')
  reason: string;

  @Column('text')
  status: 'pending' | 'approved' | 'rejected' | 'cancelled';

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  /** Set once it is no longer pending. */
  @Column('timestamptz', { nullable: true })
  resolvedAt: Date | null;
}
