import { setTimeout as pause } from 'node:timers/promises';
import type { DemoApi } from './demo-api.js';
import type { Arrival } from './webhook-receiver.js';

interface ListedCall {
  id: string;
  to: string;
  status: string;
}

const POLL_MS = 1000;

/**
 * Says a line whenever a call has changed, until the signal is aborted. It asks the public API once a second: what is
 * shown is what a customer would see, and a state shorter than that may be passed over.
 */
export async function showProgress(
  api: DemoApi,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const shown = new Map<string, string>();
  let isAway = false;
  while (!signal.aborted) {
    try {
      const { data } = await api.ask<{ data: ListedCall[] }>('GET', '/calls?per_page=100');
      for (const call of changes(shown, data)) say(callLine(call));
      if (isAway) say('the api answers again');
      isAway = false;
    } catch {
      if (!isAway && !signal.aborted) say('the api does not answer; asking again');
      isAway = true;
    }
    await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The calls whose status is not the one last shown, oldest first as they came; remembers them as shown. */
export function changes(shown: Map<string, string>, newestFirst: ListedCall[]): ListedCall[] {
  const changed = newestFirst.filter(({ id, status }) => shown.get(id) !== status).reverse();
  // What has left the page will not come back: remembering it for ever would grow without end.
  const listed = newestFirst.map(({ id, status }) => [id, status] as const);
  shown.clear();
  for (const [id, status] of listed) shown.set(id, status);
  return changed;
}

export function callLine({ id, to, status }: ListedCall): string {
  return `call ${id.slice(0, 8)}  ${masked(to)}  ${status}`;
}

export function webhookLine({ event, status, isSignatureRight }: Arrival): string {
  return `webhook ${event} → ${status}, signature ${isSignatureRight ? 'verified' : 'WRONG'}`;
}

/** A number that its owner can recognise and nobody else can ring. */
function masked(to: string): string {
  return `${to.slice(0, 2)}•••••${to.slice(-4)}`;
}
