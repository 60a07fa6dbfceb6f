import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '#environment/log.js';
import { hashOf, isWellFormed } from '#store/token-form.js';
import { TokensStore, type Caller } from '#store/tokens.store.js';
import { errors } from './http-errors.js';
import { KnownRoutes } from './known-routes.js';
import { needsToken } from './paths.js';
import { RateLimit } from './rate-limit.js';
import { WrongTokens } from './wrong-tokens.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set for every route that needs a token. */
    caller?: Caller;
    /** One of so many of its kind that a line in the log for each would only hide the others. */
    isOneOfMany?: boolean;
  }
}

/**
 * Stands before every request, before its body is even read: gives it an id, asks for the token (401), and counts it
 * against the limit (429).
 */
@Injectable()
export class RequestGate {
  private readonly routes = new KnownRoutes();

  constructor(
    private readonly tokens: TokensStore,
    private readonly rateLimit: RateLimit,
    private readonly wrongTokens: WrongTokens,
  ) {}

  install(server: FastifyInstance, log: Log): void {
    this.routes.install(server);
    server.addHook('onRequest', async (request, reply) => {
      // Answers are about people: no cache on the way keeps them.
      reply.headers({ 'x-request-id': request.id, 'cache-control': 'no-store' });
      const [path = ''] = request.url.split('?');
      if (needsToken(path)) await this.admit(request, reply);
      if (!request.is404) return;
      const methods = this.routes.methodsOf(path);
      if (methods.length > 0) throw errors.methodNotAllowed(methods);
    });
    server.addHook('onResponse', async (request, reply) => {
      if (request.isOneOfMany === true) return;
      log.log({
        requestId: request.id,
        method: request.method,
        // The pattern, never the path itself: paths carry numbers.
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
      });
    });
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = await this.authenticate(request);
    await this.countRequest(caller, reply);
    request.caller = caller;
  }

  private async authenticate(request: FastifyRequest): Promise<Caller> {
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) throw errors.unauthenticated();
    const hash = isWellFormed(token) ? hashOf(token) : null;
    const waitSeconds = this.wrongTokens.waitSeconds(request.ip, hash);
    if (waitSeconds !== null) throw errors.tooManyRequests(waitSeconds);
    const caller = hash === null ? null : await this.tokens.callerOf(token);
    // Not counted as wrong: whoever shows it had it, and a client that does not notice must not lock others out.
    if (caller === 'expired') throw errors.tokenExpired();
    if (hash === null || caller === null) {
      await this.wrongTokens.noteWrong(request.ip);
      throw errors.unauthenticated();
    }
    this.wrongTokens.noteGood(hash);
    return caller;
  }

  private async countRequest({ rateKey, rateLimitPerMinute }: Caller, reply: FastifyReply): Promise<void> {
    const state = await this.rateLimit.count(rateKey, rateLimitPerMinute);
    reply.headers({
      'x-ratelimit-limit': state.limit,
      'x-ratelimit-remaining': state.remaining,
      'x-ratelimit-reset': state.resetsAtSeconds,
    });
    if (state.retryAfterSeconds !== null) throw errors.tooManyRequests(state.retryAfterSeconds);
  }
}
