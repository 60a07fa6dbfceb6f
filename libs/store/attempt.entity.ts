import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AttemptState } from '#policy/call-lifecycle.js';
import type { Evidence } from '#policy/evidence.js';
import type { Outcome } from '#policy/outcomes.js';
import type { ToldTaker } from '#policy/webhook-events.js';

/** One dial of a call. Its id is the reference that the carrier knows it by. */
@Entity('attempts')
export class Attempt {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  callId: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  campaignId: string;

  /** E.164; ERASED_NUMBER once the person was taken out of it. */
  @Column('text', { name: 'to_number' })
  to: string;

  /** E.164; null: the carrier account's own. */
  @Column('text', { name: 'from_number', nullable: true })
  from: string | null;

  /** The trunk that it goes over; null: it is from before trunks had names. */
  @Column('text', { nullable: true })
  trunk: string | null;

  /** The day that it counts on for its caller id, `YYYY-MM-DD`; null: on none, or it was given back. */
  @Column('date', { nullable: true })
  callerIdDay: string | null;

  /** 1, 2, 3 … within the call. */
  @Column('integer')
  number: number;

  @Column('text')
  status: AttemptState;

  @Column('text', { nullable: true })
  outcome: Outcome | null;

  /** Why it was given back, or what left its fate open. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** The policy's evidence for dialling. */
  @Column('jsonb')
  evidence: Evidence;

  /** The campaign's rules at the claim; the fence refuses any other version. */
  @Column('integer')
  rulesVersion: number;

  @Column('timestamptz')
  claimedAt: Date;

  /** The start reserved on the trunk, at most a second after the claim. */
  @Column('timestamptz')
  startAt: Date;

  /** The instant the calling window closes; no fence passes after it. */
  @Column('timestamptz')
  openUntil: Date;

  /** When the fence committed. From here one request may have left. */
  @Column('timestamptz', { nullable: true })
  sendingAt: Date | null;

  @Column('timestamptz', { nullable: true })
  placedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  answeredAt: Date | null;

  /** Who took it, as far as webhooks were told: each word is told once. */
  @Column('text', { nullable: true })
  answeredBy: ToldTaker;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;

  /** Whether the end was told only of a call like this one: the phone may yet be answered. */
  @Column('boolean')
  endSurmised: boolean;

  @Column('integer')
  durationSeconds: number;

  @Column('text', { nullable: true })
  providerCallId: string | null;

  @Column('integer', { nullable: true })
  sipCode: number | null;

  @Column('integer', { nullable: true })
  q850: number | null;

  /** When the reconciler asks the carrier next, unless an event comes first. */
  @Column('timestamptz', { nullable: true })
  checkAt: Date | null;

  /** Look-ups without news since the last news. */
  @Column('integer')
  checks: number;

  /** Whether it still counts against the concurrency limits. */
  @Column('boolean')
  holdsSlot: boolean;

  /** What a second of talk costs, in credits; null: nothing. Amounts are text, as exact as the database has them. */
  @Column('numeric', { nullable: true })
  ratePerSecond: string | null;

  /** Credits that it keeps from others until its cost is known; null: none, or settled. */
  @Column('numeric', { nullable: true })
  reserved: string | null;

  /** What it cost; null: nothing was reserved, or it is not known yet. */
  @Column('numeric', { nullable: true })
  cost: string | null;

  /** When an attempt of unknown fate can no longer be a running call: ring timeout and maximum length are over. */
  @Column('timestamptz', { nullable: true })
  slotUntil: Date | null;
}
