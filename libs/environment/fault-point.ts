/**
 * Where a process may be made to die on purpose: every boundary between two steps of a call that a crash can fall
 * into. Named after what has just happened; what comes next, named beside it, has not.
 */
export const FAULT_POINTS = {
  /** A call is committed; its ticket has not been offered, and the client has no answer. */
  after_intake: 'api',
  /** A callback is committed to the inbox; its ticket has not been offered, and the carrier has no answer. */
  after_inbox: 'api',
  /** A stop is committed; its barrier has not been passed, and the client has no answer. */
  after_stop: 'api',
  /** Calls are stamped as offered; their tickets have not been added. */
  after_offer: 'dialer',
  /** An attempt is claimed, its slots taken; the fence is not passed. */
  after_claim: 'dialer',
  /** The fence is passed; the request has not left. */
  after_fence: 'dialer',
  /** The carrier has answered; its answer is not recorded. */
  after_originate: 'dialer',
  /** The answer is recorded; the ticket is not finished, nor its webhooks woken. */
  after_placement: 'dialer',
  /** An attempt has been looked up; what was found is not recorded. */
  after_look_up: 'dialer',
  /** Events are applied; the ticket is not finished, nor its webhooks woken. */
  after_events: 'dialer',
  /** Webhooks are taken in hand; no request has left. */
  after_webhook_take: 'dialer',
  /** A webhook has been answered; the answer is not recorded. */
  after_delivery: 'dialer',
} as const;

export type FaultPoint = keyof typeof FAULT_POINTS;

let armed: { point: string; passes: number } | null = null;

/** Arms this process: it dies the n-th time it comes by, as `after_fence` (n = 1) or `after_fence@7` says. */
export function armFaultPoint(setting: string | undefined): void {
  if (setting === undefined) return;
  const [point = '', passes = '1'] = setting.split('@');
  armed = { point, passes: Number(passes) };
}

/** Marks a boundary. Does nothing, unless this process was armed for it: then it dies here, with nothing cleaned up. */
export function faultPoint(name: FaultPoint): void {
  if (armed === null || armed.point !== name) return;
  armed.passes -= 1;
  if (armed.passes === 0) process.kill(process.pid, 'SIGKILL');
}
