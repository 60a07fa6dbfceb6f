import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';

export const NUMBER_TYPES = ['voice', 'sms', 'whatsapp', 'mms', 'fax'] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** A number that an environment may call from. The operator adds and retires it. */
@Entity('phone_numbers')
export class PhoneNumber {
  @PrimaryGeneratedColumn('uuid')
  id: string;

  @Column('uuid')
  environmentId: string;

  /** E.164. */
  @Column('text')
  number: string;

  /** What it is first of all for. */
  @Column('text')
  type: NumberType;

  /** What it can do; its type among them. */
  @Column('text', { array: true })
  capabilities: NumberType[];

  /** Only an active one is called from; `inactive` is a retired one. */
  @Column('text')
  currentStatus: 'active' | 'inactive' | 'pending' | 'suspended';

  @Column('boolean')
  isSandbox: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
