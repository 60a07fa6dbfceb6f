import { Injectable } from '@nestjs/common';
import { SealedSecrets } from '#environment/sealed-secret.js';
import { WebhookReach } from './webhook-reach.js';
import { sendWebhook, unsent, type WebhookAnswer, type WebhookRequest } from './webhook-request.js';
import { webhookHeaders } from './webhook-signature.js';

/** Where a webhook goes, and what it takes to be let in. Secrets are as stored: sealed. */
export interface WebhookDestination {
  webhookUrl: string;
  httpMethod: string;
  timeoutSeconds: number;
  /** What it is signed with, the newest first; none: it is not signed. */
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
    let said: ReturnType<WebhookSender['headersOf']>;
    try {
      said = this.headersOf(destination, message);
    } catch {
      // Unsigned it must not go out; recorded as a failure, it is tried again by plan and shown when given up.
      return unsent('secret_unreadable');
    }
    const { webhookUrl: url, httpMethod: method, timeoutSeconds } = destination;
    return sendWebhook({ url, method, body: message.body, timeoutSeconds, ...said }, this.reach);
  }

  private headersOf(
    { customHeaders, sealedSecrets, ...destination }: WebhookDestination,
    { id, body }: { id: string; body: string },
  ): Pick<WebhookRequest, 'headers' | 'customHeaders' | 'secrets'> {
    const secrets = sealedSecrets.map((sealed) => this.secrets.open(sealed));
    const custom = customHeaders.map(({ key, sealedValue }): [string, string] => [
      key.toLowerCase(),
      this.secrets.open(sealedValue),
    ]);
    const authorization = this.authorizationOf(destination);
    const given = [...custom.map(([, value]) => value), ...Object.values(authorization)];
    return {
      customHeaders: Object.fromEntries(custom),
      headers: {
        ...authorization,
        'content-type': 'application/json',
        ...webhookHeaders(id, new Date(), body, secrets),
      },
      // Of an Authorization the scheme's word is no secret, and what follows it is one by itself, decoded too.
      secrets: given.flatMap((value) => {
        const credential = value.replace(/^\S+ /, '');
        return [value, credential, Buffer.from(credential, 'base64').toString('utf8')];
      }),
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
