import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Vitals } from '#environment/vitals.js';

/**
 * Watches over the answers of a server: a batch, or a pool of connections, that stands still keeps all of them waiting. From
 * when a request is whole to when its answer is known: how fast a client sends and reads says nothing of this process. Nor
 * do files, which are answered once their client has sent them.
 */
export function watchRequests(server: FastifyInstance, vitals: Vitals): void {
  const inHand = vitals.inHand('requests');
  const answered = new WeakMap<FastifyRequest, () => void>();
  server.addHook('preHandler', (request, _, done) => {
    const { body } = request;
    const isFile = typeof body === 'object' && body !== null && 'pipe' in body;
    if (!isFile) void inHand.during(() => new Promise<void>((resolve) => answered.set(request, resolve)));
    done();
  });
  server.addHook('onSend', (request, _, __, done) => {
    answered.get(request)?.();
    done();
  });
}
