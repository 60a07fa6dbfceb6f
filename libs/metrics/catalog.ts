/** What a metric is: Prometheus' types, in their words. */
export interface MetricDescription {
  type: 'counter' | 'gauge' | 'histogram';
  /** `process`: of the one that answers. `house`: of all of it, read from its rows, and the same from every process. */
  of: 'process' | 'house';
  labels: readonly string[];
  help: string;
  /** Upper bounds of a histogram. */
  buckets?: readonly number[];
}

/** From a millisecond to half a minute: the time of a request, whichever way it goes. */
const REQUEST_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Every metric of this project, beside those that Node has: names, labels and words in one place. Whatever counts does so by
 * these names, `docs/metrics.md` shows them, and alerts and dashboard may use no others; tests hold all three. Labels are ids
 * and words of the code: never a number, a path, a name that somebody chose.
 */
export const CATALOG = {
  ringfence_http_request_duration_seconds: {
    type: 'histogram',
    of: 'process',
    labels: ['method', 'route', 'status'],
    help: 'Time to answer a request of the api, by the pattern of its route and the class of its status',
    buckets: REQUEST_SECONDS,
  },
  ringfence_http_errors_total: {
    type: 'counter',
    of: 'process',
    labels: ['code'],
    help: 'Requests of the api that were answered with an error, by its code',
  },
  ringfence_claims_total: {
    type: 'counter',
    of: 'process',
    labels: ['result', 'reason'],
    help: 'Tickets to dial that this dialer decided on: claimed, held or refused with the reason, without room, or stale; and of those claimed, how often the fence refused one or it came early',
  },
  ringfence_provider_request_duration_seconds: {
    type: 'histogram',
    of: 'process',
    labels: ['provider', 'operation'],
    help: 'Time of a request to the telephony provider',
    buckets: REQUEST_SECONDS,
  },
  ringfence_provider_answers_total: {
    type: 'counter',
    of: 'process',
    labels: ['provider', 'operation', 'answer'],
    help: 'What requests to the telephony provider came to, by the kind of the answer',
  },
  ringfence_provider_refusals_total: {
    type: 'counter',
    of: 'process',
    labels: ['provider', 'outcome'],
    help: 'Requests that the telephony provider refused, by what the refusal means',
  },
  ringfence_provider_callbacks_total: {
    type: 'counter',
    of: 'process',
    labels: ['provider', 'result'],
    help: 'Callbacks of the telephony provider: read, not signed by it, or signed and not to be read',
  },
  ringfence_provider_unknown_words_total: {
    type: 'counter',
    of: 'process',
    labels: ['provider', 'operation'],
    help: 'Words of the telephony provider for the state of a call that its adapter has no meaning for',
  },
  ringfence_webhook_attempt_duration_seconds: {
    type: 'histogram',
    of: 'process',
    labels: [],
    help: 'Time of a try to deliver a webhook',
    buckets: REQUEST_SECONDS,
  },
  ringfence_webhook_attempts_total: {
    type: 'counter',
    of: 'process',
    labels: ['result'],
    help: 'Tries to deliver a webhook, by the class of the status that answered',
  },
  ringfence_jobs_total: {
    type: 'counter',
    of: 'process',
    labels: ['queue', 'result'],
    help: 'Tickets of the queue that this dialer worked on',
  },
  ringfence_job_wait_seconds: {
    type: 'histogram',
    of: 'process',
    labels: ['queue'],
    help: 'Time from when a ticket was put into the queue until this dialer took it',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  ringfence_leading: {
    type: 'gauge',
    of: 'process',
    labels: [],
    help: 'Whether this dialer leads: 1, or 0',
  },
  ringfence_database_connections: {
    type: 'gauge',
    of: 'process',
    labels: ['pool', 'state'],
    help: 'Connections to PostgreSQL of this process',
  },
  ringfence_database_connections_limit: {
    type: 'gauge',
    of: 'process',
    labels: ['pool'],
    help: 'Most connections to PostgreSQL that this process may have',
  },
  ringfence_database_connections_awaited: {
    type: 'gauge',
    of: 'process',
    labels: ['pool'],
    help: 'Work of this process that waits for a connection to PostgreSQL',
  },
  ringfence_database_up: {
    type: 'gauge',
    of: 'process',
    labels: [],
    help: 'Whether what is of the house could be read from PostgreSQL, within a second and a half: 1, or 0, and then all of it is missing',
  },
  ringfence_queue_up: {
    type: 'gauge',
    of: 'process',
    labels: [],
    help: 'Whether the queue answered: 1, or 0, and then its depth is missing',
  },
  ringfence_queue_jobs: {
    type: 'gauge',
    of: 'house',
    labels: ['queue', 'state'],
    help: 'Tickets in the queue',
  },
  ringfence_calls: {
    type: 'gauge',
    of: 'house',
    labels: ['state'],
    help: 'Calls that are not final, by their state; those that wait are counted up to about a second ago',
  },
  ringfence_calls_received_total: {
    type: 'counter',
    of: 'house',
    labels: [],
    help: 'Calls taken in, test calls included, up to about a second ago',
  },
  ringfence_calls_finished_total: {
    type: 'counter',
    of: 'house',
    labels: ['state'],
    help: 'Calls that became final, by the state they ended in, up to about a second ago',
  },
  ringfence_calls_refused_total: {
    type: 'counter',
    of: 'house',
    labels: ['reason'],
    help: 'Calls that ended blocked, cancelled or expired, by what ended them, up to about a second ago',
  },
  ringfence_attempts_ended_total: {
    type: 'counter',
    of: 'house',
    labels: ['outcome'],
    help: 'Dials that are over, by what they came to, up to about a second ago',
  },
  ringfence_talk_seconds_total: {
    type: 'counter',
    of: 'house',
    labels: [],
    help: 'Talk time of all dials, up to about a second ago',
  },
  ringfence_attempts_open: {
    type: 'gauge',
    of: 'house',
    labels: ['state'],
    help: 'Attempts that are not over, by their state; unknown ones are parked until somebody can tell what became of them',
  },
  ringfence_oldest_wait_seconds: {
    type: 'gauge',
    of: 'house',
    labels: ['state'],
    help: 'Age of what has been in a state for the longest: a call that is due, whether or not it may go, an attempt, a callback not applied; 0: nothing is in it',
  },
  ringfence_dispatch_lag_seconds: {
    type: 'gauge',
    of: 'house',
    labels: [],
    help: 'How long calls have been waiting that nothing but a dialer holds back: due, in their hours, with slots and a start of the trunk free; 0: there are none',
  },
  ringfence_slots_in_use: {
    type: 'gauge',
    of: 'house',
    labels: ['environment'],
    help: 'Slots that attempts hold, of the 500 environments with the most',
  },
  ringfence_slots_limit: {
    type: 'gauge',
    of: 'house',
    labels: ['environment'],
    help: 'Slots there are: most attempts open at once, of the same environments',
  },
  ringfence_webhook_lag_seconds: {
    type: 'gauge',
    of: 'house',
    labels: [],
    help: 'How long the oldest delivery has been due that nobody tries, of endpoints that are neither switched off nor left alone for a while',
  },
  ringfence_trunk_calls_per_second: {
    type: 'gauge',
    of: 'house',
    labels: ['trunk'],
    help: 'Starts per second that the trunk makes at most now, after what its provider said of its limits; 0: it pauses or rests',
  },
  ringfence_trunk_calls_per_second_limit: {
    type: 'gauge',
    of: 'house',
    labels: ['trunk'],
    help: 'Starts per second that the trunk is set to',
  },
  ringfence_trunk_resting: {
    type: 'gauge',
    of: 'house',
    labels: ['trunk'],
    help: 'Whether the trunk rests, since its carrier failed: 1 or 0',
  },
  ringfence_leaders: {
    type: 'gauge',
    of: 'house',
    labels: [],
    help: 'Dialers that lead: 1, but for a moment, or nobody feeds the queue',
  },
} as const satisfies Record<string, MetricDescription>;

export type MetricName = keyof typeof CATALOG;

type Named<Type extends MetricDescription['type']> = {
  [Name in MetricName]: (typeof CATALOG)[Name]['type'] extends Type ? Name : never;
}[MetricName];

export type CounterName = Named<'counter'>;
export type GaugeName = Named<'gauge'>;
export type HistogramName = Named<'histogram'>;

/** The labels of a metric, each with its value. */
export type LabelsOf<Name extends MetricName> = Record<(typeof CATALOG)[Name]['labels'][number], string>;
