import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** Asks the built api, in a process of its own, for the tree of its routes. */
const PRINT_ROUTES = `
  const { httpServer } = await import(process.argv[1]);
  const { readSettings } = await import(process.argv[2]);
  const { createLog } = await import(process.argv[3]);
  const { NO_TRACING } = await import(process.argv[4]);
  const settings = readSettings();
  const app = await httpServer(settings, createLog(settings, 'api'), NO_TRACING);
  console.log(app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }));
  await app.close();`;

/**
 * Every route that the built api answers on, as in `GET /agents/{}`: without the prefix of its version, with its
 * parameters unnamed, and without HEAD, which is GET.
 */
export async function registeredRoutes(variables: Record<string, string>): Promise<string[]> {
  const built = [
    'apps/api/http-server.js',
    'libs/environment/settings.js',
    'libs/environment/log.js',
    'libs/tracing/tracing.js',
  ];
  const files = built.map((file) => resolve('dist', file));
  const asked = spawn(process.execPath, ['--input-type=module', '-e', PRINT_ROUTES, ...files], {
    env: { ...process.env, ...variables, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  asked.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await once(asked, 'close');
  return routesIn(printed);
}

/** Each line is a further piece of the path of the line above it that is indented less. */
function routesIn(tree: string): string[] {
  const pieces: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', piece = '', methods = ''] = /^([│├└─\s]+)(\S+) \((.*)\)$/.exec(line) ?? [];
    if (piece === '') return [];
    const depth = indent.length / 4 - 1;
    pieces.splice(depth, Infinity, piece);
    const path = pieces
      .join('')
      .replace('/api/v1', '')
      .replaceAll(/:[^/]+/g, '{}');
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${path}`);
  });
}
