import { isUUID } from 'class-validator';
import type { SingleAnswer } from '../single-request.js';
import type {
  CallConnection,
  CallListening,
  EventSocket,
  SocketEars,
  WaitingCall,
} from '../telephony-provider.js';
import { channelIn } from './ari-events.js';
import { readState } from './ari-outcomes.js';
import { handoverOf, VARIABLES } from './ari-place.js';
import type { AriRequest, AriRequests } from './ari-requests.js';
import { AriSocket } from './ari-socket.js';

const WITHIN_SECONDS = 5;

/** An application's description names every channel of it, some forty bytes each. */
const MOST_BYTES_OF_APPLICATION = 4 * 1024 * 1024;

/** How often a channel is asked about before it is left to the next socket. */
const MOST_ROUNDS = 3;

/** Channels asked after at once, when a socket has just been opened. */
const ASKED_AT_ONCE = 10;

/** The Stasis application: what is told of its channels, and how an answered one leaves it for its agent. */
export class AriListening implements CallListening {
  constructor(
    private readonly requests: AriRequests,
    private readonly app: string,
  ) {}

  async open(ears: SocketEars): Promise<EventSocket> {
    const socket = new AriSocket(
      this.requests.address(['events'], { app: this.app }),
      this.requests.authorization,
      ears,
    );
    try {
      await socket.opened;
      // That the application is there says that this very socket is what is told.
      await this.application();
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Answered, still in the dialplan application that creations put them in, and without the mark of a handover. */
  async waiting(found: (call: WaitingCall) => void): Promise<void> {
    let ids = await this.application();
    for (let round = 1; ids.length > 0 && round <= MOST_ROUNDS; round += 1)
      ids = await this.lookFor(ids, found);
    if (ids.length > 0) throw new Error(`of ${ids.length} channels nobody knows whether they wait`);
  }

  /** @returns those that it could not be asked about */
  private async lookFor(ids: string[], found: (call: WaitingCall) => void): Promise<string[]> {
    const left = [...ids];
    const unasked: string[] = [];
    const next = async (): Promise<void> => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        const isWaiting = await this.isWaiting(id).catch(() => null);
        if (isWaiting === null) unasked.push(id);
        else if (isWaiting) found({ attemptId: id, providerCallId: id });
      }
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, next));
    return unasked;
  }

  async connect(connection: CallConnection): Promise<'connected' | 'over' | 'failed'> {
    const { attemptId, maxDurationSeconds } = connection;
    const handover = handoverOf(connection);
    if (handover === null) {
      await this.ask({ method: 'DELETE', path: ['channels', attemptId] });
      return 'over';
    }
    // From now on, and no longer from its creation. It ends by itself either way, so that failing here is no reason to wait.
    const limit = this.set(attemptId, 'TIMEOUT(absolute)', String(maxDurationSeconds));
    const told = Object.entries(handover.variables).map(([name, value]) => this.set(attemptId, name, value));
    const answers = await Promise.all(told);
    await limit;
    // Where it is to go by what could not be set, it would go nowhere.
    if (!answers.every((given) => given.kind === 'answered' && (given.status < 300 || given.status === 404)))
      return 'failed';
    const answer = await this.ask(handover.request);
    if (answer.kind !== 'answered') return 'failed';
    const { status } = answer;
    // Gone, or not in the application any more: it was handed over before, by this very request or by another dialer's.
    if (status === 404 || status === 409) return 'over';
    if (status < 200 || status > 299) return 'failed';
    await this.set(attemptId, VARIABLES.connected, '1');
    return 'connected';
  }

  /** The channels that the application is told of. */
  private async application(): Promise<string[]> {
    const answer = await this.ask({
      method: 'GET',
      path: ['applications', this.app],
      mostBytes: MOST_BYTES_OF_APPLICATION,
    });
    if (answer.kind !== 'answered') throw new Error(answer.because);
    if (answer.status !== 200) throw new Error(`application_status_${answer.status}`);
    const { channel_ids: ids } = (answer.body ?? {}) as { channel_ids?: unknown };
    if (!Array.isArray(ids)) throw new Error('unreadable_answer');
    return ids.filter((id): id is string => isUUID(id));
  }

  private async isWaiting(id: string): Promise<boolean> {
    const answer = await this.ask({ method: 'GET', path: ['channels', id] });
    if (answer.kind !== 'answered' || (answer.status !== 200 && answer.status !== 404)) {
      throw new Error(answer.kind === 'answered' ? `channel_status_${answer.status}` : answer.because);
    }
    const channel = channelIn(answer.body);
    if (channel === null || readState(channel.state) !== 'answered') return false;
    const { dialplan } = answer.body as { dialplan?: { app_name?: unknown } };
    if (dialplan?.app_name !== 'Stasis') return false;
    const mark = await this.ask({
      method: 'GET',
      path: ['channels', id, 'variable'],
      query: { variable: VARIABLES.connected },
    });
    return mark.kind === 'answered' && mark.status === 404;
  }

  private set(id: string, variable: string, value: string): Promise<SingleAnswer> {
    return this.ask({ method: 'POST', path: ['channels', id, 'variable'], query: { variable, value } });
  }

  private ask(request: Omit<AriRequest, 'timeoutSeconds'>): Promise<SingleAnswer> {
    return this.requests.send({ ...request, timeoutSeconds: WITHIN_SECONDS });
  }
}
