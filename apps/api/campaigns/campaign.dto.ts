import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { CAMPAIGN_STATES, type CampaignState } from '#policy/call-lifecycle.js';
import { LEGAL_GUARDS, type LegalGuard } from '#policy/legal-guard.js';
import { PERIOD_LENGTHS, type PeriodLength } from '#policy/reporting-periods.js';
import { MAX_RAMP_SECONDS } from '#policy/window-ramp.js';
import { CursorPageQuery } from '../paging.js';
import {
  AreCallTimeRanges,
  AreDates,
  ArePhoneNumbers,
  AreWeekdays,
  IsDate,
  IsTimeZoneName,
  MayBeAbsent,
} from '../rules.js';

export const CAMPAIGN_TYPES = ['sales', 'follow_up', 'reminder', 'custom'] as const;
type CampaignType = (typeof CAMPAIGN_TYPES)[number];

export const LIST_SOURCES = ['environment', 'global', 'custom'] as const;
export const TRIGGER_STATUSES = ['completed', 'voicemail'];
export const TRIGGER_ERRORS = ['invalid_number', 'disconnected'];

/** Of credits. */
const AMOUNT = { maxDecimalPlaces: 4 };

/** The settings that create and update have in common, all of them optional. */
class CampaignSettings {
  @IsOptional() @IsString() @MaxLength(5_000) description?: string | null;
  @IsOptional() @IsDate() end_date?: string | null;
  @MayBeAbsent() @IsInt() @Min(0) @Max(31_536_000) initial_call_delay?: number;
  @MayBeAbsent() @IsInt() @Min(0) @Max(10) max_retries?: number;
  @MayBeAbsent() @IsInt() @Min(1) @Max(168) retry_cooldown_hours?: number;
  @MayBeAbsent() @IsBoolean() auto_complete?: boolean;
  @MayBeAbsent() @IsBoolean() retry_on_no_conversion?: boolean;
  @MayBeAbsent() @IsBoolean() retry_time_of_day_rotation?: boolean;
  @MayBeAbsent() @IsBoolean() enable_post_completion_cooldown?: boolean;
  @MayBeAbsent() @IsInt() @Min(1) @Max(168) post_completion_cooldown_hours?: number;
  @IsOptional() @IsInt() @Min(1) @Max(168) success_cooldown_hours?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(168) voicemail_cooldown_hours?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(168) no_answer_cooldown_hours?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(168) busy_cooldown_hours?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(168) failed_cooldown_hours?: number | null;
  @MayBeAbsent() @IsBoolean() do_not_call_enabled?: boolean;
  @MayBeAbsent() @IsIn(LIST_SOURCES) do_not_call_list_source?: (typeof LIST_SOURCES)[number];
  @MayBeAbsent() @ArePhoneNumbers() @ArrayMaxSize(10_000) do_not_call_custom_list?: string[];
  @MayBeAbsent() @IsBoolean() auto_add_to_dnc_enabled?: boolean;
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsIn(TRIGGER_STATUSES, { each: true })
  auto_dnc_trigger_statuses?: string[];
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsIn(TRIGGER_ERRORS, { each: true })
  auto_dnc_trigger_errors?: string[];
  @IsOptional() @IsInt() @Min(1) @Max(100_000) max_concurrent_calls?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(60_000) max_calls_per_minute?: number | null;
  @IsOptional() @IsInt() @Min(0) @Max(MAX_RAMP_SECONDS) ramp_seconds?: number | null;
  @IsOptional() @IsNumber(AMOUNT) @Min(0) @Max(1_000_000_000) total_budget?: number | null;
  @IsOptional() @IsNumber(AMOUNT) @Min(0) @Max(1_000_000_000) daily_budget?: number | null;
  @MayBeAbsent() @IsInt() @Min(-100) @Max(100) priority?: number;
  @MayBeAbsent() @ArePhoneNumbers() @ArrayMaxSize(1_000) caller_ids?: string[];
  @MayBeAbsent() @AreDates() @ArrayMaxSize(1_000) holidays?: string[];
  @IsOptional() @IsIn(LEGAL_GUARDS) legal_guard?: LegalGuard | null;
}

export class CreateCampaignBody extends CampaignSettings {
  static readonly example = {
    name: 'Reminders',
    campaign_type: 'reminder',
    agent_id: '3f0e8f9c-6a53-4a0e-9c7e-0d5f3f1b2a10',
    start_date: '2026-01-01',
    days_of_week: [1, 2, 3, 4, 5],
    call_time_ranges: [
      { start: '09:00', end: '12:00' },
      { start: '13:00', end: '18:00' },
    ],
    timezone: 'America/New_York',
    max_retries: 3,
  };

  @IsString() @Length(1, 255) name: string;
  @IsIn(CAMPAIGN_TYPES) campaign_type: CampaignType;
  @IsUUID() agent_id: string;
  @IsDate() start_date: string;
  @AreWeekdays() days_of_week: number[];
  @AreCallTimeRanges() call_time_ranges: { start: string; end: string }[];
  @IsTimeZoneName() timezone: string;
}

export class UpdateCampaignBody extends CampaignSettings {
  static readonly example = { end_date: null, max_retries: 5 };

  @MayBeAbsent() @IsString() @Length(1, 255) name?: string;
  @MayBeAbsent() @IsIn(CAMPAIGN_TYPES) campaign_type?: CampaignType;
  @MayBeAbsent() @IsUUID() agent_id?: string;
  @MayBeAbsent() @IsDate() start_date?: string;
  @MayBeAbsent() @AreWeekdays() days_of_week?: number[];
  @MayBeAbsent() @AreCallTimeRanges() call_time_ranges?: { start: string; end: string }[];
  @MayBeAbsent() @IsTimeZoneName() timezone?: string;
}

export class ChangeStatusBody {
  static readonly example = { status: 'active' };

  @IsIn(CAMPAIGN_STATES) status: CampaignState;
}

export class ListCampaignsQuery extends CursorPageQuery {
  @IsOptional() @IsIn(CAMPAIGN_STATES) status?: CampaignState;
  @IsOptional() @IsIn(CAMPAIGN_TYPES) campaign_type?: CampaignType;
  @IsOptional() @IsUUID() agent_id?: string;
  @IsOptional() @IsDate() date_from?: string;
  @IsOptional() @IsDate() date_to?: string;
  @IsOptional() @IsString() @MaxLength(255) search?: string;
}

export class CampaignStatsQuery {
  @IsOptional() @IsDate() from?: string;
  @IsOptional() @IsDate() to?: string;
  @IsOptional() @IsIn(PERIOD_LENGTHS) by?: PeriodLength;
}
