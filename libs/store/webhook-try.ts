import type { TryVerdict } from '#policy/webhook-health.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';
import type { WebhookLog } from './webhook-log.entity.js';

/** How to reach an endpoint, as it is set now. */
export interface WebhookTarget extends Pick<
  WebhookEndpoint,
  | 'webhookUrl'
  | 'httpMethod'
  | 'timeoutSeconds'
  | 'authorizationScheme'
  | 'sealedAuthorizationCredential'
  | 'customHeaders'
> {
  /** The signing secret, and that of before while its time is not over; none: deliveries are not signed. */
  sealedSecrets: string[];
}

/** A delivery taken in hand, with all that sending it needs. */
export interface TakenDelivery extends WebhookTarget {
  id: string;
  environmentId: string;
  endpointId: string;
  /** The number of this try, from 1. */
  attempt: number;
  /** Of the tries before it, those that its plan does not count. */
  triesBefore: number;
  eventId: string;
  /** The call that the event is about; null: it is about a campaign. */
  callId: string | null;
  event: string;
  body: string;
  maxRetries: number;
}

/** What came of a try. */
export type DeliveryResult = Pick<
  WebhookLog,
  'httpStatus' | 'responseBody' | 'responseHeaders' | 'error' | 'durationMs'
>;

/** A try that is over. What it says of its endpoint, it says of the address that it was sent to. */
export interface EndedTry extends Pick<TakenDelivery, 'id' | 'attempt' | 'endpointId' | 'webhookUrl'> {
  verdict: TryVerdict;
  /** When it is made again; null: it was taken, or is given up for good. */
  retrySeconds: number | null;
  result: DeliveryResult;
}

/** An endpoint that its own answers have switched off. */
export interface DisabledEndpoint {
  endpointId: string;
  because: 'gone' | 'failing';
}
