import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Node gets these too: naming 'import' or 'module' here would make require() load ES modules.
const conditions = ['ringfence-source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'test/**/*.spec.ts'],
    // Journeys wait for time limits and other processes more than they compute: with a worker for each of two cores, both were
    // idle for most of the time.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    globalSetup: ['test/global-stores.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
