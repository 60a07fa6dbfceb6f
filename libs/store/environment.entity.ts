import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import type { LegalGuard } from '#policy/legal-guard.js';

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

  /** Whether a `timezone` given with a call is where the person is, and not one candidate more. */
  @Column('boolean')
  trustCallTimezone: boolean;

  /** Holidays and blackouts of jurisdictions, as `libs/policy/legal-dates.ts` reads them. */
  @Column('text', { array: true })
  legalDates: string[];

  /** While true, nothing new is dialled for any campaign. */
  @Column('boolean')
  killSwitch: boolean;

  @Column('integer')
  rateLimitPerMinute: number;

  /** Most attempts open at once, over all campaigns. */
  @Column('integer')
  maxConcurrentCalls: number;

  /** What part of the starts it gets where there are too few for all: one of twice the weight gets twice as many. */
  @Column('double precision')
  weight: number;

  /** Requests to one number in any 24 hours, over all campaigns; null: no cap. */
  @Column('integer', { nullable: true })
  maxAttemptsPerNumberDay: number | null;

  /** Requests to one number in any seven times 24 hours, over all campaigns; null: no cap. */
  @Column('integer', { nullable: true })
  maxAttemptsPerNumberWeek: number | null;

  /** From one request to a number to the next; null: none. */
  @Column('integer', { nullable: true })
  minAttemptGapMinutes: number | null;

  /** From the end of a conversation to the next request to the number, by any campaign; null: none. */
  @Column('integer', { nullable: true })
  successCooldownHours: number | null;

  /** Starts from one caller id in any second, over all campaigns; null: no limit. */
  @Column('integer', { nullable: true })
  maxCallsPerCallerIdSecond: number | null;

  /** Starts from one caller id on a day of `callerIdTimezone`, over all campaigns; null: no cap. */
  @Column('integer', { nullable: true })
  maxCallsPerCallerIdDay: number | null;

  /** IANA name: where the days of caller ids begin. */
  @Column('text')
  callerIdTimezone: string;

  /** Days from a call's end until the person is taken out of it; null: never. */
  @Column('integer', { nullable: true })
  callDataRetentionDays: number | null;

  /** Days that webhooks' events, bodies and logs are kept. */
  @Column('integer')
  webhookLogRetentionDays: number;

  /** Days that what was wrong with rows of files is kept. */
  @Column('integer')
  importErrorRetentionDays: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
