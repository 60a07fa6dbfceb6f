/** What a span is: OpenTelemetry's kinds, in their words. */
export interface SpanDescription {
  kind: 'internal' | 'client' | 'consumer';
  help: string;
}

/**
 * Every span of a call's trace but its root, which is named as the request that brought the call. Whoever traces does so by these
 * names, and `docs/tracing.md` shows them; a test holds it.
 */
export const SPANS = {
  dial: { kind: 'consumer', help: 'A ticket of the queue: all that a dialer did with it' },
  claim: {
    kind: 'internal',
    help: 'The rules are asked, under locks; what comes together shares a transaction',
  },
  fence: { kind: 'internal', help: 'The last check before the request' },
  originate: { kind: 'client', help: 'The one request to the carrier' },
  record: { kind: 'internal', help: 'Its answer is written down' },
  connect: { kind: 'internal', help: 'An answered call meets its agent' },
  'apply events': { kind: 'internal', help: 'What the carrier told moves the attempt and its call' },
  'look up': { kind: 'client', help: 'The carrier is asked about an attempt that nobody speaks of' },
  'deliver webhook': { kind: 'client', help: 'One try of one webhook' },
} as const satisfies Record<string, SpanDescription>;

export type SpanName = keyof typeof SPANS;

/**
 * Every attribute of a span: OpenTelemetry's conventions where there are any, and our own. Ids and words of the code, and numbers
 * that count: never somebody's phone number, a payload, a token, an address or a text that somebody wrote.
 */
export const ATTRIBUTES = {
  'error.type': 'What went wrong, in a word; a span that has it has the status `Error`',
  'http.request.method': 'Of the request that brought the call, or of the webhook',
  'http.request.resend_count': 'Tries of the webhook before this one',
  'http.response.status_code': 'What it was answered with',
  'http.route': 'The pattern of the route',
  'messaging.destination.name': 'The queue that the ticket came by',
  'messaging.operation.type': '`process`',
  'messaging.system': '`bullmq`',
  'ringfence.agent.id': 'The agent of the call',
  'ringfence.attempt.id': 'The attempt: our reference at the carrier',
  'ringfence.attempt.number': 'Which attempt of the call it is, from 1',
  'ringfence.attempt.outcome': 'How the attempt ended',
  'ringfence.attempt.phase': 'How far it has come by all that was told',
  'ringfence.attempt.state': 'Its state when nobody spoke of it',
  'ringfence.call.id': 'The call, as the api writes its id',
  'ringfence.call.state': 'The state that the call was taken in with',
  'ringfence.campaign.id': 'The campaign of the call',
  'ringfence.claim.result': '`claimed`, `held`, `refused`, `no_room` or `stale`',
  'ringfence.claim.starts_in_ms': 'How long after the claim its start on the trunk is',
  'ringfence.connect.result': 'What became of it, where the carrier tells by a socket',
  'ringfence.dial.result': 'What became of the ticket, as its job shows it',
  'ringfence.environment.id': 'The environment of the call',
  'ringfence.events': 'The kinds of the events that were new',
  'ringfence.fence.passed': 'Whether it passed',
  'ringfence.look_up.answer': '`found`, `not_found` or `cannot_tell`',
  'ringfence.placement': '`accepted`, `refused`, `not_sent` or `unknown`: what the request came to',
  'ringfence.reason': 'Why, in the word that `why` and the log have for it',
  'ringfence.trunk': 'The name of the trunk',
  'ringfence.webhook.delivery.id': 'The delivery',
  'ringfence.webhook.endpoint.id': 'The webhook that it goes to',
  'ringfence.webhook.event.type': 'The type of the event',
} as const;

/** What is told of a span; null: nothing is. */
export type Attributes = {
  readonly [Name in keyof typeof ATTRIBUTES]?: string | number | boolean | readonly string[] | null;
};
