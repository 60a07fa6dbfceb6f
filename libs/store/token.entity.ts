import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

export const SCOPES = ['calls', 'campaigns', 'agents', 'webhooks', 'do_not_call', 'environment'] as const;
export type Scope = (typeof SCOPES)[number];

/** An environment's bearer token. Only its SHA-256 is kept; the token itself is shown once. */
@Entity('tokens')
export class Token {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  @Column('text', { nullable: true })
  name: string | null;

  /** SHA-256 of the token, hex. */
  @Column('text')
  hash: string;

  /** For people to tell tokens apart. */
  @Column('text')
  lastFour: string;

  @Column('text', { array: true })
  scopes: Scope[];

  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
