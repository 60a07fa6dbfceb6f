import { Type } from 'class-transformer';
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
  ValidateNested,
} from 'class-validator';
import type { PayloadTemplate } from '#policy/webhook-template.js';
import { AUTHORIZATION_SCHEMES, type AuthorizationScheme } from '#store/agent-action.entity.js';
import { AGENT_EVENTS, CAMPAIGN_EVENTS } from '#store/outbox.js';
import { CustomHeader, PRINTABLE } from '../custom-header.dto.js';
import { AreObjects, ArePayloadTemplates, IsWebAddress, MayBeAbsent } from '../rules.js';

/** Events of the contract that nothing here can know of yet: they may be subscribed to, and are not told. */
const SILENT_AGENT_EVENTS = {
  event_phone_call_disconnected: 'The line of a call was lost. Not told yet.',
  event_participant_joined: 'Somebody joined a call. Not told yet.',
  event_participant_left: 'Somebody left a call. Not told yet.',
  event_voicemail_message_left: 'A message was left on a voicemail. Not told yet.',
  event_conversation_started: 'The agent began to talk. Not told yet.',
  event_conversation_ended: 'The conversation ended. Not told yet.',
  event_action: 'The agent did an action. Not told yet.',
  event_action_failed: 'An action of the agent failed. Not told yet.',
  event_recording: 'A recording is ready. Not told yet.',
  event_connection_established: 'The agent is connected to the call. Not told yet.',
  event_connection_closed: 'The agent is disconnected from the call. Not told yet.',
  event_connection_error: 'The agent could not be connected to the call. Not told yet.',
  event_user_connected: 'The person is connected. Not told yet.',
  event_user_disconnected: 'The person is disconnected. Not told yet.',
  event_client_connected: 'The client is connected. Not told yet.',
  event_client_disconnected: 'The client is disconnected. Not told yet.',
} as const;

/** Every event that an agent's endpoint may name, with what it means. */
export const AVAILABLE_AGENT_EVENTS: Record<string, string> = { ...AGENT_EVENTS, ...SILENT_AGENT_EVENTS };

export const AGENT_EVENT_NAMES = Object.keys(AVAILABLE_AGENT_EVENTS);
export const CAMPAIGN_EVENT_NAMES = [
  ...Object.keys(CAMPAIGN_EVENTS),
  'event_call_transcript',
  'event_call_report',
  ...AGENT_EVENT_NAMES,
];

export const HTTP_METHODS = ['POST', 'PUT', 'PATCH'] as const;

/** What may be left out on create as on update. */
class WebhookOptions {
  /** Printable ASCII: anything else is signed differently by different languages' libraries. Null: unsigned. */
  @IsOptional() @IsString() @Length(1, 255) @Matches(PRINTABLE) webhook_secret?: string | null;
  @MayBeAbsent() @IsInt() @Min(5) @Max(120) timeout?: number;
  @MayBeAbsent() @IsInt() @Min(0) @Max(10) max_retries?: number;
  @MayBeAbsent() @IsBoolean() enabled?: boolean;
  @MayBeAbsent() @IsIn(HTTP_METHODS) http_method?: (typeof HTTP_METHODS)[number];
  @MayBeAbsent() @IsIn(AUTHORIZATION_SCHEMES) authorization_scheme?: AuthorizationScheme;
  /** Stored sealed and never shown. Absent: the one stored under the same scheme; null: none. */
  @IsOptional() @IsString() @Length(1, 4_000) @Matches(PRINTABLE) authorization_credential?: string | null;
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @AreObjects()
  @ValidateNested({ each: true })
  @Type(() => CustomHeader)
  custom_headers?: CustomHeader[];
}

class CreateWebhookBody extends WebhookOptions {
  @IsString() @Length(1, 255) name: string;
  @IsWebAddress() @MaxLength(500) webhook_url: string;
}

class ChangeWebhookBody extends WebhookOptions {
  @MayBeAbsent() @IsString() @Length(1, 255) name?: string;
  @MayBeAbsent() @IsWebAddress() @MaxLength(500) webhook_url?: string;
}

export class CreateAgentWebhookBody extends CreateWebhookBody {
  static readonly example = {
    name: 'Calls',
    webhook_url: 'https://example.com/calls',
    webhook_secret: 'a secret of yours',
    events: ['event_phone_call_ended'],
  };

  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsIn(AGENT_EVENT_NAMES, { each: true }) events: string[];
  @MayBeAbsent() @ArePayloadTemplates(AGENT_EVENT_NAMES) payload_templates?: Record<string, PayloadTemplate>;
}

export class ChangeAgentWebhookBody extends ChangeWebhookBody {
  static readonly example = { webhook_url: 'https://example.com/calls', max_retries: 5 };

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsIn(AGENT_EVENT_NAMES, { each: true })
  events?: string[];
  @MayBeAbsent() @ArePayloadTemplates(AGENT_EVENT_NAMES) payload_templates?: Record<string, PayloadTemplate>;
}

export class CreateCampaignWebhookBody extends CreateWebhookBody {
  static readonly example = {
    name: 'Results',
    webhook_url: 'https://example.com/results',
    events: ['campaign_call.completed', 'campaign_call.failed'],
  };

  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(100) @IsIn(CAMPAIGN_EVENT_NAMES, { each: true }) events: string[];
  @MayBeAbsent()
  @ArePayloadTemplates(CAMPAIGN_EVENT_NAMES)
  payload_templates?: Record<string, PayloadTemplate>;
  @MayBeAbsent() @IsBoolean() include_call_events?: boolean;
}

export class ChangeCampaignWebhookBody extends ChangeWebhookBody {
  static readonly example = { events: ['campaign_call.completed'], include_call_events: true };

  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsIn(CAMPAIGN_EVENT_NAMES, { each: true })
  events?: string[];
  @MayBeAbsent()
  @ArePayloadTemplates(CAMPAIGN_EVENT_NAMES)
  payload_templates?: Record<string, PayloadTemplate>;
  @MayBeAbsent() @IsBoolean() include_call_events?: boolean;
}

export type CreateWebhook = CreateAgentWebhookBody | CreateCampaignWebhookBody;
export type ChangeWebhook = ChangeAgentWebhookBody | ChangeCampaignWebhookBody;
