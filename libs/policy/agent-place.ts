/** How an answered call reaches the place where its agent runs. */
export type AgentPlace =
  /** The call's sound, over a WebSocket. */
  | 'stream'
  /** A SIP address that is dialled and joined. */
  | 'sip'
  /** A web address that answers with the carrier's own instructions. */
  | 'document';

const PLACES: Record<string, AgentPlace> = {
  'wss:': 'stream',
  'sip:': 'sip',
  'sips:': 'sip',
  'https:': 'document',
};

/** Longest address of an agent, in characters. */
export const MAX_PLACE_LENGTH = 500;

/** What kind of place an address is; null: none that a call can be connected to. Nothing unencrypted but SIP is one. */
export function agentPlace(address: string): AgentPlace | null {
  if (address.length > MAX_PLACE_LENGTH || !/^[!-~]+$/.test(address) || !URL.canParse(address)) return null;
  const { protocol, pathname, hostname, username, password } = new URL(address);
  const place = PLACES[protocol] ?? null;
  if (place === 'sip') return /^[^@\s<>"]+(@[^@\s<>"]+)?$/.test(pathname) ? place : null;
  // A user and a password would be shown wherever the agent is.
  return hostname === '' || username !== '' || password !== '' ? null : place;
}
