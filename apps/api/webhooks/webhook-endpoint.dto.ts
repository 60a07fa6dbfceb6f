import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { AGENT_EVENTS, CAMPAIGN_EVENTS } from '#store/outbox.js';
import { IsWebAddress, MayBeAbsent } from '../rules.js';

/** Events of the contract that nothing here can know of yet: they may be subscribed to, and are not told. */
const SILENT_AGENT_EVENTS = [
  'event_phone_call_disconnected',
  'event_participant_joined',
  'event_participant_left',
  'event_voicemail_message_left',
  'event_conversation_started',
  'event_conversation_ended',
  'event_action',
  'event_action_failed',
  'event_recording',
  'event_connection_established',
  'event_connection_closed',
  'event_connection_error',
  'event_user_connected',
  'event_user_disconnected',
  'event_client_connected',
  'event_client_disconnected',
];

export const AGENT_EVENT_NAMES = [...Object.keys(AGENT_EVENTS), ...SILENT_AGENT_EVENTS];
export const CAMPAIGN_EVENT_NAMES = [
  ...Object.keys(CAMPAIGN_EVENTS),
  'event_call_transcript',
  'event_call_report',
  ...AGENT_EVENT_NAMES,
];

export const HTTP_METHODS = ['POST', 'PUT', 'PATCH'] as const;

class CreateWebhookBody {
  @IsString() @Length(1, 255) name: string;
  @IsWebAddress() @MaxLength(500) webhook_url: string;
  /** Printable ASCII: anything else is signed differently by different languages' libraries. */
  @IsOptional() @IsString() @Length(1, 255) @Matches(/^[ -~]+$/) webhook_secret?: string | null;
  @MayBeAbsent() @IsInt() @Min(5) @Max(120) timeout?: number;
  @MayBeAbsent() @IsInt() @Min(0) @Max(10) max_retries?: number;
  @MayBeAbsent() @IsBoolean() enabled?: boolean;
  @MayBeAbsent() @IsIn(HTTP_METHODS) http_method?: (typeof HTTP_METHODS)[number];
}

export class CreateAgentWebhookBody extends CreateWebhookBody {
  static readonly example = {
    name: 'Calls',
    webhook_url: 'https://example.com/calls',
    webhook_secret: 'a secret of yours',
    events: ['event_phone_call_ended'],
  };

  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsIn(AGENT_EVENT_NAMES, { each: true }) events: string[];
}

export class CreateCampaignWebhookBody extends CreateWebhookBody {
  static readonly example = {
    name: 'Results',
    webhook_url: 'https://example.com/results',
    events: ['campaign_call.completed', 'campaign_call.failed'],
  };

  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsIn(CAMPAIGN_EVENT_NAMES, { each: true }) events: string[];
  @MayBeAbsent() @IsBoolean() include_call_events?: boolean;
}
