import { Equals, IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import type { ToldStatus } from '#store/call-reading.store.js';
import { RESOLUTIONS, type Resolution } from '#store/operator-calls.store.js';
import { DIRECTIONS, type Direction } from '../agents/agent-words.js';
import { CursorPageQuery } from '../paging.js';
import { IsDate, IsPhoneNumberE164 } from '../rules.js';
import { TOLD_STATUSES } from './call-view.js';

/** Filters of an agent's calls. */
export class AgentCallsQuery extends CursorPageQuery {
  @IsOptional() @IsIn(TOLD_STATUSES) status?: ToldStatus;
  @IsOptional() @IsIn(DIRECTIONS) direction?: Direction;
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
  static readonly example = { call_sid: '7b8a1f0e-5d1c-4c39-9a55-0f8f3a1b2c3d' };

  @IsString() @MaxLength(255) call_sid: string;
}

export class UpdateCallBody {
  static readonly example = { converted: true };

  @Equals(true, { message: 'The converted field must be true: a conversion is not taken back.' })
  converted: true;
}

export class ResolveCallBody {
  static readonly example = { outcome: 'no_answer', note: 'The carrier’s own record says so.' };

  @IsIn(RESOLUTIONS) outcome: Resolution;
  @IsOptional() @IsString() @MaxLength(500) note?: string | null;
}
