import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';
import type { CampaignState } from '#policy/call-lifecycle.js';
import type { LegalGuard } from '#policy/legal-guard.js';

/** Hours, retries, lists and limits of one campaign. Its shape is what the rules of libs/policy read. */
@Entity('campaigns')
export class Campaign {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  agentId: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  /** `direct`: not a campaign of anybody's, but what an agent's calls outside campaigns hang on; never shown. */
  @Column('text')
  kind: 'campaign' | 'direct';

  /** Gone from the API since then. Its calls, attempts and evidence stay, for the rules to remember. */
  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;

  @Column('text')
  campaignType: 'sales' | 'follow_up' | 'reminder' | 'custom';

  @Column('text')
  status: CampaignState;

  /** When it became completed; what its post-completion cooldown counts from. */
  @Column('timestamptz', { nullable: true })
  completedAt: Date | null;

  /** Why the house itself paused it (`our_fault`), or null when a person did or nobody has. */
  @Column('text', { nullable: true })
  pauseReason: string | null;

  /** False from a stop until its barrier was passed; until then the same stop may be asked for again. */
  @Column()
  stopConfirmed: boolean;

  @Column('date')
  startDate: string;

  @Column('date', { nullable: true })
  endDate: string | null;

  /** 1 = Monday … 7 = Sunday. */
  @Column('integer', { array: true })
  daysOfWeek: number[];

  /** `HH:MM`, read in `timezone`, half-open; `24:00` may end one. */
  @Column('jsonb')
  callTimeRanges: { start: string; end: string }[];

  @Column('text')
  timezone: string;

  /** `YYYY-MM-DD`, read in `timezone`. Text, since the driver would turn an array of dates into instants. */
  @Column('text', { array: true })
  holidays: string[];

  /** Stricter than the environment's; null, or a looser one: the environment's holds. */
  @Column('text', { nullable: true })
  legalGuard: LegalGuard | null;

  /** Seconds before the first attempt. */
  @Column('integer')
  initialCallDelay: number;

  @Column('integer')
  maxRetries: number;

  @Column('integer')
  retryCooldownHours: number;

  @Column('integer', { nullable: true })
  successCooldownHours: number | null;

  @Column('integer', { nullable: true })
  voicemailCooldownHours: number | null;

  @Column('integer', { nullable: true })
  noAnswerCooldownHours: number | null;

  @Column('integer', { nullable: true })
  busyCooldownHours: number | null;

  @Column('integer', { nullable: true })
  failedCooldownHours: number | null;

  @Column('boolean')
  autoComplete: boolean;

  @Column('boolean')
  retryOnNoConversion: boolean;

  /** Retries go into the part of the day that was tried least. */
  @Column('boolean')
  retryTimeOfDayRotation: boolean;

  @Column('boolean')
  enablePostCompletionCooldown: boolean;

  @Column('integer')
  postCompletionCooldownHours: number;

  @Column('boolean')
  doNotCallEnabled: boolean;

  @Column('text')
  doNotCallListSource: 'environment' | 'global' | 'custom';

  /** E.164; used when the source is `custom`. */
  @Column('text', { array: true })
  doNotCallCustomList: string[];

  @Column('boolean')
  autoAddToDncEnabled: boolean;

  @Column('text', { array: true })
  autoDncTriggerStatuses: string[];

  @Column('text', { array: true })
  autoDncTriggerErrors: string[];

  /** Most attempts open at once; null: only the environment's limit holds. */
  @Column('integer', { nullable: true })
  maxConcurrentCalls: number | null;

  /** Most starts in any 60 seconds; null: only the trunk's pace holds. */
  @Column('integer', { nullable: true })
  maxCallsPerMinute: number | null;

  /** How long its starts take to rise to its rate after its hours have opened; 0: no time; null: as the house has it. */
  @Column('integer', { nullable: true })
  rampSeconds: number | null;

  /** Credits that its calls may cost altogether; null: no budget. */
  @Column('double precision', { nullable: true })
  totalBudget: number | null;

  /** Credits that its calls may cost on a day of its zone; null: no budget. */
  @Column('double precision', { nullable: true })
  dailyBudget: number | null;

  /** The trunks that its calls go over, by name, the first choice first; null: whichever takes them. */
  @Column('text', { array: true, nullable: true })
  trunks: string[] | null;

  /** How much it weighs among the campaigns of its environment: see `weightOf` of the fair share. */
  @Column('integer')
  priority: number;

  /** Caller ids to call from, E.164; empty: the carrier account's own. */
  @Column('text', { array: true })
  callerIds: string[];

  /** Raised with every change of the rules; the fence refuses a claim made under older ones. */
  @Column('integer')
  rulesVersion: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
