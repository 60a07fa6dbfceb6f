import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';

export const LEGAL_GUARDS = ['off', 'warn', 'auto', 'enforce'] as const;
export type LegalGuard = (typeof LEGAL_GUARDS)[number];

/** The tenant: everything belongs to one environment, and none sees another's. */
@Entity('environments')
export class Environment {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  /** How far the called party's local law is enforced beyond the campaign's own hours. */
  @Column('text')
  legalGuard: LegalGuard;

  /** While true, nothing new is dialled for any campaign. */
  @Column('boolean')
  killSwitch: boolean;

  @Column('integer')
  rateLimitPerMinute: number;

  /** Most attempts open at once, over all campaigns. */
  @Column('integer')
  maxConcurrentCalls: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
