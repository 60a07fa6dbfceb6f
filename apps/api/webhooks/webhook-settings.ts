import type { AuthorizationScheme } from '#store/agent-action.entity.js';
import { credentialToStore, headersToStore } from '#store/sent-secrets.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import type { WebhookChange, WebhookSettings } from '#store/webhook-endpoints.store.js';
import { isOwnHeader } from '#webhooks/own-headers.js';
import type { WebhookReach } from '#webhooks/webhook-reach.js';
import { isReadableSecret } from '#webhooks/webhook-signature.js';
import { repeatedHeaderFaults, type CustomHeader } from '../custom-header.dto.js';
import { errors } from '../http-errors.js';
import type { ChangeWebhook, CreateWebhook } from './webhook-endpoint.dto.js';

/** What servers take as a rule, of all headers of a request together. */
const MAX_CUSTOM_HEADER_BYTES = 8 * 1024;

/** What is to be known of this installation to store an endpoint. */
export interface WebhookStorage {
  seal: (plain: string) => string;
  /** Null: sealed under a key that this installation does not have. */
  open: (sealed: string) => string | null;
  reach: WebhookReach;
}

/** An endpoint as a body makes it, with the documented defaults. */
export function newWebhook(body: CreateWebhook, storage: WebhookStorage): WebhookSettings {
  refuse(faultsOf(body, null, storage));
  return {
    name: body.name,
    webhookUrl: body.webhook_url,
    events: [...new Set(body.events)],
    sealedSecret: typeof body.webhook_secret === 'string' ? storage.seal(body.webhook_secret) : null,
    timeoutSeconds: body.timeout ?? 30,
    maxRetries: body.max_retries ?? 3,
    maxConcurrentDeliveries: body.max_concurrent_deliveries ?? 10,
    enabled: body.enabled ?? true,
    httpMethod: body.http_method ?? 'POST',
    authorizationScheme: body.authorization_scheme ?? 'none',
    payloadTemplates: body.payload_templates ?? {},
    includeCallEvents: 'include_call_events' in body ? (body.include_call_events ?? false) : false,
    ...secretsOf(body, null, storage),
  };
}

/**
 * What a body changes of a stored endpoint; what it leaves out stays.
 * @throws ApiError 422, also where stored secrets would go to another host than they were given for
 */
export function changedWebhook(
  body: ChangeWebhook,
  stored: WebhookEndpoint,
  storage: WebhookStorage,
): WebhookChange {
  refuse(faultsOf(body, stored, storage));
  const changes: WebhookChange = {
    name: body.name,
    webhookUrl: body.webhook_url,
    events: body.events === undefined ? undefined : [...new Set(body.events)],
    timeoutSeconds: body.timeout,
    maxRetries: body.max_retries,
    maxConcurrentDeliveries: body.max_concurrent_deliveries,
    enabled: body.enabled,
    httpMethod: body.http_method,
    authorizationScheme: body.authorization_scheme,
    payloadTemplates: body.payload_templates,
    includeCallEvents: 'include_call_events' in body ? body.include_call_events : undefined,
    ...signingSecretOf(body, stored, storage),
    ...secretsOf(body, stored, storage),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** A day to change over at the receiver. */
const DEFAULT_OVERLAP_SECONDS = 86_400;

/** The same secret again changes nothing, but for an overlap that it ends. */
function signingSecretOf(
  { webhook_secret: secret, webhook_secret_overlap_seconds: overlapSeconds }: ChangeWebhook,
  stored: WebhookEndpoint,
  { seal, open }: WebhookStorage,
): WebhookChange {
  if (typeof secret !== 'string') return { sealedSecret: secret };
  const old = stored.sealedSecret === null ? null : open(stored.sealedSecret);
  if (secret === old) {
    return overlapSeconds === 0 ? { sealedSecret: stored.sealedSecret, secretOverlapSeconds: 0 } : {};
  }
  // Unreadable, the old one cannot sign any more.
  const keptSeconds = old === null ? 0 : (overlapSeconds ?? DEFAULT_OVERLAP_SECONDS);
  return { sealedSecret: seal(secret), secretOverlapSeconds: keptSeconds };
}

function secretsOf(
  body: ChangeWebhook,
  stored: WebhookEndpoint | null,
  { seal }: WebhookStorage,
): Pick<WebhookSettings, 'sealedAuthorizationCredential' | 'customHeaders'> {
  const credential = body.authorization_credential;
  const headers = headersToStore(
    body.custom_headers?.map(({ key, value }) => ({
      key,
      sealedValue: typeof value === 'string' ? seal(value) : undefined,
    })),
    stored?.customHeaders ?? [],
  );
  const missing = headers.findIndex((header) => header === null);
  if (missing !== -1) {
    const text = 'No value is stored for this header: send one.';
    throw errors.invalid({ [`custom_headers.${missing}.value`]: [text] });
  }
  return {
    sealedAuthorizationCredential: credentialToStore(
      schemeOf(body, stored),
      typeof credential === 'string' ? seal(credential) : credential,
      stored,
    ),
    customHeaders: headers.filter((header) => header !== null),
  };
}

function faultsOf(
  body: ChangeWebhook,
  stored: WebhookEndpoint | null,
  { reach }: WebhookStorage,
): Record<string, string[]> {
  const headers = body.custom_headers ?? [];
  const faults = { ...repeatedHeaderFaults(headers), ...ownHeaderFaults(headers, schemeOf(body, stored)) };
  const address = body.webhook_url === undefined ? null : addressFault(body.webhook_url, reach);
  if (address !== null) faults['webhook_url'] = [`The webhook_url field ${address}`];
  if (
    headers.reduce((bytes, { key, value }) => bytes + key.length + (value ?? '').length, 0) >
    MAX_CUSTOM_HEADER_BYTES
  ) {
    faults['custom_headers'] = ['The custom_headers field must not be larger than 8 kB.'];
  }
  if (typeof body.webhook_secret === 'string' && !isReadableSecret(body.webhook_secret)) {
    faults['webhook_secret'] = ['What follows whsec_ must be base64, of the alphabet with + and /.'];
  }
  if (body.webhook_secret_overlap_seconds !== undefined && typeof body.webhook_secret !== 'string') {
    faults['webhook_secret_overlap_seconds'] = [
      'An overlap needs a webhook_secret that comes after the old one.',
    ];
  }
  if (schemeOf(body, stored) === 'none' && typeof body.authorization_credential === 'string') {
    faults['authorization_credential'] = ['A credential needs an authorization_scheme.'];
  }
  return stored === null ? faults : { ...faults, ...movedSecretFaults(body, stored) };
}

function addressFault(text: string, reach: WebhookReach): string | null {
  // What is sent to is what this parser reads, whatever others make of the same text.
  return URL.canParse(text) ? reach.faultOf(new URL(text)) : 'must be a web address.';
}

/** What was given for one host must not be sent to another by somebody who cannot read it. */
function movedSecretFaults(body: ChangeWebhook, stored: WebhookEndpoint): Record<string, string[]> {
  const url = body.webhook_url;
  if (url === undefined || !URL.canParse(url) || new URL(url).origin === new URL(stored.webhookUrl).origin)
    return {};
  const faults: Record<string, string[]> = {};
  const keptCredential = body.authorization_credential === undefined && schemeOf(body, stored) !== 'none';
  if (keptCredential && stored.sealedAuthorizationCredential !== null) {
    faults['authorization_credential'] = [
      'The address is of another host: send the credential for it, or null.',
    ];
  }
  if (body.custom_headers === undefined && stored.customHeaders.length > 0) {
    faults['custom_headers'] = ['The address is of another host: send the headers for it.'];
  }
  (body.custom_headers ?? []).forEach(({ value }, index) => {
    if (typeof value !== 'string')
      faults[`custom_headers.${index}.value`] = ['The address is of another host: send the value for it.'];
  });
  return faults;
}

function ownHeaderFaults(headers: CustomHeader[], scheme: AuthorizationScheme): Record<string, string[]> {
  const faults: Record<string, string[]> = {};
  headers.forEach(({ key }, index) => {
    if (isOwnHeader(key)) {
      faults[`custom_headers.${index}.key`] = ['This header is not free to set.'];
    } else if (scheme !== 'none' && key.toLowerCase() === 'authorization') {
      faults[`custom_headers.${index}.key`] = ['The authorization_scheme sets this header.'];
    }
  });
  return faults;
}

function schemeOf(body: ChangeWebhook, stored: WebhookEndpoint | null): AuthorizationScheme {
  return body.authorization_scheme ?? stored?.authorizationScheme ?? 'none';
}

function refuse(faults: Record<string, string[]>): void {
  if (Object.keys(faults).length > 0) throw errors.invalid(faults);
}
