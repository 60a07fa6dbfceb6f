import { agentPlace } from '#policy/agent-place.js';
import type { CallConnection } from '../telephony-provider.js';
import type { AriRequest } from './ari-requests.js';

/** The context of the dialplan that connects calls to AudioSocket servers: docs/carriers.md has its lines. */
export const AUDIO_SOCKET_CONTEXT = 'ringfence-audiosocket';

/** Channel variables by which the agent's place knows whose call it has. */
export const VARIABLES = {
  callId: 'RINGFENCE_CALL_ID',
  attemptId: 'RINGFENCE_ATTEMPT_ID',
  agentId: 'RINGFENCE_AGENT_ID',
  language: 'RINGFENCE_LANGUAGE',
  /** `host:port`, for the context above. */
  audioSocket: 'RINGFENCE_AUDIOSOCKET',
  /** Set once the call has its agent: whoever takes the socket over does not hand it over again. */
  connected: 'RINGFENCE_CONNECTED',
} as const;

/** How a channel reaches its agent: what is set on it before, and the request that hands it over. Null: it has no such place. */
export interface Handover {
  variables: Record<string, string>;
  request: Omit<AriRequest, 'timeoutSeconds'>;
}

/** The agent's place as Asterisk reaches it; null: the agent has lost its place since the call began, or has another carrier's. */
export function handoverOf(connection: CallConnection): Handover | null {
  const { agent, attemptId, callId } = connection;
  const { connectTo } = agent;
  const to = (verb: 'move' | 'continue', query: Record<string, string>): Handover['request'] => ({
    method: 'POST',
    path: ['channels', attemptId, verb],
    query,
  });
  switch (connectTo === null ? null : agentPlace(connectTo)) {
    case 'application': {
      const ids = [callId, attemptId, agent.id, agent.language];
      const app = afterScheme(connectTo ?? '');
      return { variables: {}, request: to('move', { app, appArgs: ids.join(',') }) };
    }
    case 'context': {
      const [context = '', extension = 's'] = afterScheme(connectTo ?? '').split(',');
      return { variables: {}, request: to('continue', { context, extension, priority: '1' }) };
    }
    case 'audio_socket': {
      const { host } = new URL(connectTo ?? '');
      return {
        variables: { [VARIABLES.audioSocket]: host },
        request: to('continue', { context: AUDIO_SOCKET_CONTEXT, extension: 's', priority: '1' }),
      };
    }
    default:
      return null;
  }
}

/** The application that an agent is, null where it is another kind of place. */
export function applicationOf(connectTo: string | null): string | null {
  return connectTo !== null && agentPlace(connectTo) === 'application' ? afterScheme(connectTo) : null;
}

function afterScheme(address: string): string {
  return address.slice(address.indexOf(':') + 1);
}
