import type { FastifyInstance } from 'fastify';
import type { Metrics } from '#metrics/metrics.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the error that it was answered with. */
    errorCode?: string;
  }
}

/** Counts and times the requests of a server, once each is answered, by the pattern of its route: paths carry numbers. */
export function measureRequests(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onResponse', (request, reply, done) => {
    const labels = {
      method: request.method,
      route: request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown'),
      status: `${Math.floor(reply.statusCode / 100)}xx`,
    };
    metrics.observe('ringfence_http_request_duration_seconds', labels, reply.elapsedTime / 1000);
    const { errorCode } = request;
    if (errorCode !== undefined) metrics.count('ringfence_http_errors_total', { code: errorCode });
    done();
  });
}
