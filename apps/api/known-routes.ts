import type { FastifyInstance } from 'fastify';

/** The routes of the server, to tell a path that is not there from a method that it does not take. */
export class KnownRoutes {
  private readonly methodsByPattern = new Map<string, Set<string>>();

  /** Before the routes are registered. */
  install(server: FastifyInstance): void {
    server.addHook('onRoute', ({ method, url }) => {
      const methods = this.methodsByPattern.get(url) ?? new Set();
      for (const one of [method].flat()) methods.add(one);
      this.methodsByPattern.set(url, methods);
    });
  }

  /** The methods that a path takes; none: there is no such path. */
  methodsOf(path: string): string[] {
    const found = [...this.methodsByPattern].filter(([pattern]) => fits(path, pattern));
    return [...new Set(found.flatMap(([, methods]) => [...methods]))].sort();
  }
}

function fits(path: string, pattern: string): boolean {
  if (pattern.includes('*')) return false;
  const [segments, wanted] = [path.split('/'), pattern.split('/')];
  return (
    segments.length === wanted.length &&
    wanted.every((want, place) => (want.startsWith(':') ? segments[place] !== '' : want === segments[place]))
  );
}
