import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { CallIntake, type Verdict } from '../../apps/carrier/call-intake.js';
import {
  addFaultRoutes,
  addLedgerRoute,
  emptyServer,
  type Carrier,
} from '../../apps/carrier/carrier-server.js';
import { FaultSwitches } from '../../apps/carrier/faults.js';
import { Ledger } from '../../apps/carrier/ledger.js';
import { LiveCalls } from '../../apps/carrier/live-calls.js';
import { RandomStream } from '../../apps/carrier/random-stream.js';
import { TwinChannel, TwinChannels } from './channels.js';
import { AriDescription, type ModelName, type OperationName } from './description.js';
import { Teller } from './teller.js';
import { TwinSocket } from './twin-socket.js';

export interface TwinSettings {
  user: string;
  password: string;
  /** Virtual seconds that pass in a real one. */
  speed: number;
  seed: number;
  ledgerFile: string;
}

/** The one trunk that the twin has. */
const ENDPOINT = /^PJSIP\/\+?[1-9]\d{6,14}@trunk$/;

/** So long after its creation a channel comes into its application: a dial that comes sooner is refused, as at Asterisk. */
const INTO_APPLICATION_MS = 3;

/** Causes of the reasons that the adapter gives. */
const CAUSES_OF_REASONS: Record<string, number> = { normal: 16, answered_elsewhere: 26 };

/**
 * A twin of Asterisk's REST interface: channels and the socket of events over real HTTP, requests, answers and events held
 * against its description. Behind it are the scripts, faults and ledger of the simulated carrier, so that the last two
 * digits of a number decide here too. What rings is a dial, so that is the request of the ledger. It forgets a channel with
 * its end, as Asterisk does, and would dial the same id again.
 */
export async function buildTwin(settings: TwinSettings, log: Logger): Promise<Carrier> {
  const { seed, speed } = settings;
  const ledger = await Ledger.open(settings.ledgerFile);
  const faults = new FaultSwitches();
  const description = new AriDescription();
  const channels = new TwinChannels(speed);
  const isKnown = (authorization: string | undefined) => authorization === basic(settings);
  const socket = new TwinSocket(description, isKnown, (type) =>
    ledger.record({ kind: 'callback', id: null, to: null, type }),
  );
  const teller = new Teller(channels, socket);
  const calls = new LiveCalls({ seed, speed, ledger, callbacks: teller, faults });
  const intake = new CallIntake({ seed, ledger, calls, faults });
  const twin = new Twin({ seed, description, channels, socket, teller, calls, intake, faults, ledger });

  const http = emptyServer(log);
  http.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/ari/') && !isKnown(request.headers.authorization))
      return refuse(reply, 401, 'Authentication required');
  });
  twin.addRoutes(http);
  addFaultRoutes(http, faults);
  addLedgerRoute(http, ledger);
  http.get('/health', () => ({ status: 'ok' }));
  http.put<{ Body: { down_ms: number } }>('/socket', ({ body }, reply) => {
    socket.breakFor(body.down_ms);
    return reply.code(204).send();
  });
  http.server.on('upgrade', (request, stream, head) => socket.upgrade(request, stream, head));
  const close = async () => {
    calls.close();
    channels.close();
    socket.close();
    await http.close();
    await ledger.close();
  };
  return { http, ledger, close };
}

type Parameters = Record<string, unknown>;

class Twin {
  private created = 0;

  constructor(
    private readonly house: {
      seed: number;
      description: AriDescription;
      channels: TwinChannels;
      socket: TwinSocket;
      teller: Teller;
      calls: LiveCalls;
      intake: CallIntake;
      faults: FaultSwitches;
      ledger: Ledger;
    },
  ) {}

  addRoutes(http: FastifyInstance): void {
    const route = (
      method: 'GET' | 'POST' | 'DELETE',
      url: string,
      of: OperationName,
      handle: (id: string, parameters: Parameters, reply: FastifyReply) => unknown,
    ) =>
      http.route({
        method,
        url: `/ari${url}`,
        handler: (request: FastifyRequest, reply: FastifyReply) => {
          const parameters = { ...(request.query as object), ...(request.body ?? {}) };
          const mistakes = this.house.description.mistakesInRequest(of, parameters);
          if (mistakes.length > 0) return refuse(reply, 400, mistakes.join('; '));
          return handle((request.params as { id?: string }).id ?? '', parameters, reply);
        },
      });
    route('POST', '/channels/create', 'create', (_, given, reply) => this.create(given, reply));
    route('POST', '/channels/:id/dial', 'dial', (id, given, reply) => this.dial(id, given, reply));
    route('GET', '/channels/:id', 'show', (id, _, reply) => this.show(id, reply));
    route('DELETE', '/channels/:id', 'hangUp', (id, given, reply) => this.hangUp(id, given, reply));
    route('POST', '/channels/:id/continue', 'continue', (id, given, reply) => this.leave(id, given, reply));
    route('POST', '/channels/:id/move', 'move', (id, given, reply) => this.move(id, given, reply));
    route('GET', '/channels/:id/variable', 'getVariable', (id, given, reply) => this.read(id, given, reply));
    route('POST', '/channels/:id/variable', 'setVariable', (id, given, reply) => this.set(id, given, reply));
    route('GET', '/applications/:id', 'application', (id, _, reply) => this.application(id, reply));
  }

  private create(given: Parameters, reply: FastifyReply): unknown {
    const { channels, socket } = this.house;
    const { endpoint, app, variables } = given as { endpoint: string; app: string; variables?: object };
    const id = (given.channelId as string | undefined) ?? `${Date.now() / 1000}.${++this.created}`;
    if (channels.get(id) !== undefined)
      return refuse(reply, 409, 'Channel with given unique ID already exists');
    // Asterisk has no other word for a trunk that is not there.
    if (!ENDPOINT.test(endpoint)) return refuse(reply, 500, 'Allocation failed');
    const channel = new TwinChannel(id, app, endpoint, { ...(variables as Record<string, string>) });
    channels.add(channel);
    channels.armTimeout(channel, () => this.timeOut(channel));
    channels.after(INTO_APPLICATION_MS, () => {
      // The application is asked for only now: without a socket it takes no channel, and the channel ends.
      if (!socket.isActive(app)) return channels.remove(channel);
      channel.inside = app;
      this.house.teller.of(channel, 'StasisStart', { args: [], channel: channel.resource() });
    });
    if (this.losesCreation(channel)) {
      this.note(channel, { type: 'creation_lost' });
      return drop(reply);
    }
    return this.answer(reply, 'Channel', channel.resource());
  }

  private async dial(id: string, { timeout = 0 }: Parameters, reply: FastifyReply): Promise<unknown> {
    const channel = this.inApplication(id, reply);
    if (channel === null) return reply;
    if (channel.state !== 'Down') return refuse(reply, 409, "Channel is not in the 'Down' state");
    channel.isDialled = true;
    const ringTimeoutSeconds = Number(timeout);
    const verdict = this.house.intake.receive({
      id,
      to: channel.to,
      from: channel.from,
      callback_url: 'http://nowhere.invalid',
      ring_timeout_seconds: ringTimeoutSeconds,
      // The variable is of the whole life of the channel.
      max_duration_seconds: channel.absoluteTimeout - ringTimeoutSeconds,
    });
    channel.call = verdict.call;
    return this.answerDial(channel, verdict, reply);
  }

  private async answerDial(
    channel: TwinChannel,
    { result, underWay }: Verdict,
    reply: FastifyReply,
  ): Promise<unknown> {
    switch (result) {
      case 'invalid_number':
        // The trunk says so: Asterisk has taken the dial by then.
        this.house.channels.after(1, () => this.end(channel, 1, 404));
        return done(reply);
      case 'accepted':
      case 'replayed':
        return done(reply);
      case 'rate_limited':
        return refuse(this.askPause(reply), 429, 'Too Many Requests');
      case 'overloaded':
      case 'too_late':
        return refuse(this.askPause(reply), 503, 'Service Unavailable');
      case 'error':
        await underWay;
        return refuse(reply, 500, 'Allocation failed');
      case 'dropped':
        await underWay;
        return drop(reply);
      case 'hung':
        reply.hijack();
        return undefined;
    }
  }

  private show(id: string, reply: FastifyReply): unknown {
    if (Number(this.house.faults.current.lookup_down) >= 1) return refuse(reply, 503, 'Service Unavailable');
    const channel = this.house.channels.get(id);
    return channel === undefined
      ? refuse(reply, 404, 'Channel not found')
      : this.answer(reply, 'Channel', channel.resource());
  }

  private hangUp(id: string, { reason = 'normal' }: Parameters, reply: FastifyReply): unknown {
    const channel = this.house.channels.get(id);
    if (channel === undefined) return refuse(reply, 404, 'Channel not found');
    if (channel.call !== null) this.house.calls.hangUp(channel.call);
    else this.end(channel, CAUSES_OF_REASONS[reason as string] ?? 127, null);
    return done(reply);
  }

  private leave(id: string, { context, extension }: Parameters, reply: FastifyReply): unknown {
    const channel = this.inApplication(id, reply);
    if (channel === null) return reply;
    channel.inside = null;
    this.noteHandover(channel, { context, extension });
    return done(reply);
  }

  private move(id: string, { app, appArgs }: Parameters, reply: FastifyReply): unknown {
    const channel = this.inApplication(id, reply);
    if (channel === null) return reply;
    channel.inside = app as string;
    this.noteHandover(channel, { app, app_args: appArgs });
    return done(reply);
  }

  private read(id: string, { variable }: Parameters, reply: FastifyReply): unknown {
    const channel = this.inApplication(id, reply);
    if (channel === null) return reply;
    const value = channel.variables.get(variable as string);
    return value === undefined
      ? refuse(reply, 404, 'Provided variable was not found')
      : this.answer(reply, 'Variable', { value });
  }

  private set(id: string, { variable, value }: Parameters, reply: FastifyReply): unknown {
    const channel = this.inApplication(id, reply);
    if (channel === null) return reply;
    channel.variables.set(variable as string, value as string);
    if (variable === 'TIMEOUT(absolute)')
      this.house.channels.armTimeout(channel, () => this.timeOut(channel));
    return done(reply);
  }

  private application(app: string, reply: FastifyReply): unknown {
    if (!this.house.socket.isRegistered(app)) return refuse(reply, 404, 'Application does not exist');
    return this.answer(reply, 'Application', {
      name: app,
      channel_ids: this.house.channels.toldTo(app).map(({ id }) => id),
      bridge_ids: [],
      endpoint_ids: [],
      device_names: [],
      events_allowed: [],
      events_disallowed: [],
    });
  }

  /** The channel, where it is in an application; else the request is refused as Asterisk does. */
  private inApplication(id: string, reply: FastifyReply): TwinChannel | null {
    const channel = this.house.channels.get(id);
    if (channel !== undefined && channel.inside !== null) return channel;
    if (channel === undefined) refuse(reply, 404, 'Channel not found');
    else refuse(reply, 409, 'Channel not in Stasis application');
    return null;
  }

  private timeOut(channel: TwinChannel): void {
    if (channel.call === null) this.end(channel, 0, null);
    else this.house.calls.hangUp(channel.call);
  }

  private end(channel: TwinChannel, cause: number, techCause: number | null): void {
    if (this.house.channels.get(channel.id) !== channel) return;
    this.house.channels.remove(channel);
    this.house.teller.end(channel, channel.state, cause, techCause);
  }

  private noteHandover(channel: TwinChannel, to: Record<string, unknown>): void {
    this.house.teller.of(channel, 'StasisEnd', { channel: channel.resource() });
    this.note(channel, { type: 'handover', ...to, variables: Object.fromEntries(channel.variables) });
  }

  private note({ id, to }: TwinChannel, fields: Record<string, unknown>): void {
    this.house.ledger.record({ kind: 'callback', id, to, ...fields });
  }

  /** The answer to a creation is lost by the same chance as that to a dial, and by a draw of its own. */
  private losesCreation({ to }: TwinChannel): boolean {
    const { seed, faults } = this.house;
    return new RandomStream(seed, to, ++this.created, 'creation').chance(faults.current.answer_lost);
  }

  private askPause(reply: FastifyReply): FastifyReply {
    const seconds = this.house.faults.current.retry_after_seconds;
    return seconds ? reply.header('retry-after', seconds.toString()) : reply;
  }

  /** An answer that Asterisk would not give proves nothing about its adapter. */
  private answer(reply: FastifyReply, of: ModelName, body: object): FastifyReply {
    const mistakes = this.house.description.mistakesInModel(of, body);
    if (mistakes.length > 0)
      throw new Error(`The twin answers what Asterisk does not: ${mistakes.join('; ')}`);
    return reply.header('date', new Date().toUTCString()).send(body);
  }
}

function basic({ user, password }: TwinSettings): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function done(reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}

function drop(reply: FastifyReply): undefined {
  reply.hijack();
  reply.raw.destroy();
  return undefined;
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send({ message });
}
