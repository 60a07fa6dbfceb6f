import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What a token may do; each route names the one it needs. */
export const SCOPES = [
  'calls',
  'campaigns',
  'agents',
  'webhooks',
  'do_not_call',
  'environment',
  'tokens',
] as const;
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

  /** The token that took its place, where it was rotated; its own `expiresAt` ends the overlap. */
  @Column('uuid', { nullable: true })
  replacedBy: string | null;

  /** What its requests are counted under: a token that took another's place has its count too. */
  @Column('uuid', { default: () => 'gen_random_uuid()' })
  rateKey: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
