import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';
import { PRIORITIES } from '#policy/call-fields.js';
import { IsInstant, IsPhoneNumberE164, IsSmallObject, IsTimeZoneName, MayBeAbsent } from '../rules.js';

export class MakeCampaignCallBody {
  static readonly example = { to: '+12025550100', payload: { name: 'Ana' }, context: { order: 'A-17' } };

  @IsPhoneNumberE164() to: string;
  @IsOptional() @IsSmallObject() payload?: Record<string, unknown> | null;
  @IsOptional() @IsSmallObject() context?: Record<string, unknown> | null;
  @MayBeAbsent() @IsBoolean() is_testing?: boolean;
  @MayBeAbsent() @IsBoolean() allow_duplicates?: boolean;
  @IsOptional() @IsTimeZoneName() timezone?: string | null;
  @IsOptional() @IsInstant() not_before?: string | null;
  @IsOptional() @IsInstant() expires_at?: string | null;
  @MayBeAbsent() @IsInt() @Min(PRIORITIES.lowest) @Max(PRIORITIES.highest) priority?: number;
}
