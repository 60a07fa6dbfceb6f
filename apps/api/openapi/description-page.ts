import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface PageFile {
  type: string;
  bytes: Buffer;
  zipped: Buffer;
}

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Ringfence API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="description"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#description',
  deepLinking: true,
  docExpansion: 'none',
  // Asks no other server whether the description is right.
  validatorUrl: null,
});
`;

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLES = 'text/css; charset=utf-8';

/** Where the page's program lies: Swagger UI, as @fastify/swagger-ui carries it, built and without install scripts. */
const STATIC = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static');

const FILES: Record<string, { type: string; read: () => Buffer }> = {
  'start.js': { type: SCRIPT, read: () => Buffer.from(START) },
  'swagger-ui-bundle.js': { type: SCRIPT, read: () => readFileSync(join(STATIC, 'swagger-ui-bundle.js')) },
  'swagger-ui.css': { type: STYLES, read: () => readFileSync(join(STATIC, 'swagger-ui.css')) },
};

/** The page that shows the description, from this server alone; each file is read when it is first asked for. */
export class DescriptionPage {
  /** Nothing from elsewhere is loaded, and nothing is sent elsewhere. Swagger UI styles in place and draws by data. */
  static readonly contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";

  readonly html = HTML;
  private readonly read = new Map<string, PageFile>();

  /** @param document as JSON */
  constructor(readonly document: string) {}

  /** A file of the page by its name, or null. */
  file(name: string): PageFile | null {
    const known = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (known === undefined) return null;
    const before = this.read.get(name);
    if (before !== undefined) return before;
    const bytes = known.read();
    const file = { type: known.type, bytes, zipped: gzipSync(bytes) };
    this.read.set(name, file);
    return file;
  }
}
