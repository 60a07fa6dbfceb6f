import type { FastifyInstance } from 'fastify';
import type { Call } from '#store/call.entity.js';
import type { Tracing } from '#tracing/tracing.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The call that it brought, and that was not there before. */
    takenCall?: Call;
  }
}

/** Makes a request that brought a call the root of the call's trace, once it is answered. */
export function traceIntake(server: FastifyInstance, tracing: Tracing): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { takenCall: call } = request;
    if (call !== undefined) {
      const { traceparent } = request.headers;
      tracing.takenIn({
        callId: call.id,
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        tookMs: reply.elapsedTime,
        traceparent: typeof traceparent === 'string' ? traceparent : undefined,
        told: {
          'http.response.status_code': reply.statusCode,
          'ringfence.call.id': call.id,
          'ringfence.call.state': call.status,
          'ringfence.reason': call.reason,
          'ringfence.environment.id': call.environmentId,
          'ringfence.campaign.id': call.campaignId,
          'ringfence.agent.id': call.agentId,
        },
      });
    }
    done();
  });
}
