import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';

/** How an agent sounds. The id is the carrier side's word for a voice; there is no catalogue of voices here. */
export interface Voice {
  id: string;
  stability: number | null;
  similarity: number | null;
  ambientBackground: string | null;
  ambientVolume: number;
}

/** A voice agent's configuration; the agent itself runs at the carrier's side. */
@Entity('agents')
export class Agent {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('text')
  label: string;

  @Column('text')
  name: string;

  /** The prompt; placeholders are filled from each call's payload. */
  @Column('text', { nullable: true })
  description: string | null;

  /** What the agent says first; placeholders are filled as in the prompt. */
  @Column('text', { nullable: true })
  initialMessage: string | null;

  @Column('text')
  language: string;

  @Column('text')
  interruptSensitivity: string;

  @Column('text')
  endpointingSensitivity: string;

  @Column('text')
  ivrNavigationMode: string;

  @Column('double precision')
  conversationSpeed: number;

  @Column('double precision')
  initialMessageDelay: number;

  @Column('boolean')
  askIfHumanPresentOnIdle: boolean;

  @Column('integer')
  idleTimeSeconds: number;

  @Column('double precision')
  llmTemperature: number;

  @Column('boolean')
  enableRecording: boolean;

  @Column('text')
  direction: 'inbound' | 'outbound';

  @Column('text')
  whoSpeaksFirst: 'agent' | 'user';

  @Column('integer', { nullable: true })
  maxIdleCheckCount: number | null;

  /** The carrier ends a longer call. */
  @Column('integer')
  maxCallDurationSeconds: number;

  @Column('boolean', { nullable: true })
  sayGoodbyeOnMaxDuration: boolean | null;

  @Column('integer', { nullable: true })
  userInactivityTimeoutSeconds: number | null;

  @Column('integer', { nullable: true })
  initialIdleTimeSeconds: number | null;

  @Column('integer', { nullable: true })
  initialMaxIdleCheckCount: number | null;

  @Column('jsonb', { nullable: true })
  voice: Voice | null;

  /** Where the agent runs, for carriers that connect answered calls to it; null: nowhere, or the carrier knows. */
  @Column('text', { nullable: true })
  connectTo: string | null;

  @Column('text')
  currentStatus: 'draft' | 'published';

  /** Raised with every edit; the fence refuses a claim that was made with older texts. */
  @Column('integer')
  revision: number;

  /** Set: gone from the API. Kept, since its calls and campaigns still name it. */
  @Column('timestamptz', { nullable: true })
  deletedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
