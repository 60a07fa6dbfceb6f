import { Injectable } from '@nestjs/common';
import { SealedSecrets } from '#environment/sealed-secret.js';
import { sendWebhook, type WebhookAnswer } from './webhook-request.js';
import { webhookHeaders } from './webhook-signature.js';

/** Whether webhooks may reach private addresses (WEBHOOK_ALLOW_PRIVATE). */
export class WebhookReach {
  constructor(readonly allowPrivate: boolean) {}
}

/** Where a webhook goes, and what it takes to be let in. Secrets are as stored: sealed. */
export interface WebhookDestination {
  webhookUrl: string;
  httpMethod: string;
  timeoutSeconds: number;
  /** What it is signed with, the current secret first. */
  sealedSecrets: string[];
  authorizationScheme: 'none' | 'bearer' | 'basic' | 'api_key' | 'custom';
  sealedAuthorizationCredential: string | null;
  customHeaders: { key: string; sealedValue: string }[];
}

/** Sends webhooks: signed, with what their receiver asked for to let them in. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly secrets: SealedSecrets,
    private readonly reach: WebhookReach,
  ) {}

  /**
   * Sends a message once. Resolves to data whatever happens.
   * @param message its id is the event's, the same at every try; its body goes out byte for byte
   */
  async send(destination: WebhookDestination, message: { id: string; body: string }): Promise<WebhookAnswer> {
    let headers: Record<string, string>;
    try {
      headers = this.headersOf(destination, message);
    } catch {
      // Unsigned it must not go out; recorded as a failure, it is tried again by plan and shown when given up.
      return {
        httpStatus: null,
        responseBody: null,
        responseHeaders: null,
        error: 'secret_unreadable',
        retryAfterSeconds: null,
        durationMs: 0,
      };
    }
    return sendWebhook({
      url: destination.webhookUrl,
      method: destination.httpMethod,
      body: message.body,
      timeoutSeconds: destination.timeoutSeconds,
      allowPrivate: this.reach.allowPrivate,
      headers,
    });
  }

  private headersOf(
    { customHeaders, sealedSecrets, ...destination }: WebhookDestination,
    { id, body }: { id: string; body: string },
  ): Record<string, string> {
    const secrets = sealedSecrets.map((sealed) => this.secrets.open(sealed));
    const custom = customHeaders.map(({ key, sealedValue }): [string, string] => [
      key.toLowerCase(),
      this.secrets.open(sealedValue),
    ]);
    // Ours come last: what the receiver verifies is never a header that somebody typed in.
    return {
      ...Object.fromEntries(custom),
      ...this.authorizationOf(destination),
      'content-type': 'application/json',
      ...webhookHeaders(id, new Date(), body, secrets),
    };
  }

  private authorizationOf({
    authorizationScheme,
    sealedAuthorizationCredential,
  }: Pick<WebhookDestination, 'authorizationScheme' | 'sealedAuthorizationCredential'>): Record<
    string,
    string
  > {
    if (authorizationScheme === 'none' || sealedAuthorizationCredential === null) return {};
    const credential = this.secrets.open(sealedAuthorizationCredential);
    switch (authorizationScheme) {
      case 'bearer':
        return { authorization: `Bearer ${credential}` };
      case 'basic':
        return { authorization: `Basic ${Buffer.from(credential, 'utf8').toString('base64')}` };
      case 'api_key':
        return { 'x-api-key': credential };
      case 'custom':
        return { authorization: credential };
    }
  }
}
