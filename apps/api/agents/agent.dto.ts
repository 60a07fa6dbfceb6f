import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import type { AgentChange, NewAgent } from '#store/agents.store.js';
import { PageQuery } from '../paging.js';
import { AreIds, IsAgentPlace, IsBetween, MayBeAbsent } from '../rules.js';
import {
  AGENT_STATUSES,
  DIRECTIONS,
  SENSITIVITIES,
  SPEAKERS,
  type AgentStatus,
  type Direction,
  type Speaker,
} from './agent-words.js';

const LANGUAGES = [
  'pt-BR',
  'pt-PT',
  'en-US',
  'en-CA',
  'es-ES',
  'fr-FR',
  'de-DE',
  'it-IT',
  'nl-NL',
  'ja-JP',
  'ko-KR',
  'zh-TW',
];

/** Talk time, in seconds, after which the carrier ends a call when the agent names no limit. */
const DEFAULT_MAX_CALL_DURATION_SECONDS = 600;

export class CreateAgentBody {
  static readonly example = {
    label: 'reminder',
    name: 'Reminder',
    description: 'You remind {{name}} of an appointment.',
    initial_message: 'Hello {{name}}!',
    language: 'en-US',
    interrupt_sensitivity: 'medium',
    endpointing_sensitivity: 'auto',
    ivr_navigation_mode: 'off',
    conversation_speed: 1,
    initial_message_delay: 0,
    ask_if_human_present_on_idle: false,
    idle_time_seconds: 10,
    llm_temperature: 0.3,
    enable_recording: false,
    direction: 'outbound',
    who_speaks_first: 'agent',
  };

  @IsString() @Length(1, 255) label: string;
  @IsString() @Length(1, 255) name: string;
  @IsOptional() @IsString() @MaxLength(20_000) description?: string | null;
  @IsOptional() @IsString() @MaxLength(1_000) initial_message?: string | null;
  @IsIn(LANGUAGES) language: string;
  @IsIn(SENSITIVITIES) interrupt_sensitivity: string;
  @IsString() @Length(1, 255) endpointing_sensitivity: string;
  @IsString() @Length(1, 255) ivr_navigation_mode: string;
  @IsNumber() @Min(0.1) @Max(3) conversation_speed: number;
  @IsNumber() @Min(0) @Max(60) initial_message_delay: number;
  @IsBoolean() ask_if_human_present_on_idle: boolean;
  @IsInt() @Min(1) @Max(60) idle_time_seconds: number;
  @IsNumber() @Min(0) @Max(2) llm_temperature: number;
  @IsBoolean() enable_recording: boolean;
  @IsIn(DIRECTIONS) direction: Direction;
  @IsIn(SPEAKERS) who_speaks_first: Speaker;
  @IsOptional() @IsInt() @Min(1) @Max(10) max_idle_check_count?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(3600) max_call_duration_seconds?: number | null;
  @IsOptional() @IsBoolean() say_goodbye_on_max_duration?: boolean | null;
  @IsOptional() @IsInt() @Min(5) @Max(120) user_inactivity_timeout_seconds?: number | null;
  @IsOptional() @IsInt() @Min(1) @Max(60) initial_idle_time_seconds?: number | null;
  @IsOptional() @IsInt() @Min(0) @Max(10) initial_max_idle_check_count?: number | null;
  @MayBeAbsent() @AreIds() @ArrayMaxSize(100) phone_number_ids?: string[];
  @IsOptional() @IsAgentPlace() connect_to?: string | null;
}

export class ChangeKnowledgeBody {
  static readonly example = {
    description: 'You remind {{name}} of an appointment.',
    initial_message: 'Hello {{name}}!',
    interrupt_sensitivity: 'medium',
    ask_if_human_present_on_idle: false,
    llm_temperature: 0.3,
    initial_message_delay: 0,
  };

  @IsString() @Length(5, 20_000) description: string;
  @IsOptional() @IsString() @Length(5, 255) initial_message?: string | null;
  @IsIn(SENSITIVITIES) interrupt_sensitivity: string;
  @IsBoolean() ask_if_human_present_on_idle: boolean;
  @IsNumber() @Min(0) @Max(2) llm_temperature: number;
  @IsNumber() @Min(0) @Max(60) initial_message_delay: number;
}

export class ChangeVoiceBody {
  static readonly example = { voice_id: 'alloy', conversation_speed: 1.5, who_speaks_first: 'agent' };

  @IsString() @Length(1, 255) voice_id: string;
  /** Narrower than on create: the contract's own ranges differ. */
  @IsBetween(1, 2) conversation_speed: number;
  @IsIn(SPEAKERS) who_speaks_first: Speaker;
  @IsOptional() @IsString() @MaxLength(255) ambient_background?: string | null;
  @MayBeAbsent() @IsNumber() @Min(0) @Max(2) ambient_volume?: number;
  @MayBeAbsent() @IsIn(LANGUAGES) language?: string;
  @IsOptional() @IsNumber() @Min(0.5) @Max(1) similarity?: number | null;
  @IsOptional() @IsNumber() @Min(0.5) @Max(1) stability?: number | null;
}

export class ChangeCallingBody {
  static readonly example = { direction: 'outbound', phone_number_ids: [] };

  @IsIn(DIRECTIONS) direction: Direction;
  @MayBeAbsent() @AreIds() @ArrayMaxSize(100) phone_number_ids?: string[];
  @IsOptional() @IsAgentPlace() connect_to?: string | null;
}

export class ListAgentsQuery extends PageQuery {
  @IsOptional() @IsIn(AGENT_STATUSES) status?: AgentStatus;
  @IsOptional() @IsIn(DIRECTIONS) direction?: Direction;
  @IsOptional() @IsString() @MaxLength(255) search?: string;
}

export function newAgentOf(body: CreateAgentBody): NewAgent {
  return {
    label: body.label,
    name: body.name,
    description: body.description ?? null,
    initialMessage: body.initial_message ?? null,
    language: body.language,
    interruptSensitivity: body.interrupt_sensitivity,
    endpointingSensitivity: body.endpointing_sensitivity,
    ivrNavigationMode: body.ivr_navigation_mode,
    conversationSpeed: body.conversation_speed,
    initialMessageDelay: body.initial_message_delay,
    askIfHumanPresentOnIdle: body.ask_if_human_present_on_idle,
    idleTimeSeconds: body.idle_time_seconds,
    llmTemperature: body.llm_temperature,
    enableRecording: body.enable_recording,
    direction: body.direction,
    whoSpeaksFirst: body.who_speaks_first,
    maxIdleCheckCount: body.max_idle_check_count ?? null,
    maxCallDurationSeconds: body.max_call_duration_seconds ?? DEFAULT_MAX_CALL_DURATION_SECONDS,
    sayGoodbyeOnMaxDuration: body.say_goodbye_on_max_duration ?? null,
    userInactivityTimeoutSeconds: body.user_inactivity_timeout_seconds ?? null,
    initialIdleTimeSeconds: body.initial_idle_time_seconds ?? null,
    initialMaxIdleCheckCount: body.initial_max_idle_check_count ?? null,
    connectTo: body.connect_to ?? null,
  };
}

/** An initial message that is not named stays; null clears it. */
export function knowledgeOf(body: ChangeKnowledgeBody): AgentChange {
  return {
    description: body.description,
    ...(body.initial_message === undefined ? {} : { initialMessage: body.initial_message }),
    interruptSensitivity: body.interrupt_sensitivity,
    askIfHumanPresentOnIdle: body.ask_if_human_present_on_idle,
    llmTemperature: body.llm_temperature,
    initialMessageDelay: body.initial_message_delay,
  };
}

/** The voice as a whole; a language that is not named stays. */
export function voiceOf(body: ChangeVoiceBody): AgentChange {
  return {
    voice: {
      id: body.voice_id,
      stability: body.stability ?? null,
      similarity: body.similarity ?? null,
      ambientBackground: body.ambient_background ?? null,
      ambientVolume: body.ambient_volume ?? 1,
    },
    conversationSpeed: body.conversation_speed,
    whoSpeaksFirst: body.who_speaks_first,
    ...(body.language === undefined ? {} : { language: body.language }),
  };
}

/** A place that is not named stays; null clears it. */
export function callingOf({ direction, connect_to: connectTo }: ChangeCallingBody): AgentChange {
  return { direction, ...(connectTo === undefined ? {} : { connectTo }) };
}
