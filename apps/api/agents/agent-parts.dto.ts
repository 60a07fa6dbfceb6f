import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { toE164 } from '#policy/phone-number.js';
import {
  ACTION_TYPES,
  AUTHORIZATION_SCHEMES,
  type ActionType,
  type AuthorizationScheme,
} from '#store/agent-action.entity.js';
import type { NewAction, NewTraining } from '#store/agent-parts.store.js';
import { CustomHeader, PRINTABLE, repeatedHeaderFaults } from '../custom-header.dto.js';
import { errors } from '../http-errors.js';
import { AreObjects, AreSmallObjects, IsPhoneNumberE164, IsWebAddress, MayBeAbsent } from '../rules.js';
import { EXECUTION_MODES, PART_STATUSES, type ExecutionMode, type PartStatus } from './agent-words.js';

export class PutTrainingBody {
  static readonly example = { subject: 'Opening hours', instructions: 'Nine to five, on weekdays.' };

  @IsOptional() @IsString() @Length(1, 255) node_id?: string | null;
  @IsString() @Length(1, 255) subject: string;
  @IsString() @Length(1, 20_000) instructions: string;
  @MayBeAbsent() @IsIn(PART_STATUSES) current_status?: PartStatus;
}

class Integration {
  @IsString() @Length(1, 255) id: string;
}

export class PutActionBody {
  static readonly example = {
    node_id: 'book',
    name: 'Book',
    description: 'Books a slot.',
    type: 'webhook',
    url: 'https://example.com/book',
  };

  @IsString() @Length(1, 255) node_id: string;
  @IsString() @Length(1, 255) name: string;
  @IsString() @Length(1, 5_000) description: string;
  @IsIn(ACTION_TYPES) type: ActionType;
  @MayBeAbsent() @AreSmallObjects() @ArrayMaxSize(100) inputs?: Record<string, unknown>[];
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Integration) integration?: Integration | null;
  @IsOptional() @IsWebAddress() @MaxLength(2_000) url?: string | null;
  @IsOptional() @IsWebAddress() @MaxLength(2_000) authorization_url?: string | null;
  @MayBeAbsent() @IsIn(AUTHORIZATION_SCHEMES) authorization_scheme?: AuthorizationScheme;
  /** Stored sealed and never shown. Absent: the one stored under the same scheme; null: none. */
  @IsOptional() @IsString() @Length(1, 4_000) @Matches(PRINTABLE) authorization_credential?: string | null;
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(50)
  @AreObjects()
  @ValidateNested({ each: true })
  @Type(() => CustomHeader)
  custom_headers?: CustomHeader[];
  @MayBeAbsent() @IsBoolean() speak_on_send?: boolean;
  @MayBeAbsent() @IsBoolean() speak_on_receive?: boolean;
  @MayBeAbsent() @IsIn(EXECUTION_MODES) execution_mode?: ExecutionMode;
  @IsOptional() @IsInt() @Min(1) @Max(3_600) hold_duration?: number | null;
  @IsOptional() @IsPhoneNumberE164() transfer_to?: string | null;
  @MayBeAbsent() @IsIn(PART_STATUSES) current_status?: PartStatus;
}

export function newTrainingOf(body: PutTrainingBody): NewTraining {
  return {
    nodeId: body.node_id ?? null,
    subject: body.subject,
    instructions: body.instructions,
    currentStatus: body.current_status ?? 'active',
  };
}

/**
 * The action as it is stored.
 * @param seal encrypts what must never be read back
 * @throws ApiError 422 for fields that do not fit the type, or one another
 */
export function newActionOf(body: PutActionBody, seal: (plain: string) => string): NewAction {
  const faults = actionFaults(body);
  if (Object.keys(faults).length > 0) throw errors.invalid(faults);
  const { authorization_credential: credential, transfer_to: transferTo } = body;
  return {
    nodeId: body.node_id,
    name: body.name,
    description: body.description,
    type: body.type,
    inputs: body.inputs ?? [],
    url: body.url ?? null,
    authorizationUrl: body.authorization_url ?? null,
    authorizationScheme: schemeOf(body),
    sealedAuthorizationCredential: typeof credential === 'string' ? seal(credential) : credential,
    customHeaders: body.custom_headers?.map(({ key, value }) => ({
      key,
      sealedValue: typeof value === 'string' ? seal(value) : undefined,
    })),
    speakOnSend: body.speak_on_send ?? false,
    speakOnReceive: body.speak_on_receive ?? false,
    executionMode: body.execution_mode ?? 'during_call',
    holdDurationSeconds: body.hold_duration ?? null,
    transferTo: typeof transferTo === 'string' ? toE164(transferTo) : null,
    currentStatus: body.current_status ?? 'active',
  };
}

/** What a type needs, and what means nothing to it: stored silently, it would seem to do something. */
function actionFaults(body: PutActionBody): Record<string, string[]> {
  const { type } = body;
  const faults: Record<string, string[]> = {};
  const refuse = (field: string, message: string) => (faults[field] = [message]);
  if (type === 'webhook' && isAbsent(body.url)) refuse('url', 'A webhook action needs a url.');
  if ((type === 'transfer' || type === 'hold') && !isAbsent(body.url))
    refuse('url', `A ${type} action takes no url.`);
  if (type === 'transfer' && isAbsent(body.transfer_to))
    refuse('transfer_to', 'A transfer action needs a number to transfer to.');
  if (type !== 'transfer' && !isAbsent(body.transfer_to))
    refuse('transfer_to', 'Only a transfer action takes transfer_to.');
  if (type === 'hold' && isAbsent(body.hold_duration))
    refuse('hold_duration', 'A hold action needs hold_duration, in seconds.');
  if (type !== 'hold' && !isAbsent(body.hold_duration))
    refuse('hold_duration', 'Only a hold action takes hold_duration.');
  if (type !== 'external' && body.execution_mode === 'post_call')
    refuse('execution_mode', 'Only an external action runs after the call.');
  if (!isAbsent(body.integration)) refuse('integration.id', 'There is no such integration here.');
  if (schemeOf(body) === 'none' && !isAbsent(body.authorization_credential))
    refuse('authorization_credential', 'A credential needs an authorization_scheme.');
  return { ...faults, ...repeatedHeaderFaults(body.custom_headers ?? []) };
}

function schemeOf({ authorization_scheme: scheme = 'none' }: PutActionBody): AuthorizationScheme {
  return scheme;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
