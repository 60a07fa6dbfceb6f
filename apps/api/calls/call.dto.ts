import { Equals, IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { CALL_STATES } from '#policy/call-lifecycle.js';
import type { ToldStatus } from '#store/call-reading.store.js';
import { RESOLUTIONS, type Resolution } from '#store/operator-calls.store.js';
import { CursorPageQuery } from '../paging.js';
import { IsDate, IsPhoneNumberE164 } from '../rules.js';

const TOLD_STATUSES: ToldStatus[] = [
  'queued',
  'scheduled',
  ...CALL_STATES.filter((state): state is Exclude<typeof state, 'waiting'> => state !== 'waiting'),
];

/** Filters of an agent's calls. */
export class AgentCallsQuery extends CursorPageQuery {
  @IsOptional() @IsIn(TOLD_STATUSES) status?: ToldStatus;
  @IsOptional() @IsIn(['inbound', 'outbound']) direction?: 'inbound' | 'outbound';
  @IsOptional() @IsDate() date_from?: string;
  @IsOptional() @IsDate() date_to?: string;
  @IsOptional() @IsString() @MaxLength(255) search?: string;
}

export class ListCallsQuery extends AgentCallsQuery {
  @IsOptional() @IsUUID() agent_id?: string;
  @IsOptional() @IsUUID() campaign_id?: string;
  @IsOptional() @IsPhoneNumberE164() to?: string;
}

export class EndCallBody {
  @IsString() @MaxLength(255) call_sid: string;
}

export class UpdateCallBody {
  @Equals(true, { message: 'The converted field must be true: a conversion is not taken back.' })
  converted: true;
}

export class ResolveCallBody {
  @IsIn(RESOLUTIONS) outcome: Resolution;
  @IsOptional() @IsString() @MaxLength(500) note?: string | null;
}
