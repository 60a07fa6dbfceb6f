import { setTimeout as pause } from 'node:timers/promises';
import { whyUnreachable } from '../agent-reach.js';
import type { SingleAnswer } from '../single-request.js';
import {
  TelephonyProvider,
  UNKNOWN_STATUS,
  type CallListening,
  type Capabilities,
  type LookUp,
  type OriginateRequest,
  type Placement,
  type SentAttempt,
} from '../telephony-provider.js';
import { afterCreation, afterDial, type Step } from './ari-answers.js';
import { channelEvent, channelIn } from './ari-events.js';
import { AriListening } from './ari-listening.js';
import { readState, WITHDRAWN } from './ari-outcomes.js';
import { applicationOf, VARIABLES } from './ari-place.js';
import { AriRequests, type AriAccess } from './ari-requests.js';

export interface AriTrunk {
  /** ARI_APP: the Stasis application that the channels are in until they have their agent. */
  app: string;
  /** ARI_ENDPOINT: what is dialled; `{to}` is the number in E.164, `{digits}` the same without its plus. */
  endpoint: string;
  /** ARI_FROM: called from where a campaign names no caller id. E.164. */
  from: string;
}

const CREATE_WITHIN_SECONDS = 5;
const DIAL_WITHIN_SECONDS = 5;
const OTHER_REQUESTS_WITHIN_SECONDS = 5;

/** Asterisk hands a new channel to its application beside answering for it; until then it refuses to dial it. */
const DIAL_AGAIN_AFTER_MS = [10, 25, 50, 100, 250, 500];

/**
 * The adapter of Asterisk's REST interface. A call is made in two steps: a channel is created, under the attempt's id, which
 * rings nobody; then it is dialled, once. The steps after that, and the socket, are in `AriListening`.
 */
export class AriProvider extends TelephonyProvider {
  readonly requestTimeoutSeconds = CREATE_WITHIN_SECONDS + DIAL_WITHIN_SECONDS;
  readonly capabilities: Capabilities = {
    lookUp: 'while_alive',
    events: 'socket',
    repeatedRequest: 'ignored_while_alive',
    machineDetection: 'none',
    honoursNotAfter: false,
    queuesStarts: false,
    asksOnAnswer: false,
  };

  override readonly listening: CallListening;

  private readonly requests: AriRequests;

  constructor(
    access: AriAccess,
    private readonly trunk: AriTrunk,
    readonly name = 'asterisk',
  ) {
    super();
    this.requests = new AriRequests(access);
    this.listening = new AriListening(this.requests, trunk.app);
  }

  async originate(request: OriginateRequest): Promise<Placement> {
    const unreachable = whyUnreachable(request.agent.connectTo, ['application', 'context', 'audio_socket']);
    if (unreachable !== null) return unreachable;
    // Moved from us to us, the call would wait for its agent in silence until it ends.
    if (applicationOf(request.agent.connectTo) === this.trunk.app)
      return {
        kind: 'refused',
        outcome: 'our_fault',
        because: 'agent_place_is_ari_app',
        retryAfterSeconds: null,
      };
    const { attemptId } = request;
    const created = await this.settle(attemptId, afterCreation(await this.create(request)));
    if (created !== null) return created;
    return this.dial(request);
  }

  async lookUp({ attemptId }: Pick<SentAttempt, 'attemptId'>): Promise<LookUp> {
    const answer = await this.channel(attemptId);
    if (answer.kind !== 'answered') return { kind: 'cannot_tell', because: answer.because };
    const { status, headers, body } = answer;
    if (status === 404) return { kind: 'not_found' };
    if (status !== 200) return { kind: 'cannot_tell', because: `status_${status}` };
    const channel = channelIn(body);
    if (channel?.id !== attemptId) return { kind: 'cannot_tell', because: 'unreadable_answer' };
    const state = readState(channel.state);
    // It may be about to be dialled, or about to ring: neither is an answer.
    if (state === 'not_dialled') return { kind: 'cannot_tell', because: 'not_ringing' };
    if (state === 'indeterminate') return { kind: 'cannot_tell', because: UNKNOWN_STATUS };
    const atMs = Date.parse(headers.date ?? '');
    const at = new Date(Number.isNaN(atMs) ? Date.now() : atMs);
    return { kind: 'found', event: { ...channelEvent(attemptId, state, at), source: 'lookup' } };
  }

  async hangUp({ attemptId }: Pick<SentAttempt, 'attemptId'>): Promise<void> {
    await this.remove(attemptId, 'normal');
  }

  /** Nothing comes from Asterisk by a request: whoever sends one is somebody else. */
  claimsSignature(): boolean {
    return false;
  }

  readCallbacks(): null {
    return null;
  }

  private create(request: OriginateRequest): Promise<SingleAnswer> {
    const { app, endpoint } = this.trunk;
    const { attemptId, callId, to, agent, ringTimeoutSeconds, maxDurationSeconds } = request;
    const from = request.from ?? this.trunk.from;
    return this.requests.send({
      method: 'POST',
      path: ['channels', 'create'],
      body: {
        endpoint: endpoint.replaceAll('{to}', to).replaceAll('{digits}', to.replace(/^\+/, '')),
        app,
        channelId: attemptId,
        variables: {
          // Whom the phone shows as the caller, and whom the dialplan sees after a handover.
          'CONNECTEDLINE(num,i)': from,
          'CALLERID(num)': from,
          // Asterisk ends the channel by itself then, whoever hears of it: also one that is never dialled.
          'TIMEOUT(absolute)': String(ringTimeoutSeconds + maxDurationSeconds),
          [VARIABLES.callId]: callId,
          [VARIABLES.attemptId]: attemptId,
          [VARIABLES.agentId]: agent.id,
          [VARIABLES.language]: agent.language,
        },
      },
      timeoutSeconds: CREATE_WITHIN_SECONDS,
    });
  }

  /**
   * Dials the channel. A dial that Asterisk refuses did nothing: where the channel is still as it was made, it is tried
   * again; and where it is not, somebody else has dialled it.
   */
  private async dial({ attemptId, ringTimeoutSeconds }: OriginateRequest): Promise<Placement> {
    for (const againAfterMs of DIAL_AGAIN_AFTER_MS) {
      const answer = await this.requests.send({
        method: 'POST',
        path: ['channels', attemptId, 'dial'],
        query: { timeout: ringTimeoutSeconds },
        timeoutSeconds: DIAL_WITHIN_SECONDS,
      });
      const settled = await this.settle(attemptId, afterDial(answer, attemptId));
      if (settled !== null) return settled;
      await pause(againAfterMs);
      const refused = await this.whyRefused(attemptId);
      if (refused !== null) return refused;
    }
    await this.remove(attemptId, WITHDRAWN.reason);
    return { kind: 'not_sent', because: 'channel_not_in_application' };
  }

  /** What a refused dial comes to, by the channel's state; null: it waits as before. */
  private async whyRefused(attemptId: string): Promise<Placement | null> {
    const answer = await this.channel(attemptId);
    if (answer.kind === 'answered' && answer.status === 404)
      return { kind: 'not_sent', because: 'channel_gone' };
    const channel = answer.kind === 'answered' && answer.status === 200 ? channelIn(answer.body) : null;
    if (channel !== null && readState(channel.state) === 'not_dialled') return null;
    return { kind: 'unknown', because: 'dialled_before' };
  }

  /** What a step came to; null: the next one follows. A channel that nobody will dial is taken away. */
  private async settle(attemptId: string, step: Step): Promise<Placement | null> {
    if (step.kind !== 'placement') return null;
    if (step.isChannelLeft) await this.remove(attemptId, WITHDRAWN.reason);
    return step.placement;
  }

  private channel(attemptId: string): Promise<SingleAnswer> {
    return this.requests.send({
      method: 'GET',
      path: ['channels', attemptId],
      timeoutSeconds: OTHER_REQUESTS_WITHIN_SECONDS,
    });
  }

  private async remove(attemptId: string, reason: string): Promise<void> {
    await this.requests.send({
      method: 'DELETE',
      path: ['channels', attemptId],
      query: { reason },
      timeoutSeconds: OTHER_REQUESTS_WITHIN_SECONDS,
    });
  }
}
