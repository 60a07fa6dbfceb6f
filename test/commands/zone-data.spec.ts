import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Runs before the process does: the pinned data as it was before British Columbia's law of 2026. */
const STALE = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from 'node:module';
  const packed = createRequire(${JSON.stringify(import.meta.url)})('moment-timezone/data/packed/latest.json');
  const losAngeles = packed.zones.find((zone) => zone.startsWith('America/Los_Angeles|'));
  packed.zones = packed.zones.map((zone) =>
    zone.startsWith('America/Vancouver|') ? losAngeles.replace('Los_Angeles', 'Vancouver') : zone,
  );
`)}`;

describe.each(['api', 'dialer'])('a start of the %s', (app) => {
  it('is refused on zone data that is older than the law, with every other mistake in what it was given', async () => {
    const child = spawn(process.execPath, ['--import', STALE, resolve(`dist/apps/${app}/main.js`)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', PORT: '99999' },
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const status = await new Promise((ended) => child.on('close', ended));
    expect(status).toBe(78);
    expect(said).toMatch(
      /America\/Vancouver is -7 hours east of UTC at 2026-12-15T12:00Z; zone data \w+ says -8/,
    );
    expect(said).toMatch(/^ {2}- PORT /m);
  });
});
