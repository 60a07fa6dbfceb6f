import { agentPlace, type AgentPlace } from '#policy/agent-place.js';
import type { Placement } from './telephony-provider.js';

/**
 * Why a carrier that connects calls to agents cannot reach this one, as the answer to a request that is not made then;
 * null: it can. It would meet every contact of the campaign, so it is our fault.
 */
export function whyUnreachable(
  connectTo: string | null,
  reachable: readonly AgentPlace[],
): Extract<Placement, { kind: 'refused' }> | null {
  const place = connectTo === null ? null : agentPlace(connectTo);
  if (place !== null && reachable.includes(place)) return null;
  const because = place === null ? 'agent_has_no_place' : 'agent_place_is_of_another_carrier';
  return { kind: 'refused', outcome: 'our_fault', because, retryAfterSeconds: null };
}
