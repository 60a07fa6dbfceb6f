import {
  ArgumentsHost,
  Catch,
  HttpException,
  Injectable,
  Logger,
  type ExceptionFilter,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorFields } from '#environment/log.js';
import { StopNotConfirmed } from '#store/locks.js';
import { isStoreAway } from '#store/store-away.js';
import { MalformedCallback } from '#telephony/telephony-provider.js';

/**
 * An answer that is not a success, in the contract's words. Every error of the api is one of these or is mapped to one
 * below: the one place where HTTP statuses and codes of errors stand.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Further keys of the body: `errors`, `existing_call`, `details`. */
    readonly extra: Record<string, unknown> = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** What a 401 has to carry, by RFC 6750 §3. */
const CHALLENGE = { 'www-authenticate': 'Bearer realm="ringfence"' };

export const errors = {
  tokenExpired: () => new ApiError(401, 'TOKEN_EXPIRED', 'The bearer token has expired.', {}, CHALLENGE),
  tokenNotFound: () => new ApiError(404, 'TOKEN_NOT_FOUND', 'There is no such token.'),
  tokenNotInUse: () =>
    new ApiError(409, 'TOKEN_NOT_IN_USE', 'The token is revoked, expired or replaced already.'),
  unauthenticated: () =>
    new ApiError(401, 'INVALID_TOKEN', 'The bearer token is missing or not valid.', {}, CHALLENGE),
  callbackNotSigned: () =>
    new ApiError(
      401,
      'INVALID_SIGNATURE',
      'The carrier did not sign this callback.',
      {},
      { 'www-authenticate': 'Signature realm="callbacks"' },
    ),
  forbidden: (message = 'The token does not have the right to do this.') =>
    new ApiError(403, 'FORBIDDEN', message),
  campaignNotFound: () => new ApiError(404, 'CAMPAIGN_NOT_FOUND', 'There is no such campaign.'),
  agentNotFound: (details?: Record<string, unknown>) =>
    new ApiError(404, 'AGENT_NOT_FOUND', 'There is no such agent.', details === undefined ? {} : { details }),
  agentNotPublished: () => new ApiError(403, 'FORBIDDEN', 'The agent of this campaign is not published.'),
  agentInactive: () => new ApiError(400, 'AGENT_INACTIVE', 'The agent is not published.'),
  insufficientCredits: () =>
    new ApiError(402, 'INSUFFICIENT_CREDITS', 'The credits of this environment are used up.'),
  missingPhoneNumber: () => new ApiError(400, 'MISSING_PHONE_NUMBER', 'The to field is required.'),
  invalidPhoneNumber: (value: string | null) =>
    new ApiError(
      400,
      'INVALID_PHONE_NUMBER',
      'The to field must be a phone number in E.164, with a leading +.',
      { details: { field: 'to', value } },
    ),
  campaignIsActive: () =>
    new ApiError(403, 'FORBIDDEN', 'The campaign is active: pause, complete or cancel it to delete it.'),
  campaignHasCallsInProgress: () =>
    new ApiError(409, 'CONFLICT', 'Calls of the campaign are in progress, or its stop is not confirmed yet.'),
  callNotDialled: () => new ApiError(409, 'CALL_NOT_DIALLED', 'No attempt of this call was made yet.'),
  agentIsPublished: () =>
    new ApiError(409, 'AGENT_IS_PUBLISHED', 'The agent is published: unpublish it to delete it.'),
  agentHasActiveCalls: () =>
    new ApiError(
      409,
      'AGENT_HAS_ACTIVE_CALLS',
      'The agent has calls that are not over, or a campaign that is not closed uses it.',
    ),
  trainingNotFound: () => new ApiError(404, 'TRAINING_NOT_FOUND', 'The agent has no such training.'),
  actionNotFound: () => new ApiError(404, 'ACTION_NOT_FOUND', 'The agent has no such action.'),
  phoneNumberNotFound: () => new ApiError(404, 'PHONE_NUMBER_NOT_FOUND', 'There is no such phone number.'),
  phoneNumberInUse: () =>
    new ApiError(
      422,
      'PHONE_NUMBER_IN_USE',
      'An agent, or a campaign that is not closed, calls from this number.',
    ),
  releaseRequestNotFound: () =>
    new ApiError(404, 'RELEASE_REQUEST_NOT_FOUND', 'There is no such release request.'),
  releaseAlreadyPending: () =>
    new ApiError(409, 'RELEASE_ALREADY_PENDING', 'The release of this number is asked for already.'),
  releaseAlreadyResolved: () =>
    new ApiError(409, 'RELEASE_ALREADY_RESOLVED', 'The release request is no longer pending.'),
  webhookNotFound: () => new ApiError(404, 'WEBHOOK_NOT_FOUND', 'There is no such webhook.'),
  webhookLogNotFound: () => new ApiError(404, 'LOG_NOT_FOUND', 'The webhook has no such log.'),
  webhookDisabled: () =>
    new ApiError(409, 'WEBHOOK_DISABLED', 'The webhook is switched off: enable it to replay to it.'),
  logNotRetriable: (because: string) =>
    new ApiError(422, 'LOG_NOT_RETRIABLE', 'This delivery cannot be made again.', {
      details: { reason: because },
    }),
  importNotFound: () => new ApiError(404, 'IMPORT_NOT_FOUND', 'There is no such import.'),
  importEnded: () =>
    new ApiError(
      409,
      'IMPORT_ENDED',
      'The import was cancelled, or the file was sent again, while it arrived.',
    ),
  importNotCancellable: (status: string) =>
    new ApiError(409, 'IMPORT_NOT_CANCELLABLE', `The import is ${status}: nothing is left to cancel.`),
  importNotUndoable: (status: string) =>
    new ApiError(
      409,
      'IMPORT_NOT_UNDOABLE',
      `The import is ${status}; only one that is processed or cancelled can be undone.`,
    ),
  importAlreadyDialled: () =>
    new ApiError(409, 'IMPORT_ALREADY_DIALLED', 'A call of the import was dialled, or is about to be.'),
  callNotFound: () => new ApiError(404, 'CALL_NOT_FOUND', 'There is no such call.'),
  malformedRequest: () => new ApiError(400, 'MALFORMED_REQUEST', 'This is no request in HTTP/1.1.'),
  requestTimeout: () => new ApiError(408, 'REQUEST_TIMEOUT', 'The request did not arrive in time.'),
  headersTooLong: () => new ApiError(431, 'HEADERS_TOO_LONG', 'The path and the headers are too long.'),
  badUrl: () => new ApiError(400, 'INVALID_URL', 'The path is not percent-encoded UTF-8.'),
  notFound: (message = 'There is nothing here.') => new ApiError(404, 'NOT_FOUND', message),
  methodNotAllowed: (allowed: string[]) =>
    new ApiError(
      405,
      'METHOD_NOT_ALLOWED',
      'This path does not take this method.',
      {},
      { allow: allowed.join(', ') },
    ),
  campaignNotActive: (status: string) =>
    new ApiError(400, 'CAMPAIGN_NOT_ACTIVE', `The campaign is ${status}; only an active one takes calls.`),
  invalidTransition: (from: string, to: string) =>
    new ApiError(400, 'INVALID_TRANSITION', `A campaign that is ${from} cannot become ${to}.`),
  idempotencyKeyReused: () =>
    new ApiError(
      422,
      'IDEMPOTENCY_KEY_REUSED',
      'This Idempotency-Key stands for a request with another body.',
    ),
  callAlreadyEnded: (status: string) =>
    new ApiError(409, 'CALL_ALREADY_ENDED', `The call is ${status} already.`),
  callNotActive: (status: string) =>
    new ApiError(409, 'CALL_NOT_ACTIVE', `The call is ${status}; only one under way can be ended.`),
  outcomeNotUnknown: () =>
    new ApiError(409, 'OUTCOME_NOT_UNKNOWN', 'Only a call whose outcome is unknown can be given one.'),
  duplicateCall: (existing: Record<string, unknown>) =>
    new ApiError(409, 'DUPLICATE_CALL', 'This number already has a live call in this campaign.', {
      existing_call: existing,
    }),
  campaignHasActiveCalls: () =>
    new ApiError(
      409,
      'CAMPAIGN_HAS_ACTIVE_CALLS',
      'Calls wait for this schedule: pause the campaign to change it.',
    ),
  invalid: (fields: Record<string, string[]>) => {
    const [first] = Object.values(fields).flat();
    return new ApiError(422, 'VALIDATION_ERROR', first ?? 'The request is not valid.', { errors: fields });
  },
  tooManyRequests: (retryAfterSeconds: number) =>
    new ApiError(
      429,
      'RATE_LIMIT_EXCEEDED',
      'Too many requests.',
      { details: { retry_after: retryAfterSeconds } },
      { 'retry-after': retryAfterSeconds.toString() },
    ),
  invalidJson: () => new ApiError(400, 'INVALID_JSON', 'The body is not valid JSON.'),
  payloadTooLarge: () => new ApiError(413, 'PAYLOAD_TOO_LARGE', 'The body is too large.'),
  uriTooLong: () => new ApiError(414, 'URI_TOO_LONG', 'The path is too long.'),
  unsupportedMediaType: () =>
    new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The content type must be application/json.'),
  unsupportedFileType: (types: readonly string[] = ['text/csv', 'text/plain', 'application/gzip']) =>
    new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', `The content type must be one of ${types.join(', ')}.`),
  malformedCallback: (message: string) => new ApiError(422, 'MALFORMED_CALLBACK', message),
  serverError: () => new ApiError(500, 'SERVER_ERROR', 'Something went wrong here.'),
  stopNotConfirmed: (message: string) => new ApiError(503, 'STOP_NOT_CONFIRMED', message),
  stopping: () => new ApiError(503, 'SERVICE_STOPPING', 'This process is stopping. Please ask another one.'),
  storeUnavailable: () =>
    new ApiError(
      503,
      'STORE_UNAVAILABLE',
      'The service is away for a moment. Please try again.',
      {},
      { 'retry-after': '1' },
    ),
};

export type ErrorName = keyof typeof errors;

/** The HTTP framework's own refusals. */
const FRAMEWORK_ERRORS: Record<number, () => ApiError> = {
  400: errors.invalidJson,
  404: errors.notFound,
  413: errors.payloadTooLarge,
  414: errors.uriTooLong,
  415: errors.unsupportedMediaType,
};

/** What an error is to a client. Unknown ones are a 500 that tells nothing. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof StopNotConfirmed) return errors.stopNotConfirmed(error.message);
  if ((error as { code?: unknown } | null)?.code === 'FST_ERR_BAD_URL') return errors.badUrl();
  if (error instanceof MalformedCallback) return errors.malformedCallback(error.message);
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown })?.statusCode;
  const known = typeof status === 'number' ? FRAMEWORK_ERRORS[status] : undefined;
  if (known !== undefined) return known();
  return isStoreAway(error) ? errors.storeUnavailable() : errors.serverError();
}

/** Routes whose errors stand inside an `error` object, by the contract; method and pattern. */
const NESTED_ERRORS = new Set(['POST /api/v1/agents/:id/call', 'POST /api/v1/calls']);

/** Whether a route's errors stand inside an `error` object. */
export function hasNestedErrors(method: string, pattern: string): boolean {
  return NESTED_ERRORS.has(`${method} ${pattern}`);
}

/** Writes an error in the contract's shape. */
export function sendError(reply: FastifyReply, request: FastifyRequest, error: ApiError): FastifyReply {
  const isNested = hasNestedErrors(request.method, request.routeOptions.url ?? '');
  request.errorCode = error.code;
  return reply
    .code(error.status)
    .headers(error.headers)
    .send(errorBody(error, isNested, request.id));
}

/** An error's body. */
export function errorBody(error: ApiError, isNested: boolean, requestId: string): Record<string, unknown> {
  return { success: false, ...(isNested ? nested(error) : flat(error)), request_id: requestId };
}

function flat({ message, code, extra }: ApiError): Record<string, unknown> {
  return { message, code, ...extra };
}

function nested({ message, code, extra: { details, ...extra } }: ApiError): Record<string, unknown> {
  const merged = { ...extra, ...(details as object | undefined) };
  return { error: { code, message, ...(Object.keys(merged).length === 0 ? {} : { details: merged }) } };
}

/** The only place where an error becomes an answer. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('api');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const answer = toApiError(error);
    if (answer.status >= 500)
      this.log.error({ requestId: request.id, code: answer.code, error: errorFields(error) });
    void sendError(http.getResponse<FastifyReply>(), request, answer);
  }
}
