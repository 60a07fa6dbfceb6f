import { Injectable, Logger, type RawBodyRequest } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Carriers } from '#telephony/carriers.js';
import type {
  AnsweredCall,
  CallAnswering,
  CarrierCallback,
  IncomingRequest,
  TelephonyProvider,
} from '#telephony/telephony-provider.js';
import { errors, type ApiError } from '../http-errors.js';
import { ANSWER_PATTERN, isCalledByCarriers } from '../paths.js';
import { ForgedCallbacks } from './forged-callbacks.js';

/** The largest callback that is read at all. */
const MAX_CALLBACK_BYTES = 64 * 1024;

/**
 * Stands before the callbacks of carriers, which anybody can call: what the carrier did not sign is refused before its
 * body is read where its headers show it, else before anything of it is parsed, and always without the database. What it
 * did sign is taken however many forged ones come from the same address: it may be that of a proxy before them all.
 */
@Injectable()
export class CallbackGate {
  private readonly log = new Logger('callbacks');
  private readonly forged = new ForgedCallbacks();

  constructor(private readonly carriers: Carriers) {}

  /** Before the routes are registered. */
  install(server: FastifyInstance): void {
    server.addHook('onRoute', (route) => {
      if (isCalledByCarriers(route.url)) route.bodyLimit = MAX_CALLBACK_BYTES;
    });
    server.addHook('onRequest', async (request, reply) => {
      const { url } = request.routeOptions;
      if (!isCalledByCarriers(url)) return;
      const provider = this.providerOf(request);
      if (url === ANSWER_PATTERN && provider.answering === null) throw errors.notFound();
      if (!provider.claimsSignature(request.headers)) throw this.refusal(request, reply);
    });
  }

  /**
   * What a callback tells, and the trunk whose carrier tells it.
   * @throws ApiError when the carrier did not sign it
   * @throws MalformedCallback when it did, and it cannot be read
   */
  async verified(
    request: RawBodyRequest<FastifyRequest>,
    reply: FastifyReply,
  ): Promise<{ trunk: string; callbacks: CarrierCallback[] }> {
    const provider = this.providerOf(request);
    const callbacks = await provider.readCallbacks(asItCame(request));
    if (callbacks === null) throw this.refusal(request, reply);
    return { trunk: provider.name, callbacks };
  }

  /**
   * The call that the carrier asks about.
   * @throws ApiError when the carrier did not sign it, or does not ask
   * @throws MalformedCallback when it cannot be read
   */
  question(
    request: RawBodyRequest<FastifyRequest>,
    reply: FastifyReply,
  ): { call: AnsweredCall; trunk: string; answering: CallAnswering } {
    const { answering, name: trunk } = this.providerOf(request);
    if (answering === null) throw errors.notFound();
    const call = answering.readQuestion(asItCame(request));
    if (call === null) throw this.refusal(request, reply);
    return { call, trunk, answering };
  }

  /** @throws ApiError where no trunk has the name that was called */
  private providerOf(request: FastifyRequest): TelephonyProvider {
    const provider = this.carriers.named((request.params as { trunk: string }).trunk);
    if (provider === null) throw errors.notFound();
    return provider;
  }

  /** Ends the connection too: whoever forges shall not have the next one for less. */
  private refusal(request: FastifyRequest, reply: FastifyReply): ApiError {
    void reply.header('connection', 'close');
    const excess = this.forged.note(request.ip);
    if (excess === null) return errors.callbackNotSigned();
    if (excess.isFirst) this.log.warn({ forgedCallbacksFrom: excess.network });
    request.isOneOfMany = true;
    return errors.tooManyRequests(excess.waitSeconds);
  }
}

function asItCame(request: RawBodyRequest<FastifyRequest>): IncomingRequest {
  return { path: request.url, headers: request.headers, rawBody: request.rawBody ?? Buffer.alloc(0) };
}
