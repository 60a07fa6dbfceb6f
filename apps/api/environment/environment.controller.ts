import { Body, Controller, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { MAX_CALLS_PER_CALLER_ID_SECOND } from '#policy/caller-ids.js';
import { LEGAL_GUARDS, type LegalGuard } from '#policy/legal-guard.js';
import { MAX_LIMIT_CALLS } from '#policy/number-limits.js';
import type { Environment } from '#store/environment.entity.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { IsTimeZoneName, MayBeAbsent } from '../rules.js';
import { inFlightView } from '../stop-receipt.js';
import { validated } from '../validated.js';
import { Operation, Section } from '../openapi/operation.js';
import { BOOLEAN, COUNT, ID, INSTANT, list, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';
import { answerOf, STOP_FIELDS, toldAnswerOf } from '../openapi/answers.js';

class ChangeEnvironmentBody {
  static readonly example = { max_concurrent_calls: 50, kill_switch: false };

  @MayBeAbsent() @IsInt() @Min(1) @Max(1_000_000) rate_limit_per_minute?: number;
  @MayBeAbsent() @IsInt() @Min(0) @Max(1_000_000) max_concurrent_calls?: number;
  @MayBeAbsent() @IsIn(LEGAL_GUARDS) legal_guard?: LegalGuard;
  @MayBeAbsent() @IsBoolean() kill_switch?: boolean;
  @IsOptional() @IsInt() @Min(1) @Max(MAX_LIMIT_CALLS) max_attempts_per_number_day?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(MAX_LIMIT_CALLS) max_attempts_per_number_week?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(43_200) min_attempt_gap_minutes?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(8_760) success_cooldown_hours?: number | null;
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_CALLS_PER_CALLER_ID_SECOND)
  max_calls_per_caller_id_second?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(1_000_000) max_calls_per_caller_id_day?: number | null;
  @MayBeAbsent() @IsTimeZoneName() caller_id_timezone?: string;
  @IsOptional() @IsInt() @Min(1) @Max(3_650) call_data_retention_days?: number | null;
  @MayBeAbsent() @IsInt() @Min(1) @Max(30) webhook_log_retention_days?: number;
  @MayBeAbsent() @IsInt() @Min(1) @Max(30) import_error_retention_days?: number;
}

const ENVIRONMENT_FIELDS = {
  id: ID,
  name: TEXT,
  legal_guard: oneOf(LEGAL_GUARDS),
  trust_call_timezone: BOOLEAN,
  legal_dates: list(TEXT),
  kill_switch: BOOLEAN,
  rate_limit_per_minute: COUNT,
  max_concurrent_calls: COUNT,
  max_attempts_per_number_day: orNull(COUNT),
  max_attempts_per_number_week: orNull(COUNT),
  min_attempt_gap_minutes: orNull(COUNT),
  success_cooldown_hours: orNull(COUNT),
  max_calls_per_caller_id_second: orNull(COUNT),
  max_calls_per_caller_id_day: orNull(COUNT),
  caller_id_timezone: TEXT,
  call_data_retention_days: orNull(COUNT),
  webhook_log_retention_days: COUNT,
  import_error_retention_days: COUNT,
  created_at: INSTANT,
  updated_at: INSTANT,
};

const environmentSchema = named('Environment', object(ENVIRONMENT_FIELDS));
const changedEnvironmentSchema = named('ChangedEnvironment', object(ENVIRONMENT_FIELDS, STOP_FIELDS));
const stoppedEnvironmentSchema = named(
  'StoppedEnvironment',
  object({ ...ENVIRONMENT_FIELDS, ...STOP_FIELDS }),
);

@Section('Environment')
@Controller('environment')
@NeedsScope('environment')
export class EnvironmentController {
  constructor(private readonly environments: EnvironmentsStore) {}

  @Operation({
    id: 'getEnvironment',
    does: 'Shows the environment of the token.',
    answer: answerOf(environmentSchema),
  })
  @Get()
  async get(@EnvironmentId() environmentId: string) {
    return { success: true, data: environmentView(await this.environments.get(environmentId)) };
  }

  /** Once a kill switch thrown here has answered, no new dial begins. */
  @Operation({
    id: 'changeEnvironment',
    does: 'Changes settings of the environment; with the kill switch thrown, tells what may still ring.',
    body: ChangeEnvironmentBody,
    answer: answerOf(changedEnvironmentSchema),
    refuses: ['stopNotConfirmed'],
  })
  @Patch()
  async change(@CurrentCaller() { environmentId, actor }: Caller, @Body() body: unknown) {
    const request = validated(ChangeEnvironmentBody, body);
    const change = {
      rateLimitPerMinute: request.rate_limit_per_minute,
      maxConcurrentCalls: request.max_concurrent_calls,
      legalGuard: request.legal_guard,
      killSwitch: request.kill_switch,
      maxAttemptsPerNumberDay: request.max_attempts_per_number_day,
      maxAttemptsPerNumberWeek: request.max_attempts_per_number_week,
      minAttemptGapMinutes: request.min_attempt_gap_minutes,
      successCooldownHours: request.success_cooldown_hours,
      maxCallsPerCallerIdSecond: request.max_calls_per_caller_id_second,
      maxCallsPerCallerIdDay: request.max_calls_per_caller_id_day,
      callerIdTimezone: request.caller_id_timezone,
      callDataRetentionDays: request.call_data_retention_days,
      webhookLogRetentionDays: request.webhook_log_retention_days,
      importErrorRetentionDays: request.import_error_retention_days,
    };
    const named = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const environment = await this.environments.change(environmentId, actor, named);
    if (request.kill_switch !== true) return { success: true, data: environmentView(environment) };
    return {
      success: true,
      data: { ...environmentView(environment), ...(await this.stopReceipt(environmentId)) },
    };
  }

  /** Throws the kill switch. Once this has answered, no new dial of the environment begins. */
  @Operation({
    id: 'stopEnvironment',
    does: 'Throws the kill switch: once this has answered, no new dial begins.',
    answer: toldAnswerOf(stoppedEnvironmentSchema),
    refuses: ['stopNotConfirmed'],
  })
  @Post('stop')
  @HttpCode(200)
  async stop(@CurrentCaller() { environmentId, actor }: Caller) {
    const environment = await this.environments.change(environmentId, actor, { killSwitch: true });
    const data = { ...environmentView(environment), ...(await this.stopReceipt(environmentId)) };
    return { success: true, message: 'No new call begins until kill_switch is switched off.', data };
  }

  private async stopReceipt(environmentId: string): Promise<Record<string, unknown>> {
    const { inFlight, stopped } = await this.environments.confirmStop(environmentId);
    return { ...inFlightView(inFlight), stopped };
  }
}

function environmentView(environment: Environment): Record<string, unknown> {
  return {
    id: environment.id,
    name: environment.name,
    legal_guard: environment.legalGuard,
    trust_call_timezone: environment.trustCallTimezone,
    legal_dates: environment.legalDates,
    kill_switch: environment.killSwitch,
    rate_limit_per_minute: environment.rateLimitPerMinute,
    max_concurrent_calls: environment.maxConcurrentCalls,
    max_attempts_per_number_day: environment.maxAttemptsPerNumberDay,
    max_attempts_per_number_week: environment.maxAttemptsPerNumberWeek,
    min_attempt_gap_minutes: environment.minAttemptGapMinutes,
    success_cooldown_hours: environment.successCooldownHours,
    max_calls_per_caller_id_second: environment.maxCallsPerCallerIdSecond,
    max_calls_per_caller_id_day: environment.maxCallsPerCallerIdDay,
    caller_id_timezone: environment.callerIdTimezone,
    call_data_retention_days: environment.callDataRetentionDays,
    webhook_log_retention_days: environment.webhookLogRetentionDays,
    import_error_retention_days: environment.importErrorRetentionDays,
    created_at: environment.createdAt.toISOString(),
    updated_at: environment.updatedAt.toISOString(),
  };
}
