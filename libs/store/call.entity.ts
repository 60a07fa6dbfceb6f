import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import type { CallState } from '#policy/call-lifecycle.js';
import type { Evidence } from '#policy/evidence.js';
import type { Outcome } from '#policy/outcomes.js';

/** One person to reach in one campaign. The row is the truth; tickets in the queue only wake it. */
@Entity('calls')
export class Call {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  campaignId: string;

  /** Made outside any campaign, for an agent alone; `campaignId` is then the agent's hidden one. */
  @Column('boolean')
  isDirect: boolean;

  @Column('uuid')
  agentId: string;

  /** E.164; ERASED_NUMBER once the person was taken out of it. */
  @Column('text', { name: 'to_number' })
  to: string;

  /** E.164; the caller id of the latest attempt, null before the first. */
  @Column('text', { name: 'from_number', nullable: true })
  from: string | null;

  /** Somebody cancelled it: no dial of it begins any more, and no retry follows. */
  @Column('timestamptz', { nullable: true })
  cancelRequestedAt: Date | null;

  /** Where the client says the person is: IANA name. */
  @Column('text', { nullable: true })
  timezone: string | null;

  /** Values for the agent's placeholders. */
  @Column('jsonb')
  payload: Record<string, unknown>;

  /** The client's own data, echoed in every webhook event, never interpreted. */
  @Column('jsonb')
  context: Record<string, unknown>;

  @Column('boolean')
  isTesting: boolean;

  /** Made beside another live call to the same number, and so outside the duplicate rule's index. */
  @Column('boolean')
  allowDuplicates: boolean;

  @Column('text')
  status: CallState;

  /** How the latest attempt ended. */
  @Column('text', { nullable: true })
  outcome: Outcome | null;

  /** Why it waits (a rule's word), or why it ended without a call. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** Since when the claim has held it for `reason`; null: it has not. */
  @Column('timestamptz', { nullable: true })
  heldSince: Date | null;

  /** What the rules said when they last held or refused it, or planned its retry. */
  @Column('jsonb', { nullable: true })
  evidence: Evidence | null;

  @Column('integer')
  priority: number;

  /** While waiting: when its delay or cooldown is over. With the hours open, it is due. Judged by the database clock. */
  @Column('timestamptz')
  readyAt: Date;

  /** When the next attempt is expected: `readyAt`, moved into the hours as they stood then. Null once blocked. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;

  @Column('timestamptz', { nullable: true })
  notBefore: Date | null;

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** Attempts made so far, those given back included; numbers the attempts. */
  @Column('integer')
  attemptCount: number;

  /** Attempts that used up a try. */
  @Column('integer')
  attemptsSpent: number;

  @Column('integer')
  giveBacks: number;

  /** Generation of the latest ticket; part of its id, so that a kept job cannot swallow a new offer. */
  @Column('integer')
  offers: number;

  /** When the latest ticket was offered; null: offer it again at once. */
  @Column('timestamptz', { nullable: true })
  offeredAt: Date | null;

  /** Talk time of the latest attempt, in seconds. */
  @Column('integer')
  durationSeconds: number;

  @Column('boolean')
  converted: boolean;

  /** Placeholders that the payload had no value for. */
  @Column('text', { array: true })
  missingPlaceholders: string[];

  /** Number of the latest event told to webhooks about this call. */
  @Column('integer')
  eventSequence: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;

  /** Set if and only if the status is final. */
  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;

  /** When the person was taken out of it: number, payload, context, and what the rules looked at. Null: they are there. */
  @Column('timestamptz', { nullable: true })
  erasedAt: Date | null;
}
