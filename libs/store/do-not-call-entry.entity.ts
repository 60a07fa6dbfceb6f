import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A number that must not be called: by whom, since when, why. */
@Entity('do_not_call_entries')
export class DoNotCallEntry {
  /** Ordered by time. */
  @PrimaryGeneratedColumn('uuid')
  id: string;

  /** Null: the operator's global list. */
  @Column('uuid', { nullable: true })
  environmentId: string | null;

  /** Set: one campaign's own list. */
  @Column('uuid', { nullable: true })
  campaignId: string | null;

  @Column('text')
  kind: 'opt_out' | 'list';

  /** E.164. */
  @Column('text', { name: 'to_number' })
  to: string;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text', { nullable: true })
  source: string | null;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** The import that added it, where one did. */
  @Column('uuid', { nullable: true })
  importId: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
