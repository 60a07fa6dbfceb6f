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
import {
  AGENT_EVENTS,
  CAMPAIGN_EVENTS,
  SILENT_AGENT_EVENTS,
  SILENT_CAMPAIGN_EVENTS,
} from '#policy/webhook-events.js';
import type { PayloadTemplate } from '#policy/webhook-template.js';
import { AUTHORIZATION_SCHEMES, type AuthorizationScheme } from '#store/agent-action.entity.js';
import { CustomHeader, PRINTABLE } from '../custom-header.dto.js';
import { AreObjects, ArePayloadTemplates, IsInstant, IsWebAddress, MayBeAbsent } from '../rules.js';

/** Every event that an agent's endpoint may name, with what it means. */
export const AVAILABLE_AGENT_EVENTS: Record<string, string> = { ...AGENT_EVENTS, ...SILENT_AGENT_EVENTS };

export const AGENT_EVENT_NAMES = Object.keys(AVAILABLE_AGENT_EVENTS);
export const CAMPAIGN_EVENT_NAMES = [
  ...Object.keys(CAMPAIGN_EVENTS),
  ...Object.keys(SILENT_CAMPAIGN_EVENTS),
  ...AGENT_EVENT_NAMES,
];

export const HTTP_METHODS = ['POST', 'PUT', 'PATCH'] as const;

/** What may be left out on create as on update. */
class WebhookOptions {
  /** Printable ASCII: anything else is signed differently by different languages' libraries. Null: unsigned. */
  @IsOptional() @IsString() @Length(1, 255) @Matches(PRINTABLE) webhook_secret?: string | null;
  @MayBeAbsent() @IsInt() @Min(5) @Max(120) timeout?: number;
  @MayBeAbsent() @IsInt() @Min(0) @Max(10) max_retries?: number;
  /** Tries under way at once. */
  @MayBeAbsent() @IsInt() @Min(1) @Max(50) max_concurrent_deliveries?: number;
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

/** A week: longer than that, and two secrets in use are the rule and not the change from one to the other. */
const MAX_OVERLAP_SECONDS = 7 * 86_400;

class ChangeWebhookBody extends WebhookOptions {
  @MayBeAbsent() @IsString() @Length(1, 255) name?: string;
  @MayBeAbsent() @IsWebAddress() @MaxLength(500) webhook_url?: string;
  /** With a new secret: how long deliveries are signed with the old one too. A day, if it is left out. */
  @MayBeAbsent() @IsInt() @Min(0) @Max(MAX_OVERLAP_SECONDS) webhook_secret_overlap_seconds?: number;
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

/** What happened in this time, and the webhook has not taken, is told it again. */
export class ReplayBody {
  static readonly example = { since: '2026-11-24T08:00:00Z' };

  @IsInstant() since: string;
  @IsOptional() @IsInstant() until?: string | null;
}

export type CreateWebhook = CreateAgentWebhookBody | CreateCampaignWebhookBody;
export type ChangeWebhook = ChangeAgentWebhookBody | ChangeCampaignWebhookBody;
