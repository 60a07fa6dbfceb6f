import { IsBoolean, IsInt, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import { IsInstant, IsPhoneNumberE164, IsSmallObject } from '../rules.js';

export class MakeCampaignCallBody {
  @IsPhoneNumberE164() to: string;
  @IsOptional() @IsSmallObject() payload?: Record<string, unknown> | null;
  @IsOptional() @IsSmallObject() context?: Record<string, unknown> | null;
  @ValidateIf((_, value) => value !== undefined) @IsBoolean() is_testing?: boolean;
  @ValidateIf((_, value) => value !== undefined) @IsBoolean() allow_duplicates?: boolean;
  @IsOptional() @IsInstant() not_before?: string | null;
  @IsOptional() @IsInstant() expires_at?: string | null;
  @ValidateIf((_, value) => value !== undefined) @IsInt() @Min(-100) @Max(100) priority?: number;
}
