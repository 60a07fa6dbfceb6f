import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('a command whose queue cannot be reached ends, and says so', () => {
  const script = `
    import { openJobQueue } from './dist/libs/jobs/open-job-queue.js';
    await openJobQueue({
      redisUrl: undefined, isCluster: false, databaseUrl: 'postgres://nobody@127.0.0.1:1/none', prefix: 'test', shards: 1,
    });
  `;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { timeout: 20_000 });
  expect(run.error).toBeUndefined();
  expect(run.status).not.toBe(0);
  expect(run.stderr.toString()).toContain('ECONNREFUSED');
});
