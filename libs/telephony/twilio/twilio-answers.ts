import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { agentPlace } from '#policy/agent-place.js';
import type { AnswerDocument, CallConnection } from '../telephony-provider.js';

/** Ends a call that was answered. */
export function hangUpDocument(): AnswerDocument {
  const response = new VoiceResponse();
  response.hangup();
  return documentOf(response);
}

/**
 * Connects an answered call to the place where its agent runs. What the agent is to know goes along as ids, for a
 * parameter holds 500 characters: the rest is at `GET /calls/{call_id}`.
 */
export function connectDocument(connection: CallConnection): AnswerDocument {
  const { callId, attemptId, agent, maxDurationSeconds } = connection;
  const { connectTo } = agent;
  const ids = { call_id: callId, attempt_id: attemptId, agent_id: agent.id, language: agent.language };
  const response = new VoiceResponse();
  switch (connectTo === null ? null : agentPlace(connectTo)) {
    case 'stream': {
      const stream = response.connect().stream({ url: connectTo ?? '' });
      for (const [name, value] of Object.entries(ids)) stream.parameter({ name, value });
      break;
    }
    case 'sip': {
      const dial = response.dial({ answerOnBridge: true, timeLimit: maxDurationSeconds });
      dial.sip(withHeaders(connectTo ?? '', ids));
      break;
    }
    case 'document':
      response.redirect({ method: 'POST' }, withQuery(connectTo ?? '', ids));
      break;
    default:
      // The agent has lost its place since the call began, or has one that only another carrier reaches: nobody to talk to.
      response.hangup();
  }
  return documentOf(response);
}

function documentOf(response: VoiceResponse): AnswerDocument {
  return { contentType: 'text/xml', body: response.toString() };
}

function withQuery(address: string, fields: Record<string, string>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  return url.href;
}

/** Twilio makes SIP headers of what follows the question mark, those that begin with `x-`. */
function withHeaders(address: string, fields: Record<string, string>): string {
  const headers = Object.entries(fields).map(([name, value]): [string, string] => [
    `x-${name.replaceAll('_', '-')}`,
    value,
  ]);
  return `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams(headers).toString()}`;
}
