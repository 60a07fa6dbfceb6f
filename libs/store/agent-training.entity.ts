import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';

/** A piece of knowledge of an agent, known by its node or, without one, by its subject. */
@Entity('agent_trainings')
export class AgentTraining {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('uuid')
  agentId: string;

  /** The client's own name for it. */
  @Column('text', { nullable: true })
  nodeId: string | null;

  @Column('text')
  subject: string;

  @Column('text')
  instructions: string;

  @Column('text')
  currentStatus: 'active' | 'inactive';

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
