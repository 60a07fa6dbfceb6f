import { isEnd, type Call, type CallEvent } from '../../apps/carrier/call.js';
import { Timers } from '../../apps/carrier/timers.js';

/** Requests take real time, whatever the speed of the calls: a channel must not end between two of them. */
const REQUESTS_TAKE_MS = 1_000;

/** A channel of the twin, from its creation to its end. */
export class TwinChannel {
  /** Of the call that it was dialled for; null: it was not dialled, or there is no such number. */
  call: Call | null = null;
  isDialled = false;
  /** The application that it is in; null: not yet, or it goes on in the dialplan. */
  inside: string | null = null;
  readonly variables: Map<string, string>;
  readonly createdAt = new Date();

  constructor(
    readonly id: string,
    /** The application that created it, and is told of it to its end. */
    readonly app: string,
    readonly endpoint: string,
    variables: Record<string, string>,
  ) {
    this.variables = new Map(Object.entries(variables));
  }

  /** In E.164. */
  get to(): string {
    return this.endpoint.replace(/^\w+\//, '').replace(/@.*$/, '');
  }

  get from(): string {
    return this.variables.get('CONNECTEDLINE(num,i)') ?? '';
  }

  /** Seconds from when it was set. */
  get absoluteTimeout(): number {
    return Number(this.variables.get('TIMEOUT(absolute)') ?? 0);
  }

  get state(): 'Down' | 'Ringing' | 'Up' {
    return this.call === null ? 'Down' : stateAfter(this.call.events);
  }

  /** As `GET /channels/{id}` and every event show it. */
  resource(state: string = this.state): Record<string, unknown> {
    const isInside = this.inside !== null;
    return {
      id: this.id,
      name: `${this.endpoint.split('@')[1] ?? 'trunk'}-${this.id.slice(0, 8)}`,
      state,
      protocol_id: '',
      caller: { name: '', number: this.variables.get('CALLERID(num)') ?? '' },
      connected: { name: '', number: this.from },
      accountcode: '',
      dialplan: {
        context: 'default',
        exten: 's',
        priority: 1,
        app_name: isInside ? 'Stasis' : '',
        app_data: isInside ? this.app : '',
      },
      creationtime: asAsteriskWrites(this.createdAt),
      language: 'en',
    };
  }
}

/** Channels by their id, while they live, and when each ends by itself. */
export class TwinChannels {
  private readonly alive = new Map<string, TwinChannel>();
  private readonly ends = new Map<string, NodeJS.Timeout | undefined>();
  private readonly timers = new Timers();

  constructor(private readonly speed: number) {}

  get(id: string): TwinChannel | undefined {
    const channel = this.alive.get(id);
    return channel?.call?.hasEnded === true ? undefined : channel;
  }

  of(call: Call): TwinChannel | undefined {
    return this.alive.get(call.id);
  }

  toldTo(app: string): TwinChannel[] {
    return [...this.alive.values()].filter(
      (channel) => channel.app === app && channel.call?.hasEnded !== true,
    );
  }

  add(channel: TwinChannel): void {
    this.alive.set(channel.id, channel);
  }

  /** Lets a channel end by itself as late from now as its variable says. */
  armTimeout(channel: TwinChannel, whenDue: () => void): void {
    this.timers.cancel(this.ends.get(channel.id));
    const seconds = channel.absoluteTimeout;
    if (seconds === 0) return;
    const dueMs = (seconds * 1000) / this.speed + REQUESTS_TAKE_MS;
    this.ends.set(channel.id, this.timers.after(dueMs, whenDue));
  }

  after(delayMs: number, act: () => void): void {
    this.timers.after(delayMs, act);
  }

  remove(channel: TwinChannel): void {
    this.timers.cancel(this.ends.get(channel.id));
    this.ends.delete(channel.id);
    this.alive.delete(channel.id);
  }

  close(): void {
    this.timers.stop();
  }
}

/** The state that a channel is left in by what has happened to its call; its end changes nothing about it. */
export function stateAfter(events: readonly CallEvent[]): 'Down' | 'Ringing' | 'Up' {
  const types = events.filter((event) => !isEnd(event)).map(({ type }) => type);
  return types.includes('answered') ? 'Up' : types.includes('ringing') ? 'Ringing' : 'Down';
}

export function asAsteriskWrites(at: Date): string {
  return at.toISOString().replace('Z', '+0000');
}
