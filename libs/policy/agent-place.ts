/** How an answered call reaches the place where its agent runs. */
export type AgentPlace =
  /** The call's sound, over a WebSocket. */
  | 'stream'
  /** A SIP address that is dialled and joined. */
  | 'sip'
  /** A web address that answers with the carrier's own instructions. */
  | 'document'
  /** A Stasis application at the Asterisk that made the call. */
  | 'application'
  /** A context of its dialplan, and an extension there. */
  | 'context'
  /** An AudioSocket server, as that Asterisk reaches it. */
  | 'audio_socket';

const PLACES: Record<string, AgentPlace> = {
  'wss:': 'stream',
  'sip:': 'sip',
  'sips:': 'sip',
  'https:': 'document',
  'stasis:': 'application',
  'dialplan:': 'context',
  'audiosocket:': 'audio_socket',
};

/** What may follow the scheme, where that is no address of the network. */
const NAMES: Partial<Record<AgentPlace, RegExp>> = {
  sip: /^[^@\s<>"]+(@[^@\s<>"]+)?$/,
  application: /^[\w.-]{1,79}$/,
  context: /^[\w.-]{1,79}(,[\w.+*#-]{1,79})?$/,
};

/** Longest address of an agent, in characters. */
export const MAX_PLACE_LENGTH = 500;

/**
 * What kind of place an address is; null: none that a call can be connected to. Nothing unencrypted is one, but SIP and what
 * never leaves the network of one's own Asterisk.
 */
export function agentPlace(address: string): AgentPlace | null {
  if (address.length > MAX_PLACE_LENGTH || !/^[!-~]+$/.test(address) || !URL.canParse(address)) return null;
  const { protocol, pathname, hostname, port, search, username, password } = new URL(address);
  const place = PLACES[protocol] ?? null;
  if (place === null) return null;
  const name = NAMES[place];
  if (place === 'sip') return name?.test(pathname) === true ? place : null;
  if (name !== undefined) return name.test(address.slice(protocol.length)) ? place : null;
  // A user and a password would be shown wherever the agent is.
  if (hostname === '' || username !== '' || password !== '') return null;
  if (place !== 'audio_socket') return place;
  return /^\/?$/.test(pathname) && port !== '' && search === '' ? place : null;
}
